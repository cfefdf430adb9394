package io.nightjar.scorer.cpu;

/** The vectors one after another. */
final class CatInteraction implements InteractionStep {
  private final Activations vectors;

  CatInteraction(int elements, FloatArena arena) {
    vectors = arena.activations(elements, true);
  }

  @Override
  public void put(int row, float[] rowVectors) {
    vectors.values().buffer().put(row * vectors.features(), rowVectors);
  }

  @Override
  public Activations inputs() {
    return vectors;
  }
}
