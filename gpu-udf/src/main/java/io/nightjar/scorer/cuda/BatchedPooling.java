package io.nightjar.scorer.cuda;

/** All tables of a type in one launch. */
record BatchedPooling(EmbeddingBagKernel kernel) implements BagPooling {
  @Override
  public void pool(Recording recording, DeviceBatch batch) {
    for (DeviceBatch.SameType group : batch.byTableType()) {
      kernel.launch(
          recording,
          group.type(),
          group.bagFeatures(0),
          group.features().size(),
          group.bagsABlock());
    }
  }

  @Override
  public boolean isRecordable() {
    return true;
  }
}
