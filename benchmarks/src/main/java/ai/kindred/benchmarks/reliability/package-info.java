/** What codes and protected models cost. */
@NullMarked
package ai.kindred.benchmarks.reliability;

import org.jspecify.annotations.NullMarked;
