package io.nightjar.spark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.ForkedJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark goes through on a host without a GPU, too. */
class TestEndToEnd {
  @TempDir Path folder;

  @Test
  void aTurnOfEachWritesARowOfTheTable() throws Exception {
    String options =
        "turns --set joined --rows 500 --copies 2 --table-rows 50 --rounds 1 --cores 2"
            + " --model narrow --backend cpu --precision fp32 --baseline false --dir";
    List<String> said =
        ForkedJvm.run(
            EndToEnd.class,
            folder,
            Stream.concat(
                    Stream.of(options.split(" ", -1)),
                    Stream.of(folder.resolve("bench").toString()))
                .toArray(String[]::new));

    assertThat(said)
        .anyMatch(line -> line.startsWith("(b) and (c) read [") && line.contains("<row_id:bigint"));
    assertThat(Files.readAllLines(folder.resolve("bench/results.md")))
        .filteredOn(line -> line.startsWith("| joined"))
        .extracting(line -> line.split(" \\| ", -1)[1])
        .containsExactly("(a) scan and discard", "(b) read all, write", "(c) score");
  }
}
