package io.nightjar.model;

/** How the bottom MLP's output and the pooled vectors become the top MLP's input. */
public sealed interface Interaction {

  /**
   * The dense vector, then the dot product of each pair of vectors, in the order of {@code pairs}.
   */
  record Dot(Pairs pairs) implements Interaction {}

  /** The dense vector, then the pooled vectors, one after another. */
  record Cat() implements Interaction {}

  /** TorchRec's low-rank cross network: {@code x := x0 * (W(Vx) + b) + x}, {@code layers} times. */
  record Cross(int layers, int rank) implements Interaction {}

  /** Order of the pairs of {@code F} vectors. */
  enum Pairs {
    /** (1,0), (2,0), (2,1), (3,0) … as facebookresearch/dlrm. */
    LOWER,
    /** (0,1), (0,2) … (0,F-1), (1,2) … as TorchRec. */
    UPPER
  }
}
