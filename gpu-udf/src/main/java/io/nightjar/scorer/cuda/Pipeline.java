package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The steps from a batch on the device to its scores, with the memory between them. */
final class Pipeline {
  /** Size of the status: the first fault of the ids, then the overflow. */
  static final int STATUS_BYTES = 16;

  static final int OVERFLOW_AT = Long.BYTES;

  /** The cross network's input, and two that take turns. */
  private static final int CROSS_OPERANDS = 3;

  private final CudaDlrmModel model;
  private final DeviceBatch batch;
  private final int capacity;
  private final BagPooling pooling;
  private final DeviceBuffer ping;
  private final DeviceBuffer pong;
  private final InteractionStep interaction;
  private final DeviceBuffer logits;
  private final DeviceBuffer scores;
  private final DeviceBuffer status;

  Pipeline(CudaDlrmModel model, DeviceBatch batch, int capacity, Scratch scratch) {
    this.model = model;
    this.batch = batch;
    this.capacity = capacity;
    this.pooling = BagPooling.of(model.bags().variant(), model.kernels(), scratch);
    long operandBytes = operandBytes(model.config(), model.format(), capacity);
    this.ping = scratch.device("activations", operandBytes);
    this.pong = scratch.device("activations", operandBytes);
    this.interaction = interaction(scratch);
    this.logits = scratch.device("logits", (long) capacity * Float.BYTES);
    this.scores = scratch.device("scores", (long) capacity * Float.BYTES);
    this.status = scratch.device("status", STATUS_BYTES);
  }

  /** Device memory that it takes of a model of this shape, but for what pooling does. */
  static long bytes(DlrmConfig config, OperandFormat format, int capacity) {
    int columns = Math.toIntExact(config.interactionElements());
    long network =
        config.interaction() instanceof Interaction.Cross
            ? CROSS_OPERANDS * format.bytes(capacity, columns)
            : 0;
    long results = 2 * Scratch.allocated((long) capacity * Float.BYTES) + STATUS_BYTES;
    return 2 * operandBytes(config, format, capacity) + network + results;
  }

  /** Bytes of the larger one of the operands that take turns. */
  private static long operandBytes(DlrmConfig config, OperandFormat format, int capacity) {
    return operandColumns(config)
        .mapToLong(columns -> format.bytes(capacity, columns))
        .max()
        .orElseThrow();
  }

  /** Columns of the operands that take turns. */
  private static IntStream operandColumns(DlrmConfig config) {
    int toTop = Math.toIntExact(config.interactionElements());
    List<Integer> columns = new ArrayList<>();
    columns.add(config.interaction() instanceof Interaction.Cross cross ? cross.rank() : toTop);
    if (!config.bottomMlp().isEmpty()) {
      columns.add(config.denseFeatures().size());
      columns.addAll(config.bottomMlp().subList(0, config.bottomMlp().size() - 1));
    }
    int hidden = config.topMlp().size() - 1;
    if (hidden > 0) {
      columns.add(toTop);
      columns.addAll(config.topMlp().subList(0, hidden));
    }
    return columns.stream().mapToInt(Integer::intValue);
  }

  private InteractionStep interaction(Scratch scratch) {
    DlrmConfig config = model.config();
    Kernels kernels = model.kernels();
    int columns = Math.toIntExact(config.interactionElements());
    if (config.interaction() instanceof Interaction.Dot) {
      Operand to = new Operand(ping, columns);
      return (recording, sources) -> {
        model.dotInteraction().launch(recording, sources, to);
        return to;
      };
    }
    if (config.interaction() instanceof Interaction.Cross cross) {
      List<Operand> x =
          Stream.generate(() -> scratch.device("vectors", model.format().bytes(capacity, columns)))
              .limit(CROSS_OPERANDS)
              .map(buffer -> new Operand(buffer, columns))
              .toList();
      return new CrossNetwork(
          kernels.concatenate(),
          kernels.linear(),
          model.weights().cross(),
          config.vectors(),
          new Operand(ping, cross.rank()),
          x.get(0),
          x.subList(1, CROSS_OPERANDS));
    }
    Operand to = new Operand(ping, columns);
    return (recording, sources) -> {
      kernels.concatenate().launch(recording, sources, config.vectors(), to);
      return to;
    };
  }

  /** Whether the steps are the same for every batch, so that they can be recorded. */
  boolean isRecordable() {
    return pooling.isRecordable();
  }

  /**
   * Launches all steps.
   *
   * @param scale of the activations, a power of two
   * @param walk how bags are pooled
   */
  void launch(CudaStream stream, float scale, BagWalk walk) {
    Recording recording = recording(stream, scale, walk);
    checkIds(recording);
    pooling.pool(recording, batch);
    if (!model.weights().bottom().isEmpty()) {
      bottomMlp(recording);
    }
    Operand top = interaction.launch(recording, batch.vectorSources());
    topMlp(recording, top);
  }

  private Recording recording(CudaStream stream, float scale, BagWalk walk) {
    return new Recording(
        stream, capacity, batch.rows(), status.address() + OVERFLOW_AT, scale, walk);
  }

  private void checkIds(Recording recording) {
    recording.stream().fill(status, 0, OVERFLOW_AT, (byte) 0xff);
    recording.stream().fill(status, OVERFLOW_AT, STATUS_BYTES - OVERFLOW_AT, (byte) 0);
    batch.checkIds(model.kernels(), recording, status.address());
  }

  /** Times the walks over the batch that was copied; its ids are then no longer as they came. */
  EnumMap<BagWalk, Double> timeWalks(CudaStream stream) {
    checkIds(recording(stream, 1, BagWalk.SHORT));
    return BagTiming.measure(
        model.context(), stream, walk -> pooling.pool(recording(stream, 1, walk), batch));
  }

  private void topMlp(Recording recording, Operand in) {
    Kernels kernels = model.kernels();
    List<LinearWeight> hidden = model.weights().top();
    DeviceBuffer last = model.weights().last();
    DeviceBuffer lastBias = model.weights().lastBias();
    int end = hidden.size() - 1;
    if (end >= 0 && kernels.linear().scores(hidden.get(end))) {
      Operand input = layers(recording, in, hidden.subList(0, end));
      kernels.linear().score(recording, input, hidden.get(end), last, lastBias, logits, scores);
    } else {
      Operand input = layers(recording, in, hidden);
      kernels.score().launch(recording, input, last, lastBias, logits, scores);
    }
  }

  private void bottomMlp(Recording recording) {
    List<LinearWeight> layers = model.weights().bottom();
    Operand dense = new Operand(ping, layers.get(0).inputs());
    int last = layers.size() - 1;
    model.kernels().pack().dense(recording, batch.dense(), batch.denseFeatures(), dense);
    Operand in = layers(recording, dense, layers.subList(0, last));
    model.kernels().linear().reluVectors(recording, in, layers.get(last), batch.denseVectors());
  }

  /** Applies layers one after another, from one buffer to the other and back. */
  private Operand layers(Recording recording, Operand first, List<LinearWeight> layers) {
    Operand in = first;
    for (LinearWeight layer : layers) {
      Operand out = new Operand(in.buffer() == ping ? pong : ping, layer.outputs());
      model.kernels().linear().relu(recording, in, layer, out);
      in = out;
    }
    return in;
  }

  /** The logits, [capacity]. */
  DeviceBuffer logits() {
    return logits;
  }

  /** The scores, [capacity]. */
  DeviceBuffer scores() {
    return scores;
  }

  /** The first fault as {@link CheckIdsKernel} tells it, then whether anything overflowed. */
  DeviceBuffer status() {
    return status;
  }
}
