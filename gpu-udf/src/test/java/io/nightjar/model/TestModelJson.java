package io.nightjar.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.testing.RandomModel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestModelJson {
  private static final String VALID =
      """
      {"format": "nightjar-dlrm", "version": 1, "name": "ctr", "family": "torchrec",
       "dense_features": ["d0", "d1"],
       "sparse_features": [{"name": "s0", "table": "a"}, {"name": "s1", "table": "b"}],
       "tables": [
         {"name": "a", "num_embeddings": 10, "embedding_dim": 4, "pooling": "sum"},
         {"name": "b", "num_embeddings": 20, "embedding_dim": 4, "pooling": "mean"}],
       "bottom_mlp": [8, 4],
       "interaction": {"type": "dot", "pairs": "upper"},
       "top_mlp": [16, 1],
       "output": "sigmoid"}
      """;

  @Test
  void readsEveryKey() {
    DlrmConfig config = ModelJson.parse("m/model.json", VALID);

    assertThat(config)
        .isEqualTo(
            new DlrmConfig(
                "ctr",
                Family.TORCHREC,
                List.of("d0", "d1"),
                List.of(new SparseFeature("s0", 0), new SparseFeature("s1", 1)),
                List.of(
                    new EmbeddingTableConfig("a", 10, 4, Pooling.SUM),
                    new EmbeddingTableConfig("b", 20, 4, Pooling.MEAN)),
                List.of(8, 4),
                new Interaction.Dot(Interaction.Pairs.UPPER),
                List.of(16, 1)));
    assertThat(config.vectors()).isEqualTo(3);
    assertThat(config.denseElements()).isEqualTo(4);
    assertThat(config.vectorElements()).isEqualTo(12);
    assertThat(config.interactionElements()).isEqualTo(4 + 3);
    assertThat(ModelJson.parse("m/model.json", RandomModel.json(config))).isEqualTo(config);
  }

  /** Each line replaces one piece of the valid file by another and gives the message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nightjar-dlrm | nightjar | Invalid format in F: \"nightjar\", expected \"nightjar-dlrm\"",
        "'n\": 1,' | 'n\": 2,' | Invalid version in F: 2, expected 1",
        "'n\": 1,' | 'n\": 1.0,' | Invalid version in F: 1.0, expected an integer from 1 to 2147483647",
        "'n\": 1,' | 'n\": \"1\",' | 'Invalid version in F: \"1\", expected an integer from 1 to 2147483647'",
        "\"ctr\" | \"\" | Invalid name in F: \"\", expected a string that is not empty",
        "'\"torchrec\"' | '\"tf\"' | Invalid family in F: \"tf\", expected \"dlrm\" or \"torchrec\"",
        "'\"top_mlp\"' | '\"top_mpl\"' | Invalid key in F: top_mpl, expected one of format, version, name, family, dense_features, sparse_features, tables, bottom_mlp, interaction, top_mlp, output (nearest: top_mlp)",
        "'\"b\", \"num' | '\"b\", \"nun' | Invalid key in F: tables[1].nun_embeddings, expected one of name, num_embeddings, embedding_dim, pooling (nearest: num_embeddings)",
        "'\"upper\"' | '\"upper\", \"rank\": 3' | Invalid key in F: interaction.rank, expected one of type, pairs (nearest: type)",
        "'\"top_mlp\": [16, 1],' | '' | Invalid top_mlp in F: missing, expected a list of sizes",
        "'\"top_mlp\": [16, 1]' | '\"top_mlp\": 1' | Invalid top_mlp in F: 1, expected a list of sizes",
        "[16, 1] | [16, 2] | Invalid top_mlp in F: [16, 2], expected a last layer of size 1, the logit",
        "[16, 1] | [] | Invalid top_mlp in F: [], expected a last layer of size 1, the logit",
        "[16, 1] | [0, 1] | Invalid top_mlp[0] in F: 0, expected an integer from 1 to 1048576",
        "[16, 1] | [1048577, 1] | Invalid top_mlp[0] in F: 1048577, expected an integer from 1 to 1048576",
        "[16, 1] | [1048576, 1048576, 1] | Invalid top_mlp[1] in F: 1048576 outputs of 1048576 inputs, expected at most 536870911 weights in a layer",
        "'\"mean\"' | '\"max\"' | Invalid tables[1].pooling in F: \"max\", expected \"sum\" or \"mean\"",
        "': 20,' | ': 0,' | Invalid tables[1].num_embeddings in F: 0, expected an integer from 1 to 2147483647",
        "': 20,' | ': 2147483648,' | Invalid tables[1].num_embeddings in F: 2147483648, expected an integer from 1 to 2147483647",
        "'\"name\": \"b\"' | '\"name\": \"a\"' | Invalid tables[1].name in F: a, twice, expected a name of its own",
        "'\"table\": \"b\"' | '\"table\": \"c\"' | Invalid sparse_features[1].table in F: c, expected the name of a table",
        "'\"table\": \"b\"' | '\"table\": \"a\"' | Invalid tables[1] in F: b, used by no feature, expected a feature of it",
        "'\"name\": \"s1\"' | '\"name\": \"d1\"' | Invalid feature name in F: d1, twice, expected a name of its own for each feature",
        "'\"d0\", \"d1\"' | '' | Invalid bottom_mlp in F: [8, 4], expected [], since there is no dense feature",
        "[8, 4] | [] | Invalid bottom_mlp in F: [], expected layer sizes, since there are 2 dense features",
        "[8, 4] | [8, 5] | Invalid bottom_mlp[1] in F: 5, expected 4 as embedding_dim, since the interaction is dot",
        "'4, \"pooling\": \"mean\"' | '6, \"pooling\": \"mean\"' | Invalid tables[1].embedding_dim in F: 6, expected 4 as the first feature's table, since the interaction is dot",
        "'\"dot\"' | '\"sum\"' | Invalid interaction.type in F: \"sum\", expected \"dot\" or \"cat\" or \"cross\"",
        "'\"upper\"' | '\"left\"' | Invalid interaction.pairs in F: \"left\", expected \"lower\" or \"upper\"",
        "'\"dot\", \"pairs\": \"upper\"' | '\"cross\", \"layers\": 2' | Invalid interaction.rank in F: missing, expected a size",
        "'[\"d0\", \"d1\"]' | '[\"d0\", 1]' | Invalid dense_features in F: 1, expected strings that are not empty",
        "'{\"name\": \"s1\", \"table\": \"b\"}' | '\"s1\"' | Invalid sparse_features[1] in F: \"s1\", expected a JSON object",
        "sigmoid | none | Invalid output in F: \"none\", expected \"sigmoid\"",
      })
  void namesWhatIsWrong(String piece, String other, String message) {
    assertThat(VALID).contains(piece);
    assertInvalid(
        VALID.replace(piece, other == null ? "" : other), message.replace("F:", "m/model.json:"));
  }

  @Test
  void crossIsTorchRecs() {
    String json =
        VALID
            .replace("\"torchrec\"", "\"dlrm\"")
            .replace("\"dot\", \"pairs\": \"upper\"", "\"cross\", \"layers\": 2, \"rank\": 3");
    assertInvalid(
        json,
        "Invalid interaction.type in m/model.json: \"cross\" in family \"dlrm\", expected"
            + " \"torchrec\"");
  }

  @Test
  void oneVectorHasNoPairs() {
    String json =
        """
        {"format": "nightjar-dlrm", "version": 1, "name": "ctr", "family": "dlrm",
         "dense_features": [], "sparse_features": [{"name": "s0", "table": "a"}],
         "tables": [{"name": "a", "num_embeddings": 10, "embedding_dim": 4, "pooling": "sum"}],
         "bottom_mlp": [], "interaction": {"type": "dot", "pairs": "upper"},
         "top_mlp": [1], "output": "sigmoid"}
        """;
    assertInvalid(
        json,
        "Invalid sparse_features in m/model.json: one vector, expected two or more for the"
            + " interaction dot");
    assertInvalid(
        json.replace("{\"name\": \"s0\", \"table\": \"a\"}", "")
            .replaceFirst("\"tables\": \\[.*\\]", "\"tables\": []"),
        "Invalid sparse_features in m/model.json: empty, expected at least one feature");
  }

  @Test
  void moreInputsThanALayerTakes() {
    assertInvalid(
        VALID
            .replace("\"embedding_dim\": 4", "\"embedding_dim\": 524288")
            .replace("\"dot\", \"pairs\": \"upper\"", "\"cat\""),
        "Invalid sparse_features in m/model.json: 1048580 elements in all, expected at most"
            + " 1048576");
  }

  @Test
  void brokenJson() {
    assertInvalid(
        "{\n \"format\": ",
        "Cannot read m/model.json: broken JSON: Unexpected end-of-input within/between Object"
            + " entries (line 2, column 12)");
    assertInvalid(
        "{\"name\": 1, \"name\": 2}",
        "Cannot read m/model.json: broken JSON: Duplicate field 'name' (line 1, column 19)");
    assertInvalid(
        VALID.strip() + "x",
        "Cannot read m/model.json: broken JSON: Unrecognized token 'x': was expecting (JSON"
            + " String, Number, Array, Object or token 'null', 'true' or 'false') (line 10, column"
            + " 22)");
    assertInvalid("", "Invalid content in m/model.json: nothing, expected a JSON object");
    assertInvalid("[]", "Invalid content in m/model.json: [], expected a JSON object");
  }

  private static void assertInvalid(String json, String message) {
    assertThatThrownBy(() -> ModelJson.parse("m/model.json", json))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(message);
  }
}
