/**
 * Weights that outlast memory errors: in-place zero-space protection (Guan et al., NeurIPS 2019,
 * arXiv:1910.14479) for language models, with a real decoder at memory speed.
 *
 * <p>{@link ai.kindred.reliability.ProtectedModel} protects a loaded model in one call and undoes
 * it in another, {@link ai.kindred.reliability.Scrubber} repairs in the background, {@link
 * ai.kindred.reliability.ProtectedFolder} keeps a protected model on disk. {@link
 * ai.kindred.reliability.code} has the codes, {@link ai.kindred.reliability.fit} makes weights fit
 * them, {@link ai.kindred.reliability.fault} breaks memory on purpose.
 *
 * <p>Which to choose: {@link ai.kindred.reliability.Reading#IN_KERNEL} with codewords, which costs
 * neither memory nor speed; {@link ai.kindred.reliability.Reading#WORKING_COPY} for formats that
 * kernels cannot read, or not fast; {@link ai.kindred.reliability.ProtectionOptions#beside} where
 * weights must not change at all.
 */
@NullMarked
package ai.kindred.reliability;

import org.jspecify.annotations.NullMarked;
