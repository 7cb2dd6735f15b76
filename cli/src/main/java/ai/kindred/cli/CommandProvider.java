package ai.kindred.cli;

import java.util.List;

/**
 * Brings commands to {@code kindred}. A module names its provider in {@code
 * META-INF/services/ai.kindred.cli.CommandProvider}.
 */
public interface CommandProvider {

  /**
   * Fresh command objects: {@link Runnable} or {@link java.util.concurrent.Callable} of an exit
   * code, annotated with picocli's {@code @Command}. The first line of the description is the
   * command's entry in the list of {@code kindred --help} and must fit one line there.
   */
  List<Object> commands();
}
