/**
 * Federated algorithms, one readable file each: what the server sends, what a client does, how the
 * model moves. {@link ai.kindred.federated.algorithm.FedAvg} first; {@link
 * ai.kindred.federated.algorithm.Scaffold} where clients differ and take many steps; {@link
 * ai.kindred.federated.algorithm.FedNova} where they take different numbers of steps.
 */
@NullMarked
package ai.kindred.federated.algorithm;

import org.jspecify.annotations.NullMarked;
