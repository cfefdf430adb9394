package io.nightjar.spark.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;

/** Counts what came of {@link Fault}s, and writes it down as a table. */
final class FaultTable {
  private final long seed;
  private final Instant begun = Instant.now();
  private final Map<Fault, Row> rows = new EnumMap<>(Fault.class);

  FaultTable(long seed) {
    this.seed = seed;
  }

  /**
   * What came of one fault, or of several of a kind.
   *
   * @param times how many
   * @param whole after how many readers saw one complete run
   * @param gaps after how many they saw none
   * @param mended after how many the next submission succeeded and readers saw its scores
   * @param kept units that the next submissions did not score again
   * @param units units of those submissions; none where there was nothing left to score
   */
  record Row(int times, int whole, int gaps, int mended, int kept, int units) {
    static final Row EMPTY = new Row(0, 0, 0, 0, 0, 0);

    Row plus(Row other) {
      return new Row(
          times + other.times,
          whole + other.whole,
          gaps + other.gaps,
          mended + other.mended,
          kept + other.kept,
          units + other.units);
    }
  }

  void add(Fault fault, Row row) {
    rows.merge(fault, row, Row::plus);
  }

  /** Writes all of it. */
  void write(Path file, String command) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Faults of whole submissions

        Written by `%s` on %s, in %d minutes on a host with %d cores; seed %d.
        The test `ITFaults` says what is done and looked at, [operations.md](operations.md#publishing) why
        it holds.

        | the fault | times | readers saw one complete run | readers saw none | the next submission ended with 0 | and kept of its units |
        |---|---|---|---|---|---|
        """
            .formatted(
                command,
                LocalDate.now(ZoneOffset.UTC),
                Duration.between(begun, Instant.now()).toMinutes(),
                Runtime.getRuntime().availableProcessors(),
                seed));
    rows.forEach((fault, row) -> append(text, "submission " + fault.description(), row));
    append(text, "all", rows.values().stream().reduce(Row.EMPTY, Row::plus));
    text.append(
        """

        "Readers saw none" is the documented gap of a date that is published again as plain Parquet, until
        the next submission. Where an executor was killed the same submission went on and published, and of
        two at once the first did, while the second ended with exit code 8; the next submission said that
        the date was published already. After each fault and after each next submission, no file outside the
        date's own folders had changed, neither in its bytes nor in its time.
        """);
    Files.writeString(file, text);
  }

  private static void append(StringBuilder text, String name, Row row) {
    text.append("| ").append(name);
    for (int count : new int[] {row.times(), row.whole(), row.gaps(), row.mended()}) {
      text.append(" | ").append(count);
    }
    text.append(" | ");
    text.append(row.units() == 0 ? "" : row.kept() + " of " + row.units()).append(" |\n");
  }
}
