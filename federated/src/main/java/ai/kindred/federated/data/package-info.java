/**
 * Whose examples are whose. {@link ai.kindred.federated.data.Partitions} gives examples out to
 * clients: at random, by label (Dirichlet or shards), or by the people they come from; {@link
 * ai.kindred.federated.data.ThreeWaySplit} keeps examples and clients apart to measure on; {@link
 * ai.kindred.federated.data.PartitionSummary} says how uneven the result is.
 *
 * <p>Data sets with people in them: {@link ai.kindred.federated.data.Omniglot} (drawers), {@link
 * ai.kindred.federated.data.Shakespeare} (roles), {@link ai.kindred.federated.data.StackExchange}
 * (users), {@link ai.kindred.federated.data.MovieLens} (users). {@link
 * ai.kindred.federated.data.FashionMnist} has none: partition it by label.
 */
@NullMarked
package ai.kindred.federated.data;

import org.jspecify.annotations.NullMarked;
