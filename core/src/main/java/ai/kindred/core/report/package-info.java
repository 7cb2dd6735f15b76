/**
 * What remains of a run, and how people read it.
 *
 * <ul>
 *   <li>{@link ai.kindred.core.report.RunDirectory} writes a run down while it happens: config,
 *       seed, versions, checksums, events, results. {@link ai.kindred.core.report.RunRecord} reads
 *       it, also after a kill.
 *   <li>{@link ai.kindred.core.report.Table} is one table for the terminal, Markdown, HTML and CSV.
 *   <li>{@link ai.kindred.core.report.HtmlReport} is one self-contained page with tables and {@link
 *       ai.kindred.core.report.Plot plots}; whatever it shows has an {@link
 *       ai.kindred.core.report.Origin}: the command and the seed that gave it.
 *   <li>{@link ai.kindred.core.report.Progress} shows how far a long job is.
 *   <li>Observers for the training loop: {@code RunDirectory} itself, {@link
 *       ai.kindred.core.report.ProgressObserver}, {@link ai.kindred.core.report.CurveObserver},
 *       {@link ai.kindred.core.report.EarlyStop}.
 * </ul>
 */
@NullMarked
package ai.kindred.core.report;

import org.jspecify.annotations.NullMarked;
