/**
 * Federated learning: {@code federate}, training across clients beside training on their pooled
 * examples, and {@code epsilon}, what noise promises.
 *
 * <p>{@code Federation} is the job as a program; the command only reads options.
 */
@NullMarked
package ai.kindred.examples.federated;

import org.jspecify.annotations.NullMarked;
