package io.nightjar.scorer.cuda;

import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DType;

/**
 * An embedding table on the device.
 *
 * @param rows [num_embeddings, stride], as stored; zeros past the row's elements
 * @param stride elements a row takes
 * @param mean whether bags are divided by their length
 * @param hot what is known of its hot rows
 */
record DeviceTable(
    DeviceBuffer rows,
    DType dtype,
    int numEmbeddings,
    int dim,
    int stride,
    boolean mean,
    DeviceHotRows hot) {}
