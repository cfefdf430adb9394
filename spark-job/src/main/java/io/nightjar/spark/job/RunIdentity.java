package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;

/**
 * Tells runs apart: one with the same date, model, input and config would make the same scores, and
 * has the same id.
 */
final class RunIdentity {
  /**
   * What changes neither scores nor where they go. The model counts by its files, which are an
   * input like any other: written again they are another one.
   */
  private static final List<String> NO_PART =
      List.of(
          "model",
          "batch-size",
          "embedding-bag.reorder",
          "profile.path",
          "profile.sample",
          "profile.hot-rows",
          "max-bad-fraction",
          "output.unit-size",
          "output.allow-empty",
          "output.lock-expiry",
          "metrics.push-gateway",
          "metrics.text-file");

  /** Nor does what they are held against: a run that was stopped there is the same run. */
  private static final String GATES = "gates.";

  private RunIdentity() {}

  /** The id, sixteen hexadecimal digits. */
  static String of(ScoringConf conf, ModelInfo model, RunPlan plan) {
    Stream<String> date = conf.output().runDate().stream().map(day -> "run-date " + day);
    Stream<String> scorer =
        Stream.of("model " + model.edition(), "backend " + plan.backend().backend());
    Stream<String> input =
        plan.input().sources().stream()
            .flatMap(table -> table.files().stream().map(file -> table.name() + file(file)));
    Stream<String> settings =
        conf.settings().stream()
            .filter(setting -> !NO_PART.contains(setting.key()))
            .filter(setting -> !setting.key().startsWith(GATES))
            .map(setting -> setting.key() + " = " + setting.value());
    return hash(Stream.of(date, scorer, input, settings).flatMap(lines -> lines).toList());
  }

  private static String file(FileStatus file) {
    return " %s %d %d".formatted(file.getPath(), file.getLen(), file.getModificationTime());
  }

  private static String hash(List<String> lines) {
    try {
      byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot name a run: every Java has SHA-256", e);
    }
  }
}
