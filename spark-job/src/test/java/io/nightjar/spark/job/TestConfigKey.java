package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The code, {@code conf/nightjar.conf} and the README's table say the same of every key. */
class TestConfigKey {
  private static final Path TOP = Path.of("..");
  private static final String HEAD =
      """
      # Every key of a Nightjar job with its default; a key without one stands behind a #.
      # What is said elsewhere wins: -D key=value, then --conf spark.nightjar.key=value, then this file.
      # ${run-date} is the day given with --run-date. Relative paths are relative to this file's folder.
      """;

  @Test
  void confFileListsEveryKey() throws IOException {
    StringBuilder expected = new StringBuilder(HEAD).append("nightjar {\n");
    for (ConfigKey key : ConfigKey.values()) {
      expected
          .append("  # ")
          .append(key.sentence().replace("`", ""))
          .append('\n')
          .append(key.fallback().isPresent() && !key.ofFeature() ? "  " : "  # ")
          .append(key.path().replace("*", "<input>"))
          .append(" = ")
          .append(key.fallback().orElse(""))
          .append("\n\n");
    }
    expected.setLength(expected.length() - 1);
    expected.append("}\n");

    assertThat(Files.readString(TOP.resolve("conf/nightjar.conf")).replaceAll(" +\n", "\n"))
        .isEqualTo(expected.toString().replaceAll(" +\n", "\n"));
  }

  @Test
  void readmeTableListsEveryKey() throws IOException {
    String readme = Files.readString(TOP.resolve("README.md"));
    String table =
        readme.substring(
            readme.indexOf("<!-- options -->") + "<!-- options -->\n".length(),
            readme.indexOf("<!-- /options -->"));

    String rows =
        Arrays.stream(ConfigKey.values())
            .map(
                key ->
                    "| `%s` | %s | %s |\n"
                        .formatted(
                            key.path().replace("*", "<input>"),
                            key.fallback().map(text -> "`" + text + "`").orElse(""),
                            key.sentence()))
            .collect(Collectors.joining());

    assertThat(table).isEqualTo("| key | default | meaning |\n|---|---|---|\n" + rows);
  }

  @Test
  void nearestIsTheOneWithFewestEdits() {
    assertThat(ConfigKey.nearest("batchsize", ConfigKey.paths())).isEqualTo("batch-size");
    assertThat(ConfigKey.nearest("hashmod", List.of("hash-mod", "null"))).isEqualTo("hash-mod");
  }
}
