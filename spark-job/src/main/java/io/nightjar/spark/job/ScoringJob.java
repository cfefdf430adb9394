package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.spark.executor.EmbeddingBagCheck;
import io.nightjar.spark.executor.HadoopModelFolder;
import io.nightjar.spark.executor.ResolvedModel;
import io.nightjar.spark.publish.OutputFolder;
import io.nightjar.spark.spec.ScoringSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** The nightly job: reads, joins, scores, publishes. Started by {@code spark-submit}. */
public final class ScoringJob {
  private final SparkConf submitted;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * Makes the job.
   *
   * @param submitted what {@code spark-submit} was told
   * @param out takes the summary
   * @param err takes the one line of an error
   */
  ScoringJob(SparkConf submitted, PrintStream out, PrintStream err) {
    this.submitted = submitted;
    this.out = out;
    this.err = err;
  }

  /**
   * Entry point of {@code spark-submit}.
   *
   * <p>In cluster mode a failed run ends by throwing: there, ending the process makes YARN run the
   * application again.
   */
  public static void main(String[] args) {
    SparkConf submitted = new SparkConf();
    ExitCode exit = new ScoringJob(submitted, System.out, System.err).run(args);
    if (exit == ExitCode.OK) {
      return;
    }
    if (submitted.get("spark.submit.deployMode", "client").equals("cluster")) {
      throw new IllegalStateException("Cannot score: exit code " + exit.code() + ", see above");
    }
    System.exit(exit.code());
  }

  /** Does what the command line asks for; says what went wrong in one line. */
  ExitCode run(String... args) {
    try {
      Optional<JobCommand> command = JobCommand.parse(args, out);
      return command.isPresent() ? run(command.get()) : ExitCode.OK;
    } catch (Exception e) {
      JobException known = Failures.explain(e);
      err.println("nightjar: error: " + known.getMessage().replaceAll("\\s*\\R\\s*", " "));
      if (Arrays.asList(args).contains("--debug")) {
        known.printStackTrace(err);
      }
      return known.exitCode();
    }
  }

  private ExitCode run(JobCommand command) throws IOException {
    Stages stages = new Stages();
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(submitted);
    ConfigFile file = ConfigFile.read(command.config(), submitted, hadoop);
    Settings settings = Settings.of(file, command.overrides(), submitted, command.runDate());
    ScoringConf said = ConfReader.read(settings, file, command.runDate());
    if (command.verb() == JobCommand.Verb.STATUS) {
      return status(said.output(), hadoop);
    }
    if (command.verb() == JobCommand.Verb.PROFILE) {
      profile(said, hadoop);
      return ExitCode.OK;
    }
    OutputFolder output = OutputCheck.checked(said, hadoop);
    if (command.verb() == JobCommand.Verb.EXPLAIN) {
      explain(said, hadoop);
    } else {
      score(said, output, hadoop, stages, command);
    }
    return ExitCode.OK;
  }

  /** Needs neither the model's weights nor a GPU. */
  private void profile(ScoringConf said, Configuration hadoop) throws IOException {
    ResolvedModel resolved = resolveModel(said.spec().model(), hadoop);
    ScoringConf conf = said.withModel(resolved);
    ModelInfo model = readModel(resolved.folder());
    try (JobSession owner = JobSession.open(SessionSettings.withoutModel(submitted, conf))) {
      ScoringInput input = RunPlan.input(owner.session(), conf, model.config());
      new ProfileRun(owner.session(), conf, model, input).run().forEach(out::println);
    }
  }

  private void explain(ScoringConf said, Configuration hadoop) {
    ResolvedModel resolved = resolveModel(said.spec().model(), hadoop);
    ScoringConf conf = said.withModel(resolved);
    SparkConf spark = SessionSettings.of(submitted, conf);
    ModelInfo model = readModel(resolved.folder());
    checkBags(conf.spec(), model, hadoop);
    try (JobSession owner = JobSession.open(spark)) {
      RunPlan plan = RunPlan.of(owner.session(), conf, model.config());
      new Explanation(conf, model, plan).lines().forEach(out::println);
    }
  }

  /** The exit code is the run's, in whatever mode that was submitted. */
  private ExitCode status(OutputConf output, Configuration hadoop) throws IOException {
    OutputFolder folder = OutputFolder.of(output.path(), output.runDate(), hadoop);
    RunStatus status;
    if (output.table().isEmpty()) {
      status = RunStatus.of(folder, Optional.empty());
    } else {
      try (JobSession owner = JobSession.open(SessionSettings.toRead(submitted))) {
        TablePublisher table =
            new TablePublisher(owner.session(), output.table().get(), output.runDate());
        status = RunStatus.of(folder, Optional.of(table));
      }
    }
    status.lines().forEach(out::println);
    return status.exitCode();
  }

  /** From here on the run knows one model directory, whatever becomes of a pointer to it. */
  private static ResolvedModel resolveModel(String location, Configuration hadoop) {
    try {
      return ResolvedModel.of(location, hadoop);
    } catch (UncheckedIOException e) {
      throw new JobException(ExitCode.MODEL, e.getMessage(), e);
    }
  }

  /** Finds bags that cannot be pooled so before Spark starts. */
  private static void checkBags(ScoringSpec spec, ModelInfo model, Configuration hadoop) {
    try {
      EmbeddingBagCheck.check(spec.embeddingBag(), spec.precision(), model, hadoop);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new JobException(ExitCode.CONFIG, e.getMessage(), e);
    }
  }

  private static ModelInfo readModel(HadoopModelFolder folder) {
    try {
      return ModelInfo.read(folder);
    } catch (UncheckedIOException e) {
      throw new JobException(ExitCode.MODEL, e.getMessage(), e);
    }
  }

  private void score(
      ScoringConf said,
      OutputFolder output,
      Configuration hadoop,
      Stages stages,
      JobCommand command)
      throws IOException {
    RunManifest manifest = new RunManifest(said, submitted, stages);
    RunRecords records = new RunRecords(output, said.output(), said.metrics());
    try {
      ResolvedModel resolved = resolveModel(said.spec().model(), hadoop);
      ScoringConf conf = said.withModel(resolved);
      SparkConf spark = SessionSettings.of(submitted, conf);
      ModelInfo model = readModel(resolved.folder());
      manifest.found(conf, model);
      checkBags(conf.spec(), model, hadoop);
      try (JobSession owner = JobSession.open(spark)) {
        stages.end(RunManifest.START);
        try {
          RunPlan plan = RunPlan.of(owner.session(), conf, model.config());
          score(
              new ScoringRun(owner.session(), conf, model, plan, stages, output, manifest, records),
              conf,
              command);
        } catch (Exception e) {
          // While there is a Spark whose metrics can be told, too.
          leaveWord(records, manifest, e);
          throw e;
        }
      }
    } catch (Exception e) {
      leaveWord(records, manifest, e);
      throw e;
    }
  }

  /** The failure goes on its way; what else fails here goes with it. */
  private static void leaveWord(RunRecords records, RunManifest manifest, Exception why) {
    try {
      records.failedEarly(manifest.failed(why));
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  private void score(ScoringRun run, ScoringConf conf, JobCommand command) throws IOException {
    run.run(command.force(), command.fresh())
        .map(RunSummary::lines)
        .orElseGet(() -> List.of(alreadyPublished(run)))
        .forEach(out::println);
    if (command.preview()) {
      out.println();
      out.print(ScorePreview.of(run.publisher().read(), conf.spec().scoreColumn()));
    }
  }

  private static String alreadyPublished(ScoringRun run) {
    return "Nightjar: already published: "
        + run.publisher().target()
        + " holds run "
        + run.runId()
        + "; --force scores it again";
  }
}
