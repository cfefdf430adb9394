package io.nightjar.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestModelContent {
  private static final DlrmConfig CONFIG =
      Models.of(
          Family.DLRM,
          2,
          List.of(4),
          List.of(5, 6),
          4,
          Pooling.SUM,
          new Interaction.Dot(Interaction.Pairs.LOWER),
          List.of(3, 1));

  @TempDir private Path folder;
  private Path weights;

  @BeforeEach
  void write() throws IOException {
    RandomModel.write(CONFIG, 1, folder);
    weights = folder.resolve("model.safetensors");
  }

  @Test
  void isTheSameWhereverAndWheneverItWasWritten() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    RandomModel.write(CONFIG, 1, copy);
    Files.setLastModifiedTime(copy.resolve("model.safetensors"), FileTime.fromMillis(1_000_000));

    assertThat(ModelContent.hash(copy))
        .matches("[0-9a-f]{32}")
        .isEqualTo(ModelContent.hash(folder));
  }

  /** One bit of any weight, in chunks that end where the file does, before it and behind it. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1, 7})
  void everyWeightCounts(int more) throws IOException {
    int size = (int) Files.size(weights);
    for (int chunk : new int[] {size + more, size / 3}) {
      String content = ModelContent.hash(folder, chunk);
      for (int at : new int[] {size - 1, size - 4, size - 300}) {
        flip(at);
        assertThat(ModelContent.hash(folder, chunk)).isNotEqualTo(content);
        flip(at);
        assertThat(ModelContent.hash(folder, chunk)).isEqualTo(content);
      }
    }
  }

  /** In pieces that end with a chunk, before it and behind it; by one thread and by several. */
  @ParameterizedTest
  @CsvSource({"1, 1000000, 64", "1, 100, 100", "3, 100, 37", "16, 64, 1000", "2, 1, 1"})
  void whatIsReadIsHashedOnItsWay(int threads, int chunk, int piece) throws IOException {
    Map<String, byte[]> read = new HashMap<>();
    for (String file : List.of("model.json", "model.safetensors")) {
      read.put(file, new byte[(int) Files.size(folder.resolve(file))]);
    }
    AtomicInteger open = new AtomicInteger();
    String content = ModelContent.read(folder, chunk, threads, () -> new Kept(piece, read, open));

    assertThat(content).isEqualTo(ModelContent.hash(folder, chunk));
    assertThat(open).hasValue(0);
    read.forEach((file, bytes) -> assertThat(folder.resolve(file)).hasBinaryContent(bytes));
  }

  /** The failure comes out as it was, once every thread has closed its pieces. */
  @Test
  void aPieceThatIsNotTaken() {
    AtomicInteger open = new AtomicInteger();
    IllegalStateException failure = new IllegalStateException("no");
    assertThatThrownBy(
            () ->
                ModelContent.read(
                    folder,
                    10,
                    4,
                    () ->
                        new Kept(10, Map.of(), open) {
                          @Override
                          public void take(ByteBuffer bytes, String file, long offset) {
                            throw failure;
                          }
                        }))
        .isSameAs(failure);
    assertThat(open).hasValue(0);
  }

  /** Keeps what is read where it stands in its file. */
  private static class Kept implements ModelContent.Pieces {
    private final ByteBuffer buffer;
    private final Map<String, byte[]> read;
    private final AtomicInteger open;

    Kept(int bytes, Map<String, byte[]> read, AtomicInteger open) {
      this.buffer = ByteBuffer.allocateDirect(bytes);
      this.read = read;
      this.open = open;
      open.incrementAndGet();
    }

    @Override
    public ByteBuffer next() {
      return buffer.clear();
    }

    @Override
    public void take(ByteBuffer piece, String file, long offset) {
      piece.get(0, read.get(file), (int) offset, piece.position());
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  @Test
  void whatIsNoPartOfTheModelDoesNotCount() throws IOException {
    String content = ModelContent.hash(folder);
    Files.writeString(folder.resolve("README.md"), "notes");

    assertThat(ModelContent.hash(folder)).isEqualTo(content);
  }

  @Test
  void aFolderWithoutAModel() {
    assertThatThrownBy(() -> ModelContent.hash(folder.resolve("absent")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("Invalid model directory " + folder + "/absent: no model.json, expected one");
  }

  private void flip(long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(at);
      int value = file.read();
      file.seek(at);
      file.write(value ^ 1);
    }
  }
}
