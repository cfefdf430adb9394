package io.nightjar.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.testing.SafetensorsWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestSafetensors {
  @TempDir Path temp;

  @Test
  void readsTensorsInTheOrderInWhichTheyLie() throws IOException {
    new SafetensorsWriter()
        .add("b", DType.F32, List.of(2, 3), 1, 2, 3, 4, 5, 6)
        .add("a", DType.BF16, List.of(0, 7))
        .add("c", DType.F16, List.of(), 1)
        .write(temp.resolve("f.safetensors"));
    long start = Files.size(temp.resolve("f.safetensors")) - 26;

    Safetensors file = Safetensors.read(ModelFolder.local(temp), "f.safetensors");

    assertThat(file.tensors())
        .containsExactly(
            new TensorInfo("b", "f.safetensors", DType.F32, List.of(2L, 3L), start, 24),
            new TensorInfo("a", "f.safetensors", DType.BF16, List.of(0L, 7L), start + 24, 0),
            new TensorInfo("c", "f.safetensors", DType.F16, List.of(), start + 24, 2));
  }

  @Test
  void skipsTheFilesOwnMetadata() throws IOException {
    write("{\"__metadata__\": {\"format\": \"pt\"}, \"a\": %s}", tensor("F32", "[1]", "[0, 4]"), 4);
    assertThat(Safetensors.read(ModelFolder.local(temp), "f").tensors()).hasSize(1);
  }

  /** A file of one tensor, {@code a}, and 24 bytes of data. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "F32 | [6] | [0, 20] | 20 bytes, expected those of F32 [6], 24",
        "F64 | [6] | [0, 24] | 24 bytes, expected those of F64 [6], 48",
        "F32 | [0, 5] | [0, 4] | 4 bytes, expected those of F32 [0, 5], 0",
        "F32 | [4294967296, 4294967296] | [0, 24] | 24 bytes, expected those of F32 [4294967296, 4294967296], 9223372036854775807",
        "F32 | [7] | [0, 28] | data_offsets [0, 28], expected an end within the 24 bytes after the header (is the file truncated?)",
        "F32 | [6] | [9223372036854775783, 9223372036854775807] | data_offsets [9223372036854775783, 9223372036854775807], expected an end within the 24 bytes after the header (is the file truncated?)",
        "F32 | [5] | [4, 24] | begins at byte 4, expected byte 0, where the header ends (there is a hole)",
        "F32 | [6] | [24, 0] | data_offsets [24, 0], expected [begin, end] with begin <= end",
        "F32 | [6] | [0] | data_offsets [0], expected [begin, end] with begin <= end",
        "F32 | [6] | [-4, 20] | data_offsets [-4,20], expected integers from 0 to 2^63 - 1",
        "F32 | [6] | [0, 24.0] | data_offsets [0,24.0], expected integers from 0 to 2^63 - 1",
        "F32 | [6] | 24 | data_offsets 24, expected a list of integers",
        "F32 | [-6] | [0, 24] | shape [-6], expected integers from 0 to 2^63 - 1",
        "F32 | 6 | [0, 24] | shape 6, expected a list of integers",
        "F31 | [6] | [0, 24] | dtype \"F31\", expected one of [BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64]",
      })
  void namesTheTensor(String dtype, String shape, String offsets, String message)
      throws IOException {
    write("{\"a\": %s}", tensor(dtype, shape, offsets), 24);
    assertInvalid("Invalid tensor a in " + temp + "/f: " + message);
  }

  @Test
  void overlappingTensors() throws IOException {
    write(
        "{\"b\": " + tensor("F32", "[4]", "[8, 24]") + ", \"a\": %s}",
        tensor("F32", "[3]", "[0, 12]"),
        24);
    assertInvalid(
        "Invalid tensor b in "
            + temp
            + "/f: begins at byte 8, expected byte 12, where a ends (they overlap)");
  }

  @Test
  void bytesAfterTheLastTensor() throws IOException {
    write("{\"a\": %s}", tensor("F32", "[3]", "[0, 12]"), 13);
    long size = Files.size(temp.resolve("f"));
    assertInvalid(
        "Invalid size of %s/f: %d bytes, expected %d, where a ends"
            .formatted(temp, size, size - 1));
  }

  @Test
  void tensorOfOtherKeys() throws IOException {
    write("{\"a\": %s}", "{\"dtype\": \"F32\", \"shape\": [1], \"offsets\": [0, 4]}", 4);
    assertInvalid(
        "Invalid tensor a in "
            + temp
            + "/f: {\"dtype\":\"F32\",\"shape\":[1],\"offsets\":[0,4]}, expected an object with"
            + " dtype, shape and data_offsets");
  }

  @Test
  void tensorOfOneNameTwice() throws IOException {
    String tensor = tensor("F32", "[1]", "[0, 4]");
    write("{\"a\": " + tensor + ", \"a\": %s}", tensor, 4);
    assertInvalid(
        "Cannot read " + temp + "/f: broken JSON: Duplicate field 'a' (line 1, column 66)");
  }

  @Test
  void headersThatAreNoHeaders() throws IOException {
    Files.write(temp.resolve("f"), new byte[7]);
    assertInvalid("Invalid size of " + temp + "/f: 7 bytes, expected 8 or more");

    SafetensorsWriter.writeRaw(temp.resolve("f"), 100_000_001, "{}", new byte[0]);
    assertInvalid(
        "Invalid header length of " + temp + "/f: 100000001 bytes, expected at most 100000000");

    SafetensorsWriter.writeRaw(temp.resolve("f"), -1, "{}", new byte[0]);
    assertInvalid(
        "Invalid header length of "
            + temp
            + "/f: 18446744073709551615 bytes, expected at most 100000000");

    SafetensorsWriter.writeRaw(temp.resolve("f"), 50, "{}", new byte[4]);
    assertInvalid("Invalid size of " + temp + "/f: 14 bytes, expected at least 58 for the header");

    SafetensorsWriter.writeRaw(temp.resolve("f"), 3, "{\"a", new byte[0]);
    assertInvalid(
        "Cannot read "
            + temp
            + "/f: broken JSON: Unexpected end-of-input in field name (line 1, column 4)");

    SafetensorsWriter.writeRaw(temp.resolve("f"), 2, "[]", new byte[0]);
    assertInvalid("Invalid header of " + temp + "/f: [], expected a JSON object");

    SafetensorsWriter.writeRaw(temp.resolve("f"), 1, "", new byte[] {(byte) 0xff});
    assertInvalid("Invalid header of " + temp + "/f: not UTF-8 text");
  }

  @Property(tries = 200)
  void whatIsWrittenIsRead(@ForAll("shapes") List<List<Integer>> shapes) throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    DType[] dtypes = DType.values();
    for (int i = 0; i < shapes.size(); i++) {
      writer.add(
          new SafetensorsWriter.Tensor(
              "t" + i, dtypes[i % dtypes.length], shapes.get(i), at -> at));
    }
    Path file = Files.createTempFile("nightjar", ".safetensors");
    try {
      writer.write(file);
      Safetensors read =
          Safetensors.read(ModelFolder.local(file.getParent()), file.getFileName().toString());
      assertThat(read.tensors()).hasSize(shapes.size());
      for (TensorInfo tensor : read.tensors()) {
        int i = Integer.parseInt(tensor.name().substring(1));
        assertThat(tensor.shape())
            .isEqualTo(shapes.get(i).stream().map(Integer::longValue).toList());
        assertThat(tensor.dtype()).isEqualTo(dtypes[i % dtypes.length]);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Provide
  Arbitrary<List<List<Integer>>> shapes() {
    return Arbitraries.integers().between(0, 5).list().ofMaxSize(3).list().ofMaxSize(20);
  }

  /** Whatever bytes are damaged, a reader gets the tensors or an error that says so. */
  @Property(tries = 2000)
  void damagedHeadersGiveNothingButInvalidModel(
      @ForAll("damages") List<Damage> damages, @ForAll @IntRange(min = 0, max = 200) int length)
      throws IOException {
    byte[] file = VALID.clone();
    for (Damage damage : damages) {
      file[damage.at()] = damage.value();
    }
    byte[] cut = Arrays.copyOf(file, Math.min(file.length, length + 40));
    try {
      Safetensors read = Safetensors.read(new BytesFolder(cut), "f");
      for (TensorInfo tensor : read.tensors()) {
        assertThat(tensor.offset() + tensor.bytes()).isBetween(0L, (long) cut.length);
      }
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageContaining("bytes/f");
    }
  }

  record Damage(int at, byte value) {}

  @Provide
  Arbitrary<List<Damage>> damages() {
    return Combinators.combine(
            Arbitraries.integers().between(0, VALID.length - 1),
            Arbitraries.of('{', '}', '[', ']', '"', ',', ':', '0', '9', '-', 'e', '.', ' ', '\377'))
        .as((at, value) -> new Damage(at, (byte) value.charValue()))
        .list()
        .ofMaxSize(4);
  }

  private static final byte[] VALID = valid();

  private static byte[] valid() {
    try {
      Path file = Files.createTempFile("nightjar", ".safetensors");
      new SafetensorsWriter()
          .add("a", DType.F32, List.of(2, 3), 1, 2, 3, 4, 5, 6)
          .add("b", DType.BF16, List.of(4), 1, 2, 3, 4)
          .write(file);
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One file in memory. */
  private static final class BytesFolder implements ModelFolder {
    private final byte[] content;

    BytesFolder(byte[] content) {
      this.content = content;
    }

    @Override
    public String location() {
      return "bytes";
    }

    @Override
    public boolean exists(String file) {
      return true;
    }

    @Override
    public long size(String file) {
      return content.length;
    }

    @Override
    public long modified(String file) {
      return 0;
    }

    @Override
    public InputStream open(String file) {
      return new ByteArrayInputStream(content);
    }
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": %s}"
        .formatted(dtype, shape, offsets);
  }

  private void write(String header, String tensor, int dataBytes) throws IOException {
    String text = header.formatted(tensor);
    SafetensorsWriter.writeRaw(temp.resolve("f"), text.length(), text, new byte[dataBytes]);
  }

  private void assertInvalid(String message) {
    assertThatThrownBy(() -> Safetensors.read(ModelFolder.local(temp), "f"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(message);
  }
}
