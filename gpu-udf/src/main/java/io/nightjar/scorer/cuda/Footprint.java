package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaContext;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.model.TensorInfo;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.EmbeddingBags;
import java.util.List;

/**
 * Device memory that a model's weights take, known before any of it is taken.
 *
 * @param tables bytes of the embedding tables and of what is known of their hot rows
 * @param layers bytes of the MLPs' and the cross network's weights
 * @param staging bytes of the largest weight as it comes from its file in fp32, while it is packed
 */
record Footprint(long tables, long layers, long staging) {

  static Footprint of(ModelInfo info, OperandFormat format, EmbeddingBags bags) {
    DlrmConfig config = info.config();
    WeightLayout layout = info.layout();
    long tables = 0;
    for (int i = 0; i < config.tables().size(); i++) {
      int stride = OperandFormat.stride(config.tables().get(i).embeddingDim());
      tables +=
          config.tables().get(i).numEmbeddings()
              * (long) stride
              * layout.tables().get(i).dtype().bytes();
      tables += bags.hotRows().isEmpty() ? 0 : (long) bags.hotRows().get(i).length * Integer.BYTES;
      tables += bags.reorder() ? (long) config.tables().get(i).numEmbeddings() * Integer.BYTES : 0;
    }
    List<WeightLayout.Linear> top = layout.topMlp();
    long layers = 0;
    long staging = 0;
    for (WeightLayout.Linear layer : layout.bottomMlp()) {
      layers += packed(layer.weight(), format) + padded(layer.bias().elements());
      staging = Math.max(staging, layer.weight().elements() * Float.BYTES);
    }
    for (WeightLayout.Linear layer : top.subList(0, top.size() - 1)) {
      layers += packed(layer.weight(), format) + padded(layer.bias().elements());
      staging = Math.max(staging, layer.weight().elements() * Float.BYTES);
    }
    for (WeightLayout.Cross layer : layout.cross()) {
      layers +=
          packed(layer.w(), format) + packed(layer.v(), format) + padded(layer.bias().elements());
      staging = Math.max(staging, layer.w().elements() * Float.BYTES);
    }
    layers += padded(top.get(top.size() - 1).weight().elements()) + padded(1);
    return new Footprint(tables, layers, staging);
  }

  private static long packed(TensorInfo weight, OperandFormat format) {
    int outputs = Math.toIntExact(weight.shape().get(0));
    int inputs = Math.toIntExact(weight.shape().get(1));
    return format.bytes(PackKernel.paddedOutputs(outputs), inputs);
  }

  private static long padded(long elements) {
    return OperandFormat.divideUp(elements, OperandFormat.TILE_COLUMNS)
        * OperandFormat.TILE_COLUMNS
        * Float.BYTES;
  }

  long total() {
    return tables + layers + staging;
  }

  /**
   * Makes sure that the device has so much.
   *
   * @throws BackendUnavailableException with the arithmetic, if it has not
   */
  void mustFit(String model, CudaContext context) {
    long free = context.freeBytes();
    if (total() > free) {
      throw new BackendUnavailableException(
          "Cannot load model %s on %s: it takes %s, of which %d are free"
              .formatted(model, context.device(), this, free));
    }
  }

  @Override
  public String toString() {
    return "%d bytes of device memory (tables %d, layers %d, staging %d)"
        .formatted(total(), tables, layers, staging);
  }
}
