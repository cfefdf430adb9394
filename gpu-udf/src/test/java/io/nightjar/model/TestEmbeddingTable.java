package io.nightjar.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.testing.Fp16;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.SafetensorsWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestEmbeddingTable {
  @TempDir Path temp;

  /** 6 GiB of fp32 in a sparse file: rows of both ends and of the seams between segments. */
  @Test
  void tableOfSixGibibytes() throws IOException {
    int rows = 12 * 1024 * 1024;
    writeSparse(rows, 128);
    int[] marked = {0, 1, (1 << 21) - 1, 1 << 21, (1 << 22) - 1, 1 << 22, rows - 2, rows - 1};
    TensorInfo tensor = ModelInfo.read(ModelFolder.local(temp)).layout().tables().get(0);
    assertThat(tensor.bytes()).isEqualTo(6L << 30);
    try (RandomAccessFile file =
        new RandomAccessFile(temp.resolve("model.safetensors").toFile(), "rw")) {
      for (int row : marked) {
        file.seek(tensor.offset() + row * 512L);
        file.writeInt(Integer.reverseBytes(Float.floatToIntBits(row + 1)));
        file.seek(tensor.offset() + row * 512L + 508);
        file.writeInt(Integer.reverseBytes(Float.floatToIntBits(-row - 1)));
      }
    }

    EmbeddingTable table = DlrmWeights.open(temp).table(0);

    float[] read = new float[130];
    for (int row : marked) {
      table.read(row, read, 1);
      assertThat(read[1]).isEqualTo(row + 1f);
      assertThat(read[2]).isZero();
      assertThat(read[128]).isEqualTo(-row - 1f);
    }
    table.read(rows / 2 + 7, read, 0);
    assertThat(read).startsWith(new float[128]);
    assertThat(table.segments().stream().mapToLong(ByteBuffer::remaining).sum())
        .isEqualTo(6L << 30);
  }

  /** Every cut of a table into segments gives the same rows. */
  @ParameterizedTest
  @ValueSource(ints = {1, 12, 13, 24, 47, 48, 100, 200, 1_000})
  void segmentsOfAnySize(int maxSegment) {
    float[] values = new float[11 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    RandomModel.write(config(11, 3), 1, temp);
    weights(DType.F32, 11, 3, values);

    EmbeddingTable table = DlrmWeights.open(temp, maxSegment).table(0);

    float[] row = new float[3];
    for (int r = 0; r < 11; r++) {
      table.read(r, row, 0);
      assertThat(row).containsExactly(3 * r, 3 * r + 1, 3 * r + 2);
    }
    int rowsASegment = Math.max(1, Integer.highestOneBit(maxSegment / 12));
    assertThat(table.segments()).hasSize((11 + rowsASegment - 1) / rowsASegment);
  }

  /** Each of the 65,536 numbers, and in a table too. */
  @Test
  void everyFp16IsRead() {
    RandomModel.write(config(256, 256), 1, temp);
    halves(DType.F16);
    EmbeddingTable table = DlrmWeights.open(temp).table(0);
    float[] row = new float[256];
    for (int bits = 0; bits < 65_536; bits++) {
      if (bits % 256 == 0) {
        table.read(bits / 256, row, 0);
      }
      double expected = Fp16.value(bits);
      assertThat(Float.floatToIntBits(row[bits % 256]))
          .isEqualTo(Float.floatToIntBits((float) expected));
    }
  }

  @Test
  void everyBf16IsRead() {
    RandomModel.write(config(256, 256), 1, temp);
    halves(DType.BF16);
    EmbeddingTable table = DlrmWeights.open(temp).table(0);
    float[] row = new float[256];
    for (int bits = 0; bits < 65_536; bits++) {
      if (bits % 256 == 0) {
        table.read(bits / 256, row, 0);
      }
      assertThat(Float.floatToIntBits(row[bits % 256]))
          .isEqualTo(Float.floatToIntBits(Float.intBitsToFloat(bits << 16)));
    }
  }

  private static DlrmConfig config(int rows, int dim) {
    return Models.of(
        Family.DLRM,
        0,
        List.of(),
        List.of(rows),
        dim,
        Pooling.SUM,
        new Interaction.Cat(),
        List.of(1));
  }

  private void weights(DType dtype, int rows, int dim, float... values) {
    tail(new SafetensorsWriter().add("emb_l.0.weight", dtype, List.of(rows, dim), values), dim)
        .write(temp.resolve("model.safetensors"));
  }

  private void halves(DType dtype) {
    SafetensorsWriter.Tensor tensor =
        new SafetensorsWriter.Tensor("emb_l.0.weight", dtype, List.of(256, 256), i -> i);
    tail(new SafetensorsWriter().add(tensor), 256).write(temp.resolve("model.safetensors"));
  }

  private static SafetensorsWriter tail(SafetensorsWriter writer, int dim) {
    return writer
        .add("top_l.0.weight", DType.F32, List.of(1, dim), new float[dim])
        .add("top_l.0.bias", DType.F32, List.of(1), new float[1]);
  }

  /** A model whose weights are all zero, without writing them. */
  private void writeSparse(int rows, int dim) throws IOException {
    Files.writeString(temp.resolve("model.json"), RandomModel.json(config(rows, dim)));
    long table = 4L * rows * dim;
    String header =
        """
        {"top_l.0.bias": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
         "top_l.0.weight": {"dtype": "F32", "shape": [1, %d], "data_offsets": [4, %d]},
         "emb_l.0.weight": {"dtype": "F32", "shape": [%d, %d], "data_offsets": [%d, %d]}}"""
            .formatted(dim, 4 + 4 * dim, rows, dim, 4 + 4 * dim, 4 + 4 * dim + table);
    Path file = temp.resolve("model.safetensors");
    SafetensorsWriter.writeRaw(file, header.length(), header, new byte[0]);
    try (RandomAccessFile weights = new RandomAccessFile(file.toFile(), "rw")) {
      weights.setLength(weights.length() + 4 + 4L * dim + table);
    }
  }
}
