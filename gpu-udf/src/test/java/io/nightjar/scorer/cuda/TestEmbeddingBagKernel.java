package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DType;
import io.nightjar.testing.Fp16;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pooled vectors have the bits of a loop over the bag, for rows of every type and value. */
@Tag("gpu")
class TestEmbeddingBagKernel {
  private static final int ROWS = 3_000;
  private static final int DIM = 24;

  /** Bags of these lengths, one after another. */
  private static final int[] LENGTHS = {0, 1, 33, 1000, 7, 8, 9, 0, 16, 150, 1};

  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  static Stream<Arguments> values() {
    SplittableRandom random = new SplittableRandom(1);
    IntUnaryOperator any = i -> random.nextInt(1 << 14) | (random.nextBoolean() ? 1 << 15 : 0);
    return Stream.of(
        Arguments.of(DType.F16, "any", any),
        Arguments.of(DType.F16, "subnormal", (IntUnaryOperator) i -> random.nextInt(1, 1 << 10)),
        Arguments.of(DType.BF16, "any", any),
        Arguments.of(DType.BF16, "subnormal", (IntUnaryOperator) i -> random.nextInt(1, 1 << 7)),
        Arguments.of(DType.F32, "subnormal", (IntUnaryOperator) i -> random.nextInt(1, 1 << 23)),
        Arguments.of(
            DType.F32,
            "any",
            (IntUnaryOperator) i -> Float.floatToRawIntBits((float) random.nextDouble(-1, 1))));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("values")
  void addsAsALoopDoes(DType type, String kind, IntUnaryOperator bits) {
    int[] table = IntStream.range(0, ROWS * DIM).map(bits).toArray();
    SplittableRandom random = new SplittableRandom(2);
    int[] ids = random.ints(IntStream.of(LENGTHS).sum(), 0, ROWS).toArray();
    ids[0] = ROWS - 1;
    for (boolean mean : new boolean[] {false, true}) {
      for (BagWalk walk : BagWalk.values()) {
        float[] pooled =
            Closer.whole(
                closer -> {
                  float[] result = pool(type, table, ids, mean, walk, closer);
                  closer.close();
                  return result;
                });
        assertThat(pooled).containsExactly(expected(type, table, ids, mean));
      }
    }
  }

  private static float[] expected(DType type, int[] table, int[] ids, boolean mean) {
    float[] pooled = new float[LENGTHS.length * DIM];
    int at = 0;
    for (int bag = 0; bag < LENGTHS.length; bag++) {
      for (int i = 0; i < LENGTHS[bag]; i++) {
        for (int d = 0; d < DIM; d++) {
          pooled[bag * DIM + d] += value(type, table[ids[at + i] * DIM + d]);
        }
      }
      at += LENGTHS[bag];
      for (int d = 0; mean && LENGTHS[bag] > 0 && d < DIM; d++) {
        pooled[bag * DIM + d] /= LENGTHS[bag];
      }
    }
    return pooled;
  }

  private static float value(DType type, int bits) {
    return switch (type) {
      case F16 -> (float) Fp16.value(bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
      default -> Float.intBitsToFloat(bits);
    };
  }

  private static float[] pool(
      DType type, int[] table, int[] ids, boolean mean, BagWalk walk, Closer closer) {
    CudaContext context = CONTEXT.context();
    CudaStream stream = closer.add(CudaStream.open(context));
    Scratch scratch = new Scratch(context, stream, closer);
    CudaModule module = closer.add(CudaModule.load(context));
    ByteBuffer rows = scratch.pinned(table.length * type.bytes());
    for (int bits : table) {
      if (type.bytes() == Short.BYTES) {
        rows.putShort((short) bits);
      } else {
        rows.putInt(bits);
      }
    }
    ByteBuffer bags = scratch.pinned((LENGTHS.length + 2) * Integer.BYTES);
    bags.putInt(LENGTHS.length).putInt(0);
    for (int length : LENGTHS) {
      bags.putInt(bags.getInt(bags.position() - Integer.BYTES) + length);
    }
    ByteBuffer idBytes = scratch.pinned(ids.length * Integer.BYTES);
    idBytes.asIntBuffer().put(ids);
    DeviceBuffer deviceRows = copied("rows", rows, scratch);
    DeviceBuffer deviceBags = copied("bags", bags, scratch);
    DeviceBuffer pooled = scratch.device("pooled", (long) LENGTHS.length * DIM * Float.BYTES);
    ByteBuffer feature = scratch.pinned(EmbeddingBagKernel.FEATURE_BYTES);
    EmbeddingBagKernel.describe(
        feature,
        new DeviceTable(deviceRows, type, ROWS, DIM, DIM, mean, DeviceHotRows.NONE),
        copied("ids", idBytes, scratch).address(),
        deviceBags.address() + Integer.BYTES,
        deviceBags.address(),
        pooled.address());
    int multiprocessors = context.device().multiprocessors();
    EmbeddingBagKernel.of(module, OperandFormat.SPLIT_F16, multiprocessors)
        .launch(
            new Recording(stream, LENGTHS.length, deviceBags.address(), 0, 1, walk),
            type,
            copied("feature", feature, scratch).address(),
            1,
            EmbeddingBagKernel.bagsABlock(DIM * type.bytes()));
    ByteBuffer result = scratch.pinned(Math.toIntExact(pooled.bytes()));
    stream.copyToHost(result, pooled, 0, pooled.bytes());
    stream.await();
    float[] values = new float[LENGTHS.length * DIM];
    result.asFloatBuffer().get(values);
    return values;
  }

  private static DeviceBuffer copied(String name, ByteBuffer bytes, Scratch scratch) {
    DeviceBuffer buffer = scratch.device(name, bytes.capacity());
    scratch.stream().copyToDevice(buffer, 0, bytes, bytes.capacity());
    return buffer;
  }
}
