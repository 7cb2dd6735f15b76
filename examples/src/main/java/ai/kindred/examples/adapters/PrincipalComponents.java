package ai.kindred.examples.adapters;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Points along the directions in which they vary most.
 *
 * @param coordinates a list a point, one number a component; the farthest point of a component lies
 *     on its positive side
 * @param shares of the variance, by component
 */
record PrincipalComponents(List<List<Double>> coordinates, List<Double> shares) {

  /**
   * The first components of some vectors, fewer where there are fewer vectors.
   *
   * <p>Eigenvectors of the points' inner products, so that long vectors cost little (the dual
   * form).
   */
  static PrincipalComponents of(double[][] points, int components) {
    RealMatrix centred = centred(points);
    EigenDecomposition eigen = new EigenDecomposition(centred.multiply(centred.transpose()));
    double total = 0;
    for (double value : eigen.getRealEigenvalues()) {
      total += Math.max(0, value);
    }
    int kept = Math.min(components, points.length);
    List<List<Double>> coordinates = new ArrayList<>();
    for (int i = 0; i < points.length; i++) {
      coordinates.add(new ArrayList<>());
    }
    List<Double> shares = new ArrayList<>();
    for (int c = 0; c < kept; c++) {
      double value = Math.max(0, eigen.getRealEigenvalue(c));
      double[] vector = eigen.getEigenvector(c).toArray();
      double sign = Math.signum(farthest(vector));
      for (int i = 0; i < points.length; i++) {
        coordinates.get(i).add(sign * vector[i] * Math.sqrt(value));
      }
      shares.add(total > 0 ? value / total : 0);
    }
    return new PrincipalComponents(coordinates, shares);
  }

  private static RealMatrix centred(double[][] points) {
    double[][] centred = new double[points.length][];
    int width = points[0].length;
    double[] mean = new double[width];
    for (double[] point : points) {
      for (int d = 0; d < width; d++) {
        mean[d] += point[d] / points.length;
      }
    }
    for (int i = 0; i < points.length; i++) {
      centred[i] = points[i].clone();
      for (int d = 0; d < width; d++) {
        centred[i][d] -= mean[d];
      }
    }
    return new Array2DRowRealMatrix(centred, false);
  }

  private static double farthest(double[] values) {
    double farthest = 0;
    for (double v : values) {
      farthest = Math.abs(v) > Math.abs(farthest) + 1e-12 ? v : farthest;
    }
    return farthest;
  }
}
