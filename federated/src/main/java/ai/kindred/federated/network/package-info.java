/**
 * Networks that clients train: {@link ai.kindred.federated.network.MultilayerPerceptron} (logistic
 * regression where it has no hidden layer), {@link
 * ai.kindred.federated.network.ConvolutionalNetwork} and {@link
 * ai.kindred.federated.network.GroupNormResNet} for images, {@link
 * ai.kindred.federated.network.Lstm} for text. {@link ai.kindred.federated.network.Classification}
 * and {@link ai.kindred.federated.network.NextToken} make objectives and per-client scores of them.
 * None has state that depends on a batch.
 */
@NullMarked
package ai.kindred.federated.network;

import org.jspecify.annotations.NullMarked;
