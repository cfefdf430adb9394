package io.nightjar.spark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The results of all measurements in one folder, as they go into a page. */
record Markdown(Path file) {

  /** Those in {@code folder}. */
  static Markdown in(Path folder) {
    return new Markdown(folder.resolve("results.md"));
  }

  /** Begins a table. */
  void head(String... cells) throws IOException {
    append("\n" + line(cells) + "|" + "---|".repeat(cells.length) + "\n");
  }

  /** A row of it. */
  void row(String... cells) throws IOException {
    append(line(cells));
  }

  /** A paragraph. */
  void text(String text) throws IOException {
    append("\n" + text + "\n");
  }

  private static String line(String... cells) {
    return "| " + String.join(" | ", List.of(cells)) + " |\n";
  }

  /** At once: whatever becomes of the rest, this was measured. */
  private void append(String text) throws IOException {
    System.out.print(text);
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
