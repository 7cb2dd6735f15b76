package ai.kindred.core.train;

import java.util.Iterator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The data of each step. It depends on the step alone, so a run that was stopped goes on with the
 * data that it would have seen.
 *
 * @param <B> a batch's tree of tensors
 */
@FunctionalInterface
public interface Batches<B> {

  /**
   * The batches of a step, counted from 0: one, or several whose gradients are added up because
   * together they do not fit in memory.
   */
  List<Batch<B>> at(long step);

  /** One batch a step. */
  static <B> Batches<B> single(LongFunction<Batch<B>> batch) {
    return step -> List.of(batch.apply(step));
  }

  /**
   * Batches from iterators: {@code from.apply(step)} iterates from that step on. It is called for
   * the first step and wherever steps do not follow each other. For one run at a time.
   */
  static <B> Batches<B> following(LongFunction<Iterator<List<Batch<B>>>> from) {
    return new Batches<>() {
      private @Nullable Iterator<List<Batch<B>>> iterator;
      private long next;

      @Override
      public List<Batch<B>> at(long step) {
        Iterator<List<Batch<B>>> it = iterator;
        if (it == null || next != step) {
          it = from.apply(step);
          iterator = it;
        }
        if (!it.hasNext()) {
          throw new TrainingException(
              "the data end before step "
                  + step
                  + ": give data that repeat, or ask for "
                  + step
                  + " steps");
        }
        next = step + 1;
        return it.next();
      }
    };
  }
}
