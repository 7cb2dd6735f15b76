/**
 * Codes that find and undo flipped bits in int8 weights, on words of eight weights in native
 * memory.
 *
 * <p>Which to choose. {@link ai.kindred.reliability.code.InPlaceSecded57} costs no memory and needs
 * the first seven weights of each eight in [-64, 63]; {@link
 * ai.kindred.reliability.code.InPlaceSecded56} needs all eight there and miscorrects half as many
 * triple flips; {@link ai.kindred.reliability.code.Secded72} takes any weights and 12.5 % more
 * memory. The others are baselines: {@link ai.kindred.reliability.code.ParityZero}, {@link
 * ai.kindred.reliability.code.NeighbourAverage}, {@link ai.kindred.reliability.code.Bch78} (two
 * flips a word, 25 % more memory) and {@link ai.kindred.reliability.code.TripleModularRedundancy}.
 *
 * <pre>{@code
 * Words words = Words.allocate(weights.length, code.checkBytes());
 * words.bytes().put(weights);
 * code.encode(words);
 * Repairs found = code.repair(words, DamageHandler.KEEP);   // as often as wanted
 * code.decode(words, words, DamageHandler.KEEP);            // plain weights again
 * }</pre>
 *
 * <p>These are codes against random errors. They are public and linear: whoever can choose which
 * bits flip can forge a word.
 */
@NullMarked
package ai.kindred.reliability.code;

import org.jspecify.annotations.NullMarked;
