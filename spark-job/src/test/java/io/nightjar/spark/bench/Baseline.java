package io.nightjar.spark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;

/**
 * What people write today, {@code baseline.py}, in a process of its own that takes its turns when
 * it is told to. Whoever starts it closes it.
 */
final class Baseline implements AutoCloseable {
  private final Process process;
  private final Writer in;
  private final BufferedReader out;
  private boolean ready;

  /** Starts it on the files of {@code driving}; its model loads while others take their turns. */
  Baseline(BenchJob job, Path driving) throws IOException {
    String script = System.getProperty("nightjar.bench.baseline");
    BenchOptions options = job.options();
    process =
        new ProcessBuilder(
                "python3",
                script,
                job.set().name(),
                options.folder().toString(),
                driving.toString(),
                String.valueOf(options.tableRows()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    in = process.outputWriter();
    out = process.inputReader();
  }

  /** Scores every row; gives rows and seconds. */
  BenchJob.Took turn() throws IOException {
    if (!ready) {
      expect("ready");
      ready = true;
    }
    in.write("go\n");
    in.flush();
    String[] answer = expect("scored").split(" ", -1);
    double seconds = Double.parseDouble(answer[2]);
    return new BenchJob.Took(Long.parseLong(answer[1]), seconds, seconds, 0);
  }

  private String expect(String word) throws IOException {
    String line = out.readLine();
    if (line == null || !line.startsWith(word)) {
      throw new IOException("Cannot run baseline.py: it said " + line + ", expected " + word);
    }
    return line;
  }

  @Override
  public void close() throws IOException {
    in.close();
    out.close();
    process.destroy();
  }
}
