/** Commands that protect a model's weights, break them on purpose, and look at their sizes. */
@NullMarked
package ai.kindred.examples.reliability;

import org.jspecify.annotations.NullMarked;
