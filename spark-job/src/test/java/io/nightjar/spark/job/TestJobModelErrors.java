package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.golden.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sound model, damaged in one place: the job says where, before anything is read. */
class TestJobModelErrors {
  @TempDir private Path folder;

  @BeforeEach
  void copyASoundModel() {
    Golden.copy("dlrm-cat", folder);
  }

  @Test
  void unknownKey() throws IOException {
    editJson("\"bottom_mlp\"", "\"bottom_mpl\"");
    assertInvalid(
        "Invalid key in file:$/dlrm-cat/model.json: bottom_mpl, expected one of format, "
            + "version, name, family, dense_features, sparse_features, tables, bottom_mlp, "
            + "interaction, top_mlp, output (nearest: bottom_mlp)");
  }

  @Test
  void brokenJson() throws IOException {
    editJson("\"version\": 1,", "\"version\": 1");
    assertInvalid(
        "Cannot read file:$/dlrm-cat/model.json: broken JSON: Unexpected character "
            + "('\"' (code 34)): was expecting comma to separate Object entries (line 4, "
            + "column 2)");
  }

  @Test
  void missingTensor() throws IOException {
    editHeader("emb_l.1.weight", "emb_l.9.weight");
    assertInvalid(
        "Invalid tensor emb_l.1.weight in file:$/dlrm-cat/model.safetensors: missing, "
            + "expected shape [500, 16]");
  }

  @Test
  void aTableThatNobodyUses() throws IOException {
    editJson("\"table\": \"emb_l.1\"", "\"table\": \"emb_l.0\"");
    assertInvalid(
        "Invalid tables[1] in file:$/dlrm-cat/model.json: emb_l.1, used by no feature, "
            + "expected a feature of it");
  }

  @Test
  void wrongShape() throws IOException {
    editJson("\"num_embeddings\": 500", "\"num_embeddings\": 400");
    assertInvalid(
        "Invalid tensor emb_l.0.weight in file:$/dlrm-cat/model.safetensors: shape "
            + "[500, 16], expected [400, 16]");
  }

  @Test
  void wrongDtype() throws IOException {
    editHeader("\"F32\"", "\"I32\"");
    assertInvalid(
        "Invalid tensor bot_l.0.bias in file:$/dlrm-cat/model.safetensors: dtype I32, "
            + "expected F32, F16 or BF16");
  }

  @Test
  void truncatedFile() throws IOException {
    byte[] bytes = Files.readAllBytes(weights());
    Files.write(weights(), Arrays.copyOf(bytes, bytes.length - 4));
    assertInvalid(
        "Invalid tensor top_l.2.weight in file:$/dlrm-cat/model.safetensors: "
            + "data_offsets [74852, 75012], expected an end within the 75008 bytes after the "
            + "header (is the file truncated?)");
  }

  @Test
  void overlappingOffsets() throws IOException {
    editHeader("\"data_offsets\":[35008,67008]", "\"data_offsets\":[35004,67004]");
    assertInvalid(
        "Invalid tensor emb_l.1.weight in file:$/dlrm-cat/model.safetensors: begins at "
            + "byte 35004, expected byte 35008, where emb_l.0.weight ends (they overlap)");
  }

  @Test
  void oversizedHeader() throws IOException {
    byte[] bytes = Files.readAllBytes(weights());
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
    Files.write(weights(), bytes);
    assertInvalid(
        "Invalid header length of file:$/dlrm-cat/model.safetensors: 1099511627776 "
            + "bytes, expected at most 100000000");
  }

  private Path weights() {
    return folder.resolve("dlrm-cat/model.safetensors");
  }

  private void editJson(String what, String by) throws IOException {
    Path json = folder.resolve("dlrm-cat/model.json");
    String text = Files.readString(json);
    assertThat(text).contains(what);
    Files.writeString(json, text.replace(what, by));
  }

  /** Replaces {@code what} by as many characters, the first time it stands in the header. */
  private void editHeader(String what, String by) throws IOException {
    String text = Files.readString(weights(), StandardCharsets.ISO_8859_1);
    assertThat(text).contains(what);
    assertThat(by).hasSameSizeAs(what);
    int at = text.indexOf(what);
    Files.writeString(
        weights(),
        text.substring(0, at) + by + text.substring(at + what.length()),
        StandardCharsets.ISO_8859_1);
  }

  private void assertInvalid(String message) throws IOException {
    Path conf = folder.resolve("job.conf");
    Files.writeString(
        conf,
        """
        nightjar {
          model = dlrm-cat
          input.examples = absent
          output { path = out, partition-by-run-date = false }
        }
        """);
    JobRun run = JobRun.of("score", "--config", conf.toString());
    assertThat(run.err().replace(folder.toString(), "$"))
        .isEqualTo("nightjar: error: " + message + "\n");
    assertThat(run.exit()).isEqualTo(ExitCode.MODEL);
    assertThat(run.out()).isEmpty();
  }
}
