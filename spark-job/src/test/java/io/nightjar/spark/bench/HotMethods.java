package io.nightjar.spark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** What a recording of Java Flight Recorder says of where the processors were. */
final class HotMethods {
  private HotMethods() {}

  /** Prints the methods in which most samples were taken, each with the caller it has most. */
  static void print(Path recording, int most) throws IOException {
    Map<String, Long> samples = new HashMap<>();
    long all = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        String type = event.getEventType().getName();
        boolean sampled =
            type.equals("jdk.ExecutionSample") || type.equals("jdk.NativeMethodSample");
        // Threads that wait in native code are sampled, too: tasks alone are of interest.
        if (sampled && event.getStackTrace() != null && isTask(event)) {
          var frames = event.getStackTrace().getFrames();
          String name = name(frames.get(0));
          for (int i = 1; i < Math.min(4, frames.size()); i++) {
            name += " < " + name(frames.get(i));
          }
          samples.merge(name, 1L, Long::sum);
          all++;
        }
      }
    }
    long total = Math.max(1, all);
    System.out.printf("%d samples of tasks%n", all);
    samples.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(most)
        .forEach(
            entry ->
                System.out.printf(
                    Locale.ROOT,
                    "%5.1f %% %s%n",
                    100.0 * entry.getValue() / total,
                    entry.getKey()));
  }

  private static boolean isTask(RecordedEvent event) {
    var thread = event.getThread("sampledThread");
    return thread != null
        && thread.getJavaName() != null
        && thread.getJavaName().startsWith("Executor task");
  }

  private static String name(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
  }
}
