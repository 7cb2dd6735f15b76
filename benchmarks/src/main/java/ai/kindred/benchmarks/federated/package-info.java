/** Rounds of federated learning, timed: client steps a second, what a client costs the engine. */
@NullMarked
package ai.kindred.benchmarks.federated;

import org.jspecify.annotations.NullMarked;
