package io.nightjar.spark.executor;

import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.RequiredColumn;
import java.io.Serializable;
import java.util.List;

/**
 * All that an executor needs to know to score rows, but for where the columns lie. Equal programs
 * give equal scores to equal rows.
 *
 * @param modelName the model's own name
 * @param model which model
 * @param batchSize rows a batch; 0 lets the backend choose
 * @param dense in the order of the model's dense features
 * @param sparse in the order of the model's sparse features
 * @param required columns in which a null makes the row bad
 * @param shared features that are the same in many rows
 * @param badRows what becomes of a bad row
 * @param logit whether the logit is put out after the score
 */
public record ScoreProgram(
    String modelName,
    ModelReference model,
    int batchSize,
    List<DenseInput> dense,
    List<SparseInput> sparse,
    List<RequiredColumn> required,
    List<SharedInputs> shared,
    BadRows badRows,
    boolean logit)
    implements Serializable {

  public ScoreProgram {
    dense = List.copyOf(dense);
    sparse = List.copyOf(sparse);
    required = List.copyOf(required);
    shared = List.copyOf(shared);
  }

  /**
   * Number of input columns: dense, then sparse, then each required one and whom it blames, then
   * the keys of what is shared.
   */
  public int inputs() {
    return dense.size() + sparse.size() + 2 * required.size() + shared.size();
  }
}
