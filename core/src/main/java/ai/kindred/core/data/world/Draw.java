package ai.kindred.core.data.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** The few kinds of random draw that the world is made of. */
final class Draw {

  private Draw() {}

  static <T> T of(SplittableRandom random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  static <T> T of(SplittableRandom random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** n different values in random order. */
  static <T> List<T> distinct(SplittableRandom random, T[] values, int n) {
    List<T> all = new ArrayList<>(Arrays.asList(values));
    shuffle(random, all);
    return List.copyOf(all.subList(0, n));
  }

  /** Fisher-Yates, in place. */
  static void shuffle(SplittableRandom random, List<?> values) {
    for (int i = values.size() - 1; i > 0; i--) {
      Collections.swap(values, i, random.nextInt(i + 1));
    }
  }

  /** A standard normal value (SplittableRandom has none on Java 17's own type). */
  static double gaussian(SplittableRandom random) {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
