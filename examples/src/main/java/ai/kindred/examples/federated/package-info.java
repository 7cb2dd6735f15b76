/** Commands of federated learning: {@code epsilon}. */
@NullMarked
package ai.kindred.examples.federated;

import org.jspecify.annotations.NullMarked;
