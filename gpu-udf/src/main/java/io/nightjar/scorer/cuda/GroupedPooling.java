package io.nightjar.scorer.cuda;

/** The same after the ids of each bag were grouped by ranges of their table, in place. */
record GroupedPooling(GroupBagsKernel group, EmbeddingBagKernel kernel) implements BagPooling {
  @Override
  public void pool(Recording recording, DeviceBatch batch) {
    for (DeviceBatch.SameType same : batch.byTableType()) {
      group.launch(recording, same.bagFeatures(0), same.features().size());
      kernel.launch(
          recording, same.type(), same.bagFeatures(0), same.features().size(), same.bagsABlock());
    }
  }

  @Override
  public boolean isRecordable() {
    return true;
  }
}
