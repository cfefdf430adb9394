package io.nightjar.testing;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Pooling;
import io.nightjar.model.SparseFeature;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Shapes of models for tests. */
public final class Models {
  private Models() {}

  /**
   * A model with a table for each feature.
   *
   * @param denseFeatures number of dense features; {@code bottomMlp} is empty if 0
   * @param numEmbeddings rows of each table, one entry a sparse feature
   */
  public static DlrmConfig of(
      Family family,
      int denseFeatures,
      List<Integer> bottomMlp,
      List<Integer> numEmbeddings,
      int embeddingDim,
      Pooling pooling,
      Interaction interaction,
      List<Integer> topMlp) {
    List<SparseFeature> features = new ArrayList<>();
    List<EmbeddingTableConfig> tables = new ArrayList<>();
    for (int i = 0; i < numEmbeddings.size(); i++) {
      String name = family == Family.DLRM ? "emb_l." + i : "t" + i;
      features.add(new SparseFeature("s" + i, i));
      tables.add(new EmbeddingTableConfig(name, numEmbeddings.get(i), embeddingDim, pooling));
    }
    return new DlrmConfig(
        "test",
        family,
        IntStream.range(0, denseFeatures).mapToObj(i -> "d" + i).toList(),
        features,
        tables,
        bottomMlp,
        interaction,
        topMlp);
  }

  /**
   * 26 one-hot tables and 13 dense features, the shape of MLPerf's first DLRM, with small tables.
   */
  public static DlrmConfig of26Tables(int numEmbeddings) {
    return of(
        Family.DLRM,
        13,
        List.of(512, 256, 128),
        IntStream.range(0, 26).mapToObj(i -> numEmbeddings).toList(),
        128,
        Pooling.SUM,
        new Interaction.Dot(Interaction.Pairs.LOWER),
        List.of(1024, 1024, 512, 256, 1));
  }
}
