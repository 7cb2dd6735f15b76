/**
 * Networks that sort images into classes, to be put to the test: {@link
 * ai.kindred.reliability.network.SmallCnn}, {@link ai.kindred.reliability.network.Vgg}, {@link
 * ai.kindred.reliability.network.ResNet} and {@link ai.kindred.reliability.network.SqueezeNet} in
 * sizes for Fashion-MNIST ({@link ai.kindred.reliability.network.Architecture}), and the ResNets
 * that others have trained on CIFAR-10 ({@link ai.kindred.reliability.network.CifarResNet}).
 *
 * <p>A network is a record of layers ({@link ai.kindred.core.nn.Layer}): rewrite its tree to
 * quantise, protect or watch them. {@link ai.kindred.reliability.network.TrainedNetwork} is one in
 * a folder, ready for a campaign.
 */
@NullMarked
package ai.kindred.reliability.network;

import org.jspecify.annotations.NullMarked;
