package ai.kindred.peft;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters by plain loops in double precision: {@code y = x W + scale sum_ki g_k^i(x)
 * sum_l (x a) b}, where an adapter's kind says which row a and column b are (k, i, l)'s.
 *
 * @param slots routers
 * @param experts experts a slot; routed where {@code router} is not null
 * @param p rank of an expert
 * @param scale of what is added
 * @param router temperature and top-k, or null where every weight is one
 * @param row of A
 * @param column of B
 */
record Naive(
    int slots,
    int experts,
    int p,
    double scale,
    @Nullable RouterConfig router,
    Place row,
    Place column) {

  interface Place {
    int of(int k, int i, int l);
  }

  /** Tensors of one adapter and its input, row by row. */
  @SuppressWarnings("ArrayRecordComponent") // matrices for loops; nobody compares them
  record Values(
      double[][] w, double[][] a, double[][] b, double[][] router, double[] bias, double[][] x) {}

  static Naive lora(int r, double scale) {
    return new Naive(1, 1, r, scale, null, (k, i, l) -> l, (k, i, l) -> l);
  }

  static Naive moLora(int m, int r, double scale, RouterConfig router) {
    Place place = (k, i, l) -> i * r + l;
    return new Naive(1, m, r, scale, router, place, place);
  }

  static Naive moLoraSharedDown(int m, int r, double scale, RouterConfig router) {
    return new Naive(1, m, r, scale, router, (k, i, l) -> l, (k, i, l) -> i * r + l);
  }

  static Naive mode(int m, int r, int p, double scale, RouterConfig router) {
    return new Naive(
        r / p, m, p, scale, router, (k, i, l) -> k * p + l, (k, i, l) -> (k * m + i) * p + l);
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double temperature(RouterConfig router) {
    return router.temperature();
  }

  /** g[k][i] for one token. */
  double[][] weights(Values v, double[] x) {
    double[][] g = new double[slots][experts];
    if (router == null) {
      g[0][0] = 1;
      return g;
    }
    for (int k = 0; k < slots; k++) {
      double[] score = new double[experts];
      for (int i = 0; i < experts; i++) {
        int at = k * experts + i;
        score[i] = (dot(x, v.router()[at]) + v.bias()[at]) / temperature(router);
      }
      Integer topK = router.topK();
      List<Integer> chosen = new ArrayList<>(IntStream.range(0, experts).boxed().toList());
      chosen.sort(Comparator.comparingDouble(i -> -score[i]));
      chosen = chosen.subList(0, topK == null ? experts : topK);
      double all = 0;
      for (int i : chosen) {
        all += Math.exp(score[i]);
      }
      for (int i : chosen) {
        g[k][i] = Math.exp(score[i]) / all;
      }
    }
    return g;
  }

  /** y [T][out]. */
  double[][] forward(Values v) {
    double[][] y = new double[v.x().length][v.w().length];
    for (int t = 0; t < y.length; t++) {
      double[] x = v.x()[t];
      double[][] g = weights(v, x);
      for (int q = 0; q < v.w().length; q++) {
        y[t][q] = dot(x, v.w()[q]);
      }
      for (int k = 0; k < slots; k++) {
        for (int i = 0; i < experts; i++) {
          for (int l = 0; l < p; l++) {
            double h = dot(x, v.a()[row.of(k, i, l)]);
            for (int q = 0; q < v.w().length; q++) {
              y[t][q] += scale * g[k][i] * h * v.b()[q][column.of(k, i, l)];
            }
          }
        }
      }
    }
    return y;
  }

  /** Gradients of a, b, router, bias and x, given dy [T][out]. */
  Map<String, double[][]> backward(Values v, double[][] dy) {
    double[][] da = new double[v.a().length][v.a()[0].length];
    double[][] db = new double[v.b().length][v.b()[0].length];
    double[][] dr = new double[slots * experts][v.x()[0].length];
    double[][] dbias = new double[1][slots * experts];
    double[][] dx = new double[v.x().length][v.x()[0].length];
    for (int t = 0; t < v.x().length; t++) {
      double[] x = v.x()[t];
      double[][] g = weights(v, x);
      for (int q = 0; q < v.w().length; q++) {
        add(dx[t], dy[t][q], v.w()[q]);
      }
      for (int k = 0; k < slots; k++) {
        double[] dg = new double[experts];
        double mean = 0;
        for (int i = 0; i < experts; i++) {
          for (int l = 0; l < p; l++) {
            double[] a = v.a()[row.of(k, i, l)];
            int c = column.of(k, i, l);
            double h = dot(x, a);
            double dz = 0;
            for (int q = 0; q < v.w().length; q++) {
              db[q][c] += scale * g[k][i] * h * dy[t][q];
              dz += scale * dy[t][q] * v.b()[q][c];
            }
            dg[i] += dz * h;
            add(da[row.of(k, i, l)], dz * g[k][i], x);
            add(dx[t], dz * g[k][i], a);
          }
          mean += g[k][i] * dg[i];
        }
        for (int i = 0; i < experts && router != null; i++) {
          double ds = g[k][i] * (dg[i] - mean) / temperature(router);
          int at = k * experts + i;
          dbias[0][at] += ds;
          add(dr[at], ds, x);
          add(dx[t], ds, v.router()[at]);
        }
      }
    }
    Map<String, double[][]> grads = new LinkedHashMap<>();
    grads.put("a", da);
    grads.put("b", db);
    grads.put("weight", dr);
    grads.put("bias", dbias);
    grads.put("x", dx);
    return grads;
  }

  private static void add(double[] to, double factor, double[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * from[i];
    }
  }
}
