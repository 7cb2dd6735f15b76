/**
 * What the server does with merged answers: {@link ai.kindred.federated.server.ServerOptimizer}s
 * move the model, {@link ai.kindred.federated.server.RobustMerge}s take the place of the mean where
 * clients may be broken or hostile. All of it is ND4J code on one flat vector of double.
 */
@NullMarked
package ai.kindred.federated.server;

import org.jspecify.annotations.NullMarked;
