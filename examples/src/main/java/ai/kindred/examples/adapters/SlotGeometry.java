package ai.kindred.examples.adapters;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * How the rank vectors of several tasks' adapters lie to each other: whether vectors of one rank
 * slot are alike, and whether the adapters span the same space however its vectors are numbered.
 *
 * @param within mean cosine of vectors of the same slot of different tasks
 * @param between mean cosine of vectors of different slots of different tasks
 * @param slotShare share of the variance that lies between slots' means; by chance about (slots -
 *     1) / (tasks x slots - 1)
 * @param overlap mean over pairs of tasks of the squared cosines of the principal angles between
 *     their spans: 1 for the same space; by chance about slots / dimension
 */
record SlotGeometry(double within, double between, double slotShare, double overlap) {

  /**
   * Of vectors [tasks][slots][dimension], at least two tasks.
   *
   * @throws IllegalArgumentException if there are fewer tasks
   */
  static SlotGeometry of(double[][][] vectors) {
    if (vectors.length < 2) {
      throw new IllegalArgumentException("slots are compared between at least 2 tasks");
    }
    double[] same = new double[2];
    double[] other = new double[2];
    double overlap = 0;
    int pairs = 0;
    for (int s = 0; s < vectors.length; s++) {
      for (int t = 0; t < s; t++) {
        for (int k = 0; k < vectors[s].length; k++) {
          for (int l = 0; l < vectors[t].length; l++) {
            double[] mean = k == l ? same : other;
            mean[0] += cosine(vectors[s][k], vectors[t][l]);
            mean[1]++;
          }
        }
        overlap += overlap(vectors[s], vectors[t]);
        pairs++;
      }
    }
    return new SlotGeometry(
        same[0] / same[1],
        other[1] == 0 ? 0 : other[0] / other[1],
        slotShare(vectors),
        overlap / pairs);
  }

  /** The cosine; 0 where a vector is zero. */
  static double cosine(double[] a, double[] b) {
    double norms = Math.sqrt(dot(a, a) * dot(b, b));
    return norms == 0 ? 0 : dot(a, b) / norms;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  private static double slotShare(double[][][] vectors) {
    int tasks = vectors.length;
    int slots = vectors[0].length;
    int width = vectors[0][0].length;
    double between = 0;
    double total = 0;
    for (int d = 0; d < width; d++) {
      double mean = 0;
      double[] bySlot = new double[slots];
      for (double[][] task : vectors) {
        for (int k = 0; k < slots; k++) {
          bySlot[k] += task[k][d] / tasks;
          mean += task[k][d] / (tasks * slots);
        }
      }
      for (int k = 0; k < slots; k++) {
        between += tasks * square(bySlot[k] - mean);
        for (double[][] task : vectors) {
          total += square(task[k][d] - mean);
        }
      }
    }
    return total == 0 ? 0 : between / total;
  }

  private static double square(double x) {
    return x * x;
  }

  /**
   * The trace of the product of the projections on both spans, by the smaller dimension: 1 where
   * one span holds the other. After phi of Hu et al. (LoRA), section 7.2.
   */
  static double overlap(double[][] a, double[][] b) {
    RealMatrix first = new Array2DRowRealMatrix(a, false);
    RealMatrix second = new Array2DRowRealMatrix(b, false);
    RealMatrix across = first.multiply(second.transpose());
    SingularValueDecomposition own = new SingularValueDecomposition(gram(first));
    SingularValueDecomposition others = new SingularValueDecomposition(gram(second));
    int smaller = Math.min(own.getRank(), others.getRank());
    if (smaller == 0) {
      return 0;
    }
    RealMatrix product =
        own.getSolver()
            .getInverse()
            .multiply(across)
            .multiply(others.getSolver().getInverse())
            .multiply(across.transpose());
    return product.getTrace() / smaller;
  }

  private static RealMatrix gram(RealMatrix rows) {
    return rows.multiply(rows.transpose());
  }
}
