package io.nightjar.scorer.cuda;

/** All tables of a type in one launch, by warps that have their next ids copied as they walk. */
record StagedPooling(StagedBagKernel kernel) implements BagPooling {
  @Override
  public void pool(Recording recording, DeviceBatch batch) {
    for (DeviceBatch.SameType same : batch.byTableType()) {
      kernel.launch(recording, same.type(), same.bagFeatures(0), same.features().size());
    }
  }

  @Override
  public boolean isRecordable() {
    return true;
  }
}
