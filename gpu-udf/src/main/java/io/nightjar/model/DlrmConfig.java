package io.nightjar.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The shape of a model, as {@code model.json} gives it.
 *
 * @param name the model's name
 * @param family which names its weights bear
 * @param denseFeatures names, in the order of the bottom MLP's inputs; may be empty
 * @param sparseFeatures in the order in which the interaction takes them
 * @param tables every table is used by at least one feature
 * @param bottomMlp output sizes of the bottom MLP's layers; empty when there is no dense feature
 * @param interaction how vectors meet
 * @param topMlp output sizes of the top MLP's layers; the last is 1
 */
public record DlrmConfig(
    String name,
    Family family,
    List<String> denseFeatures,
    List<SparseFeature> sparseFeatures,
    List<EmbeddingTableConfig> tables,
    List<Integer> bottomMlp,
    Interaction interaction,
    List<Integer> topMlp) {

  /** Frameworks whose weight names are known. */
  public enum Family {
    /** facebookresearch/dlrm. */
    DLRM,
    /** TorchRec. */
    TORCHREC
  }

  public DlrmConfig {
    denseFeatures = List.copyOf(denseFeatures);
    sparseFeatures = List.copyOf(sparseFeatures);
    tables = List.copyOf(tables);
    bottomMlp = List.copyOf(bottomMlp);
    topMlp = List.copyOf(topMlp);
  }

  /** The table of sparse feature {@code feature}. */
  public EmbeddingTableConfig tableOf(int feature) {
    return tables.get(sparseFeatures.get(feature).table());
  }

  /** Rows of each sparse feature's table. */
  public int[] numEmbeddings() {
    return IntStream.range(0, sparseFeatures.size())
        .map(feature -> tableOf(feature).numEmbeddings())
        .toArray();
  }

  /** Vectors that meet in the interaction: one a sparse feature, and the dense vector if any. */
  public int vectors() {
    return sparseFeatures.size() + (bottomMlp.isEmpty() ? 0 : 1);
  }

  /** Size of the bottom MLP's output, the dense vector; 0 without dense features. */
  public int denseElements() {
    return bottomMlp.isEmpty() ? 0 : bottomMlp.get(bottomMlp.size() - 1);
  }

  /** Elements of the vectors that meet in the interaction, one after another. */
  public long vectorElements() {
    long elements = denseElements();
    for (SparseFeature feature : sparseFeatures) {
      elements += tables.get(feature.table()).embeddingDim();
    }
    return elements;
  }

  /** Elements that the interaction hands to the top MLP. */
  public long interactionElements() {
    return interaction instanceof Interaction.Dot
        ? denseElements() + (long) vectors() * (vectors() - 1) / 2
        : vectorElements();
  }
}
