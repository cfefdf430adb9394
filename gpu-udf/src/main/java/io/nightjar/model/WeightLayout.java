package io.nightjar.model;

import java.util.List;

/**
 * Which tensor plays which part of the model. Shapes are as PyTorch has them and were checked.
 *
 * @param tables one a table, [num_embeddings, embedding_dim], in the order of {@link
 *     DlrmConfig#tables()}
 * @param bottomMlp layers of the bottom MLP
 * @param cross layers of the cross network; empty for other interactions
 * @param topMlp layers of the top MLP
 */
public record WeightLayout(
    List<TensorInfo> tables, List<Linear> bottomMlp, List<Cross> cross, List<Linear> topMlp) {

  public WeightLayout {
    tables = List.copyOf(tables);
    bottomMlp = List.copyOf(bottomMlp);
    cross = List.copyOf(cross);
    topMlp = List.copyOf(topMlp);
  }

  /**
   * A linear layer: {@code y = weight x + bias}.
   *
   * @param weight [outputs, inputs]
   * @param bias [outputs]
   */
  public record Linear(TensorInfo weight, TensorInfo bias) {}

  /**
   * A low-rank cross layer over vectors of {@code n} elements: {@code x := x0 * (w (v x) + bias) +
   * x}.
   *
   * @param w [n, rank]
   * @param v [rank, n]
   * @param bias [n]
   */
  public record Cross(TensorInfo w, TensorInfo v, TensorInfo bias) {}
}
