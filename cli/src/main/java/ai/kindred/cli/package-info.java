/**
 * The command line: {@code kindred COMMAND [OPTION]...}.
 *
 * <p>{@link Kindred} is the frame; it knows no command by name. Each module brings its own through
 * a {@link CommandProvider}, found by {@link java.util.ServiceLoader}. A command is an ordinary
 * picocli class that has an {@link Output} as mixin: results go through it to standard output, as
 * text or, with {@code --json}, as one JSON object a line. Everything else (progress, warnings,
 * errors) goes to standard error.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 bad usage, 130 stopped by Ctrl-C.
 */
@NullMarked
package ai.kindred.cli;

import org.jspecify.annotations.NullMarked;
