package io.nightjar.spark.job;

import io.nightjar.spark.executor.GpuResources;
import io.nightjar.spark.executor.PreloadedModel;
import io.nightjar.spark.executor.StatisticsCommitProtocol;
import java.util.Arrays;
import org.apache.spark.SparkConf;

/** What Spark must be told before a session exists, added to what the user told it. */
final class SessionSettings {
  private static final String EXTENSIONS = "spark.sql.extensions";
  private static final String PLUGINS = "spark.plugins";

  private SessionSettings() {}

  /**
   * The user's settings with the job's beside them; nothing of the user's is replaced.
   *
   * @throws JobException for a setting that loses rows silently or can never run
   */
  static SparkConf of(SparkConf user, ScoringConf conf) {
    refuse(user);
    SparkConf settings = user.clone();
    append(settings, EXTENSIONS, "io.nightjar.spark.plan.NightjarExtensions");
    append(settings, PLUGINS, "io.nightjar.spark.executor.ScoringPlugin");
    settings.setIfMissing("spark.app.name", "nightjar " + conf.spec().model());
    // What a scan decodes lies outside the heap, as the batch does that it is put into.
    settings.setIfMissing("spark.sql.columnVector.offheap.enabled", "true");
    settings.set(StatisticsCommitProtocol.KEY, StatisticsCommitProtocol.class.getName());
    PreloadedModel.configure(settings, conf.spec());
    return settings;
  }

  /**
   * The same for what scores nothing: executors open no model, and Spark commits what is written.
   */
  static SparkConf withoutModel(SparkConf user, ScoringConf conf) {
    SparkConf settings = of(user, conf);
    PreloadedModel.unset(settings);
    settings.remove(StatisticsCommitProtocol.KEY);
    return settings;
  }

  /** The user's settings for a session that scores nothing. */
  static SparkConf toRead(SparkConf user) {
    refuse(user);
    return user.clone().setIfMissing("spark.app.name", "nightjar status");
  }

  private static void refuse(SparkConf user) {
    if (!user.contains("spark.master")) {
      throw new JobException(
          ExitCode.CONFIG, "Cannot start Spark: spark.master is not set; submit with spark-submit");
    }
    if (user.contains(StatisticsCommitProtocol.KEY)) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid "
              + StatisticsCommitProtocol.KEY
              + ": "
              + user.get(StatisticsCommitProtocol.KEY)
              + ", expected nothing: the job's own commits what tasks counted with their files");
    }
    for (String name : new String[] {"ignoreCorruptFiles", "ignoreMissingFiles"}) {
      String key = "spark.sql.files." + name;
      if (user.getBoolean(key, false)) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid " + key + ": true, expected false: it loses rows without a word");
      }
    }
    try {
      GpuResources.check(user);
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.CONFIG, e.getMessage(), e);
    }
  }

  private static void append(SparkConf settings, String key, String value) {
    String list = settings.get(key, "");
    if (list.isBlank()) {
      settings.set(key, value);
    } else if (!Arrays.asList(list.split("\\s*,\\s*")).contains(value)) {
      settings.set(key, list + "," + value);
    }
  }
}
