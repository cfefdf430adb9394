package io.nightjar.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The weights of a model in a local folder. Tables are mapped, not read: they live in the page
 * cache, shared by every process of the host, and cost no heap. A mapping lasts until the garbage
 * collector finds its buffers unreachable.
 */
public final class DlrmWeights {
  private static final int MAX_SEGMENT = Integer.MAX_VALUE;

  private final Path folder;
  private final ModelInfo info;
  private final List<EmbeddingTable> tables;

  private DlrmWeights(Path folder, ModelInfo info, List<EmbeddingTable> tables) {
    this.folder = folder;
    this.info = info;
    this.tables = List.copyOf(tables);
  }

  /**
   * Maps the tables of the model in {@code folder}.
   *
   * @throws InvalidModelException if the folder does not hold a model as it should be
   * @throws UncheckedIOException if its files cannot be read
   */
  public static DlrmWeights open(Path folder) {
    return open(folder, MAX_SEGMENT);
  }

  /** With segments of at most {@code maxSegment} bytes. */
  static DlrmWeights open(Path folder, int maxSegment) {
    ModelInfo info = ModelInfo.read(ModelFolder.local(folder));
    List<EmbeddingTable> tables = new ArrayList<>();
    for (int i = 0; i < info.config().tables().size(); i++) {
      EmbeddingTableConfig table = info.config().tables().get(i);
      tables.add(map(folder, table, info.layout().tables().get(i), maxSegment));
    }
    return new DlrmWeights(folder, info, tables);
  }

  /** What was read of the model beside its weights. */
  public ModelInfo info() {
    return info;
  }

  /** A hash of every byte of the model's files, by {@link ModelContent}. */
  public String content() {
    return ModelContent.hash(folder);
  }

  /**
   * The same, from one pass over the files for which the bytes are wanted, too: {@link
   * ModelContent#read}.
   */
  public String readAll(int threads, Supplier<? extends ModelContent.Pieces> opening) {
    return ModelContent.read(folder, threads, opening);
  }

  /** Table {@code i} of the config. */
  public EmbeddingTable table(int i) {
    return tables.get(i);
  }

  /** Reads a whole tensor of an MLP or a cross layer as fp32 into {@code out} from its start. */
  public void read(TensorInfo tensor, FloatBuffer out) {
    Path file = folder.resolve(tensor.file());
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes =
          channel
              .map(MapMode.READ_ONLY, tensor.offset(), tensor.bytes())
              .order(ByteOrder.LITTLE_ENDIAN);
      int count = Math.toIntExact(tensor.elements());
      for (int i = 0; i < count; i++) {
        out.put(i, element(tensor.dtype(), bytes, i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + tensor.name() + " of " + file + ": " + e, e);
    }
  }

  private static float element(DType dtype, ByteBuffer bytes, int i) {
    return switch (dtype) {
      case F32 -> bytes.getFloat(i * Float.BYTES);
      case BF16 -> HalfFloats.fromBf16(bytes.getShort(i * Short.BYTES));
      case F16 -> HalfFloats.fromFp16(bytes.getShort(i * Short.BYTES));
      default ->
          throw new IllegalArgumentException("Invalid dtype: " + dtype + ", expected a weight's");
    };
  }

  private static EmbeddingTable map(
      Path folder, EmbeddingTableConfig table, TensorInfo tensor, int maxSegment) {
    long rowBytes = (long) table.embeddingDim() * tensor.dtype().bytes();
    int shift = 63 - Long.numberOfLeadingZeros(Math.max(1, maxSegment / rowBytes));
    long segmentBytes = rowBytes << shift;
    Path file = folder.resolve(tensor.file());
    List<ByteBuffer> segments = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file)) {
      for (long at = 0; at < tensor.bytes(); at += segmentBytes) {
        long bytes = Math.min(segmentBytes, tensor.bytes() - at);
        segments.add(channel.map(MapMode.READ_ONLY, tensor.offset() + at, bytes));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot map " + tensor.name() + " of " + file + ": " + e, e);
    }
    return new EmbeddingTable(
        tensor.dtype(), table.numEmbeddings(), table.embeddingDim(), shift, segments);
  }
}
