package io.nightjar.spark.executor;

import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import java.io.Serializable;

/**
 * A model as the driver names it to the executors: the same files and the same arithmetic
 * everywhere.
 *
 * @param location URI of the model directory
 * @param version what {@code ModelInfo} made of its files, checked again where they are opened
 * @param edition which writing of these files the driver saw
 * @param backend what computes the scores, decided by the driver
 * @param precision arithmetic of the matrix products
 * @param bags how bags are pooled
 */
public record ModelReference(
    String location,
    String version,
    String edition,
    Backend backend,
    Precision precision,
    EmbeddingBagSpec bags)
    implements Serializable {}
