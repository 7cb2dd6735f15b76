package ai.kindred.core.data;

import ai.kindred.core.kernel.Key;

/**
 * The endless order in which examples of several tasks are trained on. What comes at a position
 * depends on the position, the sizes, the mixing and the key alone, so a run resumes by remembering
 * one number.
 *
 * <p>Each cycle holds exactly {@link Mixing#draws} draws of each task, shuffled anew. A task's
 * draws go round its examples in shuffled rounds: after any number of whole cycles no example has
 * come more than once oftener than another of its task.
 */
public final class MixedOrder {

  /** An example of a task, both counted from 0. */
  public record Draw(int task, int example) {}

  private final int[] sizes;
  private final long[] draws;
  private final long[] ends;
  private final Key cycles;
  private final Key rounds;

  /**
   * An order over tasks.
   *
   * @param sizes training examples of each task, each at least 1
   */
  public MixedOrder(int[] sizes, Mixing mixing, Key key) {
    if (sizes.length == 0) {
      throw new IllegalArgumentException("a mixture needs at least one task");
    }
    for (int task = 0; task < sizes.length; task++) {
      if (sizes[task] < 1) {
        throw new IllegalArgumentException(
            "a mixture needs an example of each task, task " + task + " has " + sizes[task]);
      }
    }
    this.sizes = sizes.clone();
    this.draws = mixing.draws(sizes);
    this.ends = draws.clone();
    for (int task = 1; task < ends.length; task++) {
      ends[task] += ends[task - 1];
    }
    this.cycles = key.fold("cycle");
    this.rounds = key.fold("round");
  }

  /** Number of draws in one cycle. */
  public long cycle() {
    return ends[ends.length - 1];
  }

  /** What comes at a position, 0 or more. */
  public Draw at(long position) {
    if (position < 0) {
      throw new IndexOutOfBoundsException("a position is 0 or more, not " + position);
    }
    long cycle = position / cycle();
    long slot = new KeyedPermutation(cycle(), cycles.fold(cycle)).at(position % cycle());
    int task = task(slot);
    long earlier = Math.multiplyExact(cycle, draws[task]);
    long draw = earlier + slot - (ends[task] - draws[task]);
    Key round = rounds.fold(task).fold(draw / sizes[task]);
    long example = new KeyedPermutation(sizes[task], round).at(draw % sizes[task]);
    return new Draw(task, (int) example);
  }

  private int task(long slot) {
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (slot < ends[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
