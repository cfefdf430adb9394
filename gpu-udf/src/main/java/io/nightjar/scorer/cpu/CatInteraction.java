package io.nightjar.scorer.cpu;

/** The vectors one after another. */
final class CatInteraction implements InteractionStep {
  private final Activations vectors;

  CatInteraction(int elements) {
    vectors = new Activations(new FloatArray((long) elements * Chunk.SIZE), elements, true);
  }

  @Override
  public void put(int row, float[] rowVectors) {
    vectors.values().buffer().put(row * vectors.features(), rowVectors);
  }

  @Override
  public Activations inputs() {
    return vectors;
  }

  @Override
  public void close() {
    vectors.values().close();
  }
}
