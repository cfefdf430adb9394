package io.nightjar.scorer.cuda;

/** Table by table, after each one's hot rows were brought to L2. */
record PinnedPooling(PinHotRowsKernel pin, EmbeddingBagKernel kernel) implements BagPooling {
  @Override
  public void pool(Recording recording, DeviceBatch batch) {
    for (DeviceBatch.SameType group : batch.byTableType()) {
      for (int i = 0; i < group.features().size(); i++) {
        pin.launch(recording, batch.table(group.features().get(i)));
        kernel.launch(recording, group.type(), group.bagFeatures(i), 1, group.bagsABlock());
      }
    }
  }

  @Override
  public boolean isRecordable() {
    return true;
  }
}
