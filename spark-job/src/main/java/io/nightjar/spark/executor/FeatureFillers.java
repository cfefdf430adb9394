package io.nightjar.spark.executor;

import io.nightjar.batch.FeatureBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * One filler for each input of a program, for one partition: they hold scratch space.
 *
 * @param dense in the order of the model's dense features
 * @param sparse in the order of the model's sparse features
 * @param required columns that must not be null
 * @param shared features that are filled once a key and batch
 */
record FeatureFillers(
    List<DenseFiller> dense,
    List<SparseFiller> sparse,
    List<RequiredCheck> required,
    List<SharedFiller> shared) {

  /** Begins a batch, of which nothing is filled yet. */
  void begin(FeatureBatch batch) {
    for (int i = 0; i < dense.size(); i++) {
      batch.transform(i, dense.get(i).left());
    }
  }

  /** Fillers for {@code program}, whose inputs lie in {@code columns}. */
  static FeatureFillers of(ScoreProgram program, List<BoundColumn> columns) {
    List<DenseFiller> dense = new ArrayList<>();
    List<SparseFiller> sparse = new ArrayList<>();
    List<RequiredCheck> required = new ArrayList<>();
    int next = 0;
    for (DenseInput input : program.dense()) {
      dense.add(new DenseFiller(input, columns.get(next++)));
    }
    for (SparseInput input : program.sparse()) {
      sparse.add(new SparseFiller(input, columns.get(next++)));
    }
    for (var column : program.required()) {
      required.add(new RequiredCheck(column, columns.get(next++), columns.get(next++)));
    }
    List<SharedFiller> shared = new ArrayList<>();
    for (SharedInputs group : program.shared()) {
      List<BoundColumn> decided = new ArrayList<>();
      group.dense().forEach(i -> decided.add(columns.get(i)));
      group.sparse().forEach(i -> decided.add(columns.get(dense.size() + i)));
      shared.add(new SharedFiller(group, columns.get(next++), decided, dense, sparse));
    }
    return new FeatureFillers(dense, sparse, required, shared);
  }
}
