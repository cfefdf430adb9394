package io.nightjar.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.golden.Golden;
import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestModelInfo {
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

  @TempDir Path temp;

  @Test
  void saysWhatIsThere() {
    ModelInfo info = ModelInfo.read(ModelFolder.local(RandomModel.write(CONFIG, 1, temp)));

    assertThat(info.config()).isEqualTo(CONFIG);
    assertThat(info.files()).containsExactly("model.json", "model.safetensors");
    int elements = 5 * 4 + 6 * 4 + 2 * 4 + 4 + 7 * 3 + 3 + 3 * 1 + 1;
    assertThat(info.weightBytes()).isEqualTo(elements * 4L);
    assertThat(info.layout().tables().get(1).name()).isEqualTo("emb_l.1.weight");
    assertThat(info.layout().topMlp().get(1).bias().name()).isEqualTo("top_l.2.bias");
  }

  @Test
  void listsShards() {
    Golden golden = Golden.copy("torchrec-bf16-shards", temp);
    assertThat(ModelInfo.read(ModelFolder.local(golden.folder())).files())
        .containsExactly(
            "model.json",
            "model.safetensors.index.json",
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors");
  }

  @Test
  void versionChangesWithTheModel() throws IOException {
    RandomModel.write(CONFIG, 1, temp);
    String version = read(temp).version();

    assertThat(version).matches("[0-9a-f]{32}").isEqualTo(read(temp).version());
    Files.writeString(temp.resolve("model.json"), RandomModel.json(CONFIG) + " ");
    assertThat(read(temp).version()).isNotEqualTo(version);
  }

  @Test
  void versionIsTheSameWhereverAndWheneverItWasWritten() throws IOException {
    RandomModel.write(CONFIG, 1, temp);
    Path copy = Files.createDirectory(temp.resolve("copy"));
    RandomModel.write(CONFIG, 1, copy);
    Files.setLastModifiedTime(copy.resolve("model.safetensors"), FileTime.fromMillis(1_000_000));

    assertThat(read(copy).version()).isEqualTo(read(temp).version());
    assertThat(read(copy).edition()).isNotEqualTo(read(temp).edition());
  }

  /** The same shape trained again must not be taken for the model of yesterday. */
  @Test
  void editionChangesWhenAFileIsWrittenAgain() throws IOException {
    RandomModel.write(CONFIG, 1, temp);
    Path weights = temp.resolve("model.safetensors");
    FileTime yesterday = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(weights, yesterday);
    String edition = read(temp).edition();

    assertThat(edition).matches("[0-9a-f]{32}").isEqualTo(read(temp).edition());
    Files.setLastModifiedTime(weights, FileTime.fromMillis(2_000_000));
    assertThat(read(temp).edition()).isNotEqualTo(edition);
    Files.setLastModifiedTime(weights, yesterday);
    assertThat(read(temp).edition()).isEqualTo(edition);
  }

  private static ModelInfo read(Path folder) {
    return ModelInfo.read(ModelFolder.local(folder));
  }

  @Test
  void noModelAtAll() throws IOException {
    assertInvalid("Invalid model directory %s: no model.json, expected one".formatted(temp));

    Files.writeString(temp.resolve("model.json"), RandomModel.json(CONFIG));
    assertInvalid(
        "Invalid model directory %s: no weights, expected model.safetensors or, for shards, model.safetensors.index.json"
            .formatted(temp));

    Files.writeString(temp.resolve("model.safetensors"), "");
    Files.writeString(temp.resolve("model.safetensors.index.json"), "{}");
    assertInvalid(
        "Invalid model directory %s: both kinds of weights, expected model.safetensors or, for shards, model.safetensors.index.json"
            .formatted(temp));
  }

  @Test
  void missingTensor() {
    writeWeights(writer().add("emb_l.0.weight", DType.F32, List.of(5, 4), new float[20]));
    assertInvalid(
        "Invalid tensor emb_l.1.weight in %s/model.safetensors: missing, expected shape [6, 4]"
            .formatted(temp));
  }

  @Test
  void wrongShape() throws IOException {
    RandomModel.write(CONFIG, 1, temp);
    Files.writeString(
        temp.resolve("model.json"),
        RandomModel.json(CONFIG).replace("\"top_mlp\": [3, 1]", "\"top_mlp\": [1]"));
    assertInvalid(
        "Invalid tensor top_l.0.weight in %s/model.safetensors: shape [3, 7], expected [1, 7]"
            .formatted(temp));
  }

  @Test
  void extraTensor() {
    writeWeights(allWeights().add("optimizer.step", DType.I64, List.of(0)));
    assertInvalid(
        "Invalid tensor optimizer.step in %s/model.safetensors: not part of the model, expected only tensors that model.json describes"
            .formatted(temp));
  }

  @Test
  void wrongDtype() {
    writeWeights(
        writer()
            .add(
                new SafetensorsWriter.Tensor("emb_l.0.weight", DType.F64, List.of(5, 4), i -> 0L)));
    assertInvalid(
        "Invalid tensor emb_l.0.weight in %s/model.safetensors: dtype F64, expected F32, F16 or BF16"
            .formatted(temp));
  }

  @Test
  void oneTensorUnderTwoPrefixes() {
    writeWeights(
        writer()
            .add("module.emb_l.0.weight", DType.F32, List.of(5, 4), new float[20])
            .add("model.emb_l.0.weight", DType.F32, List.of(5, 4), new float[20]));
    assertInvalid(
        "Invalid tensor model.emb_l.0.weight in %s/model.safetensors: the same as module.emb_l.0.weight in model.safetensors once prefixes are dropped, expected one"
            .formatted(temp));
  }

  @Test
  void truncatedFile() throws IOException {
    RandomModel.write(CONFIG, 1, temp);
    byte[] whole = Files.readAllBytes(temp.resolve("model.safetensors"));
    Files.write(temp.resolve("model.safetensors"), Arrays.copyOf(whole, whole.length - 1));
    assertInvalid(
        "Invalid tensor top_l.2.bias in %s/model.safetensors: data_offsets [332, 336], expected an end within the 335 bytes after the header (is the file truncated?)"
            .formatted(temp));
  }

  @Test
  void shardsThatDoNotFitTheirIndex() throws IOException {
    Files.writeString(temp.resolve("model.json"), RandomModel.json(CONFIG));
    writer()
        .add("emb_l.0.weight", DType.F32, List.of(5, 4), new float[20])
        .write(temp.resolve("a.safetensors"));
    String index = temp + "/model.safetensors.index.json";

    writeIndex("{}");
    assertInvalid("Invalid weight_map in %s: nothing, expected an object".formatted(index));
    writeIndex("{\"weight_map\": {\"emb_l.0.weight\": \"../a.safetensors\"}}");
    assertInvalid(
        "Invalid shard of tensor emb_l.0.weight in %s: \"../a.safetensors\", expected a safetensors file beside it"
            .formatted(index));
    writeIndex("{\"weight_map\": {\"emb_l.0.weight\": \"b.safetensors\"}}");
    assertInvalid(
        "Invalid shard of tensor emb_l.0.weight in %s: \"b.safetensors\", expected a safetensors file beside it"
            .formatted(index));
    writeIndex("{\"weight_map\": {\"emb_l.1.weight\": \"a.safetensors\"}}");
    assertInvalid(
        "Invalid tensor emb_l.0.weight in %s/a.safetensors: not there by model.safetensors.index.json, expected the file that weight_map names"
            .formatted(temp));
    writeIndex(
        "{\"weight_map\": {\"emb_l.0.weight\": \"a.safetensors\", \"emb_l.1.weight\":"
            + " \"a.safetensors\"}}");
    assertInvalid(
        "Invalid tensor emb_l.1.weight in %s/a.safetensors: missing, expected since model.safetensors.index.json names it"
            .formatted(temp));
  }

  @Test
  void dropsPrefixesInAnyOrderAndNumber() {
    assertThat(
            WeightNames.withoutPrefixes("_dmp_wrapped_module.module.model.over_arch.model.1.bias"))
        .isEqualTo("over_arch.model.1.bias");
    assertThat(WeightNames.withoutPrefixes("module._orig_mod.module.emb_l.0.weight"))
        .isEqualTo("emb_l.0.weight");
    assertThat(WeightNames.withoutPrefixes("model_x.weight")).isEqualTo("model_x.weight");
  }

  private static SafetensorsWriter writer() {
    return new SafetensorsWriter();
  }

  private static SafetensorsWriter allWeights() {
    return writer()
        .add("emb_l.0.weight", DType.F32, List.of(5, 4), new float[20])
        .add("emb_l.1.weight", DType.F32, List.of(6, 4), new float[24])
        .add("bot_l.0.weight", DType.F32, List.of(4, 2), new float[8])
        .add("bot_l.0.bias", DType.F32, List.of(4), new float[4])
        .add("top_l.0.weight", DType.F32, List.of(3, 7), new float[21])
        .add("top_l.0.bias", DType.F32, List.of(3), new float[3])
        .add("top_l.2.weight", DType.F32, List.of(1, 3), new float[3])
        .add("top_l.2.bias", DType.F32, List.of(1), new float[1]);
  }

  private void writeWeights(SafetensorsWriter writer) {
    writer.write(temp.resolve("model.safetensors"));
    try {
      Files.writeString(temp.resolve("model.json"), RandomModel.json(CONFIG));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeIndex(String json) throws IOException {
    Files.writeString(temp.resolve("model.safetensors.index.json"), json);
  }

  private void assertInvalid(String message) {
    assertThatThrownBy(() -> ModelInfo.read(ModelFolder.local(temp)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(message);
  }
}
