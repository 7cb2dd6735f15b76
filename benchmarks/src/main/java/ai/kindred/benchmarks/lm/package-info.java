/**
 * What language-model work costs, as a program: generation, prefill, fine-tuning steps. The figures
 * mean something only beside a peer's in the same sitting on the same machine.
 */
@NullMarked
package ai.kindred.benchmarks.lm;

import org.jspecify.annotations.NullMarked;
