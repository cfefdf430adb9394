package io.nightjar.model;

/**
 * One embedding table.
 *
 * @param name unique in the model; for the dlrm family also the weight's prefix
 * @param numEmbeddings rows, from 1 to {@link Integer#MAX_VALUE}
 * @param embeddingDim columns, at least 1
 * @param pooling how a bag is reduced
 */
public record EmbeddingTableConfig(
    String name, int numEmbeddings, int embeddingDim, Pooling pooling) {}
