package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.Pooling;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.EmbeddingBags;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model's weights on the device.
 *
 * @param tables in the order of the config
 * @param bottom layers of the bottom MLP
 * @param cross layers of the cross network
 * @param top layers of the top MLP but the last
 * @param last weight of the top MLP's last layer, fp32
 * @param lastBias its bias
 * @param content the hash of all of the files' bytes
 */
record DeviceWeights(
    List<DeviceTable> tables,
    List<LinearWeight> bottom,
    List<Cross> cross,
    List<LinearWeight> top,
    DeviceBuffer last,
    DeviceBuffer lastBias,
    String content) {

  /**
   * A layer of the cross network: {@code x := x0 * (w (v x) + bias) + x}.
   *
   * @param w with the bias
   */
  record Cross(LinearWeight w, LinearWeight v) {}

  /** Uploads the weights; {@code owner} closes them. */
  static DeviceWeights upload(
      CudaContext context,
      DlrmWeights weights,
      OperandFormat format,
      EmbeddingBags bags,
      PackKernel pack,
      Closer owner) {
    DlrmConfig config = weights.info().config();
    WeightLayout layout = weights.info().layout();
    int hidden = layout.topMlp().size() - 1;
    WeightLayout.Linear last = layout.topMlp().get(hidden);
    try (Upload upload = Upload.open(context, weights, format, bags, pack, owner)) {
      List<DeviceTable> tables =
          IntStream.range(0, config.tables().size())
              .mapToObj(i -> upload.table(i, config.tables().get(i).pooling() == Pooling.MEAN))
              .toList();
      upload.beginFiles();
      return new DeviceWeights(
          tables,
          upload.layers(layout.bottomMlp(), true),
          layout.cross().stream()
              .map(
                  layer ->
                      new Cross(
                          upload.linear(layer.w(), Optional.of(layer.bias())),
                          upload.linear(layer.v(), Optional.empty())))
              .toList(),
          upload.layers(layout.topMlp().subList(0, hidden), false),
          upload.plain(last.weight()),
          upload.plain(last.bias()),
          upload.content());
    }
  }

  /** Whether rows of a table lie in another order than their ids. */
  boolean renames() {
    return tables.stream().anyMatch(table -> table.hot().places().isPresent());
  }
}
