package io.nightjar.testing;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTable;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.model.Pooling;
import io.nightjar.model.TensorInfo;
import io.nightjar.model.WeightLayout;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** DLRM written down once more, plainly, in float64: what every backend is compared with. */
public final class ReferenceDlrm {
  private final DlrmWeights weights;
  private final DlrmConfig config;
  private final WeightLayout layout;

  public ReferenceDlrm(Path folder) {
    this.weights = DlrmWeights.open(folder);
    this.config = weights.info().config();
    this.layout = weights.info().layout();
  }

  /** The logit of one row. */
  public double logit(float[] dense, int[][] bags) {
    List<double[]> vectors = new ArrayList<>();
    if (dense.length > 0) {
      vectors.add(mlp(layout.bottomMlp(), widened(dense), true));
    }
    for (int f = 0; f < bags.length; f++) {
      vectors.add(pooled(f, bags[f]));
    }
    return mlp(layout.topMlp(), interaction(vectors), false)[0];
  }

  /** The sigmoid of a logit. */
  public static double sigmoid(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  private double[] pooled(int feature, int[] bag) {
    EmbeddingTable table = weights.table(config.sparseFeatures().get(feature).table());
    double[] sum = new double[table.embeddingDim()];
    float[] row = new float[table.embeddingDim()];
    for (int id : bag) {
      table.read(id, row, 0);
      for (int d = 0; d < sum.length; d++) {
        sum[d] += row[d];
      }
    }
    if (config.tableOf(feature).pooling() == Pooling.MEAN && bag.length > 0) {
      for (int d = 0; d < sum.length; d++) {
        sum[d] /= bag.length;
      }
    }
    return sum;
  }

  private double[] interaction(List<double[]> vectors) {
    if (config.interaction() instanceof Interaction.Dot dot) {
      return dot(vectors, dot.pairs());
    }
    double[] x = concatenation(vectors);
    if (config.interaction() instanceof Interaction.Cross) {
      double[] first = x;
      for (WeightLayout.Cross cross : layout.cross()) {
        double[] product = product(matrix(cross.w()), product(matrix(cross.v()), x));
        double[] bias = read(cross.bias());
        double[] next = new double[x.length];
        for (int i = 0; i < x.length; i++) {
          next[i] = first[i] * (product[i] + bias[i]) + x[i];
        }
        x = next;
      }
    }
    return x;
  }

  private double[] dot(List<double[]> vectors, Pairs pairs) {
    List<double[]> parts = new ArrayList<>();
    if (!config.denseFeatures().isEmpty()) {
      parts.add(vectors.get(0));
    }
    int count = vectors.size();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        if (pairs == Pairs.LOWER ? j < i : j > i) {
          parts.add(product(new double[][] {vectors.get(i)}, vectors.get(j)));
        }
      }
    }
    return concatenation(parts);
  }

  private double[] mlp(List<WeightLayout.Linear> layers, double[] inputs, boolean lastRelu) {
    double[] x = inputs;
    for (int l = 0; l < layers.size(); l++) {
      double[] y = product(matrix(layers.get(l).weight()), x);
      double[] bias = read(layers.get(l).bias());
      boolean relu = lastRelu || l < layers.size() - 1;
      for (int i = 0; i < y.length; i++) {
        y[i] += bias[i];
        y[i] = relu ? Math.max(y[i], 0) : y[i];
      }
      x = y;
    }
    return x;
  }

  private static double[] product(double[][] matrix, double[] x) {
    double[] y = new double[matrix.length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += matrix[i][j] * x[j];
      }
    }
    return y;
  }

  private static double[] concatenation(List<double[]> vectors) {
    return vectors.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private double[][] matrix(TensorInfo tensor) {
    double[] all = read(tensor);
    int rows = Math.toIntExact(tensor.shape().get(0));
    int columns = Math.toIntExact(tensor.shape().get(1));
    double[][] matrix = new double[rows][columns];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(all, r * columns, matrix[r], 0, columns);
    }
    return matrix;
  }

  private double[] read(TensorInfo tensor) {
    int elements = Math.toIntExact(tensor.elements());
    FloatBuffer values = FloatBuffer.allocate(elements);
    weights.read(tensor, values);
    return widened(values.array());
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
