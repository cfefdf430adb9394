package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTable;
import io.nightjar.model.TensorInfo;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.EmbeddingBags;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/**
 * Brings weights to the device: tables as they are stored, most of them straight from their files;
 * layers as fp32, which the device packs. What it allocates there goes to the closer of whoever
 * opened it.
 */
final class Upload implements AutoCloseable {
  /** A weight's largest element comes to lie just below half of fp16's range. */
  private static final int LARGEST_EXPONENT = 14;

  private final CudaContext context;
  private final DlrmWeights weights;
  private final OperandFormat format;
  private final EmbeddingBags bags;
  private final PackKernel pack;
  private final Closer owner;
  private final Closer closer;
  private final PinnedRing ring;
  private final TableFiles asStored = new TableFiles();
  private final DeviceBuffer staging;
  private final DeviceBuffer overflow;
  private CompletableFuture<String> files = CompletableFuture.completedFuture("");

  private Upload(
      CudaContext context,
      DlrmWeights weights,
      OperandFormat format,
      EmbeddingBags bags,
      PackKernel pack,
      Closer owner,
      Closer closer) {
    this.context = context;
    this.weights = weights;
    this.format = format;
    this.bags = bags;
    this.pack = pack;
    this.owner = owner;
    this.closer = closer;
    long stagingBytes = Footprint.of(weights.info(), format, bags).staging();
    this.staging =
        closer.add(
            DeviceBuffer.allocate(context, "weight to pack", Math.max(Float.BYTES, stagingBytes)));
    // An infinite weight sets it, and gives NaN as infinity would.
    this.overflow = closer.add(DeviceBuffer.allocate(context, "overflow", Integer.BYTES));
    int widest =
        weights.info().config().tables().stream()
            .mapToInt(table -> OperandFormat.stride(table.embeddingDim()) * Float.BYTES)
            .max()
            .orElse(0);
    this.ring = closer.add(PinnedRing.open(context, widest));
  }

  /** Opens an upload; the caller closes it, after which everything is in place. */
  static Upload open(
      CudaContext context,
      DlrmWeights weights,
      OperandFormat format,
      EmbeddingBags bags,
      PackKernel pack,
      Closer owner) {
    return Closer.whole(closer -> new Upload(context, weights, format, bags, pack, owner, closer));
  }

  /**
   * Uploads table {@code i} of the config, its rows padded to whole pieces; hot rows first where
   * they are to be. Where neither changes anything, its rows come with {@link #beginFiles}.
   */
  DeviceTable table(int i, boolean mean) {
    EmbeddingTable table = weights.table(i);
    String name = weights.info().config().tables().get(i).name();
    int stride = OperandFormat.stride(table.embeddingDim());
    int strideBytes = stride * table.dtype().bytes();
    DeviceBuffer rows = allocate(name, (long) table.numEmbeddings() * strideBytes);
    DeviceHotRows hot = DeviceHotRows.NONE;
    if (bags.hotRows().isEmpty()) {
      sendRows(i, strideBytes, rows);
    } else {
      int[] hotRows = bags.hotRows().get(i);
      RowOrder order = RowOrder.hotFirst(name, table.numEmbeddings(), hotRows);
      if (bags.reorder()) {
        sendRows(new RowSource(table).inOrder(order.rows()), strideBytes, rows);
      } else {
        sendRows(i, strideBytes, rows);
      }
      int[] lie = bags.reorder() ? IntStream.range(0, hotRows.length).toArray() : hotRows;
      hot =
          new DeviceHotRows(
              hotRows.length,
              hotRows.length == 0 ? Optional.empty() : Optional.of(ints(name, lie)),
              bags.reorder() ? Optional.of(ints(name, order.places())) : Optional.empty());
    }
    return new DeviceTable(
        rows, table.dtype(), table.numEmbeddings(), table.embeddingDim(), stride, mean, hot);
  }

  private void sendRows(int i, int strideBytes, DeviceBuffer to) {
    EmbeddingTable table = weights.table(i);
    if (strideBytes == table.embeddingDim() * table.dtype().bytes()) {
      asStored.add(weights.info().layout().tables().get(i), to);
    } else {
      sendRows(new RowSource(table), strideBytes, to);
    }
  }

  private void sendRows(RowSource source, int strideBytes, DeviceBuffer to) {
    long at = 0;
    for (int row = 0; row < source.rows(); ) {
      ByteBuffer slot = ring.fill();
      int count = Math.min(source.rows() - row, slot.capacity() / strideBytes);
      source.put(row, count, slot, strideBytes);
      ring.send(to, at);
      at += (long) count * strideBytes;
      row += count;
    }
  }

  /**
   * Begins to read all files of the model, and to upload the tables that lie as they do in them;
   * the layers may be uploaded meanwhile.
   */
  void beginFiles() {
    files = CompletableFuture.supplyAsync(() -> asStored.upload(context, weights));
  }

  /** Waits for the files; gives the hash of all of their bytes. */
  String content() {
    try {
      return files.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private DeviceBuffer ints(String table, int[] values) {
    DeviceBuffer buffer = allocate("hot rows of " + table, (long) values.length * Integer.BYTES);
    for (int at = 0; at < values.length; ) {
      ByteBuffer slot = ring.fill();
      int count = Math.min(values.length - at, slot.capacity() / Integer.BYTES);
      slot.asIntBuffer().put(values, at, count);
      slot.position(count * Integer.BYTES);
      ring.send(buffer, (long) at * Integer.BYTES);
      at += count;
    }
    return buffer;
  }

  /** Uploads the layers of an MLP; the first one takes the dense features where that is said. */
  List<LinearWeight> layers(List<WeightLayout.Linear> layers, boolean dense) {
    return IntStream.range(0, layers.size())
        .mapToObj(
            i -> linear(layers.get(i).weight(), Optional.of(layers.get(i).bias()), dense && i == 0))
        .toList();
  }

  /** Uploads a weight, [outputs, inputs], with the bias where there is one. */
  LinearWeight linear(TensorInfo weight, Optional<TensorInfo> bias) {
    return linear(weight, bias, false);
  }

  private LinearWeight linear(TensorInfo weight, Optional<TensorInfo> bias, boolean dense) {
    int outputs = Math.toIntExact(weight.shape().get(0));
    int inputs = Math.toIntExact(weight.shape().get(1));
    FloatBuffer values = read(weight);
    float scale = scaleOf(values);
    send(values, values.capacity(), staging);
    int rows = PackKernel.paddedOutputs(outputs);
    DeviceBuffer operand = allocate(weight.name(), format.bytes(rows, inputs));
    pack.weight(ring.stream(), staging, outputs, inputs, dense, operand, scale, overflow);
    return new LinearWeight(operand, bias.map(this::plain), outputs, inputs, scale);
  }

  /** Uploads a tensor as plain fp32, with zeros up to a whole tile's columns. */
  DeviceBuffer plain(TensorInfo tensor) {
    FloatBuffer values = read(tensor);
    long tile = OperandFormat.TILE_COLUMNS;
    int padded = Math.toIntExact(OperandFormat.divideUp(values.capacity(), tile) * tile);
    DeviceBuffer buffer = allocate(tensor.name(), (long) padded * Float.BYTES);
    send(values, padded, buffer);
    return buffer;
  }

  private FloatBuffer read(TensorInfo tensor) {
    FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(tensor.elements()));
    weights.read(tensor, values);
    return values;
  }

  /** Sends {@code values} and zeros, {@code count} in all. */
  private void send(FloatBuffer values, int count, DeviceBuffer to) {
    for (int at = 0; at < count; ) {
      ByteBuffer slot = ring.fill();
      int end = Math.min(count, at + slot.capacity() / Float.BYTES);
      long offset = (long) at * Float.BYTES;
      for (; at < end; at++) {
        slot.putFloat(at < values.capacity() ? values.get(at) : 0);
      }
      ring.send(to, offset);
    }
  }

  /** The power of two that brings the largest finite element to {@link #LARGEST_EXPONENT}. */
  private static float scaleOf(FloatBuffer values) {
    float largest = 0;
    for (int i = 0; i < values.capacity(); i++) {
      float magnitude = Math.abs(values.get(i));
      if (magnitude > largest && magnitude <= Float.MAX_VALUE) {
        largest = magnitude;
      }
    }
    // Below 2^-46 weights are as good as zero, and the scale's inverse must stay a float.
    int exponent = Math.max(-46, Math.getExponent(largest));
    return Math.scalb(1f, LARGEST_EXPONENT - exponent);
  }

  private DeviceBuffer allocate(String name, long bytes) {
    return owner.add(DeviceBuffer.allocate(context, name, bytes));
  }

  @Override
  public void close() {
    try {
      files.exceptionally(Throwable::toString).join(); // What is read goes to the owner's memory.
    } finally {
      closer.close();
    }
  }
}
