package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What {@code conf/schedule} holds: fields that exist, a command that this job understands. */
class TestSchedules {
  private static final Path CONF = Path.of("../conf");
  private static final Path SCHEDULES = CONF.resolve("schedule");
  private static final String DAY = "2026-11-23";

  @Test
  void sparkOperator() throws IOException {
    Map<String, Object> yaml = yaml("kubernetes/nightjar.yaml");

    PublishedFields.read().check("ScheduledSparkApplication", yaml);
    Map<String, Object> spec = map(yaml, "spec");
    assertThat(spec)
        .containsEntry("concurrencyPolicy", "Forbid")
        .containsEntry("timeZone", "Europe/Berlin");
    Map<String, Object> template = map(spec, "template");
    assertThat(template).containsEntry("mainClass", ScoringJob.class.getName());
    assertThat(map(template, "restartPolicy")).containsEntry("type", "OnFailure");
    Map<String, String> defaults = sparkDefaults();
    assertThat(template.get("executor"))
        .hasFieldOrPropertyWithValue(
            "cores", Integer.valueOf(defaults.remove("spark.executor.cores")))
        .hasFieldOrPropertyWithValue(
            "memoryOverhead", defaults.remove("spark.executor.memoryOverhead"));
    defaults.remove("spark.yarn.maxAppAttempts");
    assertThat(template.get("sparkConf")).isEqualTo(defaults);
    List<String> arguments =
        ((List<?>) template.get("arguments")).stream().map(Object::toString).toList();
    assertThat(arguments).contains("@run-date");
    understood(arguments);
  }

  @Test
  void argo() throws IOException {
    Map<String, Object> yaml = yaml("argo/nightjar.yaml");

    PublishedFields.read().check("CronWorkflow", yaml);
    Map<String, Object> spec = map(yaml, "spec");
    assertThat(spec)
        .containsEntry("concurrencyPolicy", "Forbid")
        .containsEntry("timezone", "Europe/Berlin");
    Object template = ((List<?>) map(spec, "workflowSpec").get("templates")).get(0);
    assertThat(map(template, "retryStrategy")).containsKey("limit");
    List<?> args = (List<?>) map(template, "container").get("args");
    understood(words(args.get(0).toString()));
  }

  @Test
  void airflow() throws IOException {
    String dag = Files.readString(SCHEDULES.resolve("airflow/nightjar_nightly.py"));
    PublishedFields fields = PublishedFields.read();

    Map<String, String> flow = onlyCall(dag, "DAG");
    assertThat(fields.names("DAG")).containsAll(flow.keySet());
    assertThat(flow).containsEntry("max_active_runs", "1").containsEntry("catchup", "False");
    Map<String, String> timetable = onlyCall(dag, "CronTriggerTimetable");
    assertThat(fields.names("CronTriggerTimetable")).containsAll(timetable.keySet());
    assertThat(timetable).containsEntry("timezone", "ZONE");
    Map<String, String> submit = onlyCall(dag, "SparkSubmitOperator");
    assertThat(fields.names("SparkSubmitOperator", "BaseOperator")).containsAll(submit.keySet());
    assertThat(submit)
        .containsEntry("java_class", '"' + ScoringJob.class.getName() + '"')
        .containsEntry("retries", "3");
    understood(
        Stream.of(submit.get("application_args").replaceAll("[\\[\\]\"]", "").split(", *", -1))
            .map(word -> word.replace("RUN_DATE", DAY))
            .toList());
    Map<String, String> sensor = onlyCall(dag, "FileSensor");
    assertThat(fields.names("FileSensor", "BaseSensorOperator", "BaseOperator"))
        .containsAll(sensor.keySet());
    assertThat(sensor.get("filepath")).endsWith("/run_date={RUN_DATE}/_SUCCESS\"");
    List<String> imports =
        Pattern.compile("(?m)^from (\\S+) import (\\S+)$")
            .matcher(dag)
            .results()
            .map(line -> line.group(1) + "." + line.group(2))
            .filter(name -> name.startsWith("airflow."))
            .toList();
    assertThat(imports).isNotEmpty().isSubsetOf(fields.names("AirflowImports"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nightjar.timer", "nightjar.service"})
  void systemdKnowsTheDirectives(String unit) throws IOException {
    PublishedFields.read().check("Sections", sections(unit));
  }

  @Test
  void systemd() throws IOException {
    assertThat(sections("nightjar.timer").get("Timer").get("OnCalendar"))
        .isEqualTo("*-*-* 02:30:00 Europe/Berlin");
    Map<String, String> service = sections("nightjar.service").get("Service");
    assertThat(service).containsEntry("Type", "oneshot").containsEntry("Restart", "on-failure");
    understood(words(service.get("ExecStart").replaceFirst("'$", "")));
  }

  /** Where the same run would end the same way again, no scheduler should try. */
  @Test
  void retriesLeaveOutWhatStaysWrong() throws IOException {
    assertThat(sections("nightjar.service").get("Service").get("RestartPreventExitStatus"))
        .isEqualTo("2 3 4 5 6 7");
    assertThat(Files.readString(SCHEDULES.resolve("argo/nightjar.yaml")))
        .contains("!(lastRetry.exitCode in ['2', '3', '4', '5', '6', '7'])");
  }

  @Test
  void image() throws IOException {
    List<String> lines =
        Files.readAllLines(SCHEDULES.resolve("kubernetes/Dockerfile")).stream()
            .filter(line -> line.matches("[A-Z]+ .*"))
            .toList();

    assertThat(lines.get(0))
        .isEqualTo(
            "FROM apache/spark:%s-scala2.13-java17-ubuntu"
                .formatted(org.apache.spark.package$.MODULE$.SPARK_VERSION()));
    assertThat(lines)
        .contains("ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility");
    assertThat(lines.stream().filter(line -> line.startsWith("COPY ")))
        .hasSize(3)
        .allSatisfy(
            line -> {
              String[] words = line.replace("--chmod=755 ", "").split(" ", -1);
              assertThat(words).hasSize(3);
              assertThat(Path.of("..").resolve(words[1]).toString())
                  .satisfiesAnyOf(
                      made -> assertThat(made).isEqualTo("../spark-job/target/nightjar.jar"),
                      there -> assertThat(Path.of(there)).exists());
              assertThat(words[2]).startsWith("/opt/nightjar/");
            });
    assertThat(lines.get(lines.size() - 1)).isEqualTo("ENTRYPOINT [\"/opt/nightjar/entrypoint\"]");
  }

  /** Whoever adds a schedule adds its check. */
  @Test
  void everyFileIsLookedAt() throws IOException {
    try (Stream<Path> files = Files.walk(SCHEDULES)) {
      assertThat(
              files.filter(Files::isRegularFile).map(file -> SCHEDULES.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "airflow/nightjar_nightly.py",
              "argo/nightjar.yaml",
              "kubernetes/Dockerfile",
              "kubernetes/entrypoint",
              "kubernetes/nightjar.yaml",
              "run-date",
              "systemd/nightjar.service",
              "systemd/nightjar.timer");
    }
  }

  /** Files that a schedule or the image names below our folder are where they are said to be. */
  @Test
  void filesThatAreNamedAreThere() throws IOException {
    Matcher named =
        Pattern.compile("/opt/nightjar/((?:conf|bin)/[\\w./-]*[\\w])").matcher(allSchedules());
    List<String> files = named.results().map(result -> result.group(1)).distinct().toList();

    assertThat(files).contains("conf/schedule/run-date", "bin/nightjar");
    assertThat(files).allSatisfy(file -> assertThat(Path.of("..").resolve(file)).exists());
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 2026-11-22T23:30:00Z, 2026-11-23",
    "UTC, 2026-11-22T23:30:00Z, 2026-11-22",
    "Asia/Tokyo, 2026-11-22T23:30:00+05:00, 2026-11-23",
    "Europe/Berlin, nightjar-nightly-1764286200000000000, 2025-11-28",
    "Europe/Berlin, nightjar-nightly-1764286200000000, 2025-11-28",
    "Europe/Berlin, nightjar-nightly-1764286200000, 2025-11-28",
    "Europe/Berlin, nightjar-nightly-1764286200, 2025-11-28",
    "Europe/Berlin, nightjar-nightly-29404770, 2025-11-28",
    "UTC, nightjar-nightly-29404770, 2025-11-27",
  })
  void runDateIsThatOfTheScheduleInItsZone(String zone, String when, String day) throws Exception {
    assertThat(run(Map.of(), "run-date", zone, when)).isEqualTo(day + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Europe/Berln|now|Invalid time zone: Europe/Berln, expected one of tzdata, such as"
            + " Europe/Berlin",
        "UTC|tomorrow|Invalid time: tomorrow, expected now, RFC 3339 or the name of a scheduled"
            + " SparkApplication",
        "UTC|nightjar-3|Invalid time: nightjar-3, expected the time of a schedule at its end",
      })
  void runDateRefusesWhatItCannotRead(String zone, String when, String error) throws Exception {
    assertThat(run(Map.of(), "run-date", zone, when)).isEqualTo("run-date: error: " + error + "\n");
  }

  @Test
  void theImageFillsInTheRunDate() throws Exception {
    Map<String, String> environment =
        Map.of(
            "NIGHTJAR_CONF", CONF.toAbsolutePath().toString(),
            "NIGHTJAR_TIME_ZONE", "Europe/Berlin",
            "NIGHTJAR_RUN", "nightjar-nightly-1764286200",
            "SPARK_ENTRYPOINT", "/bin/echo");

    assertThat(
            run(environment, "kubernetes/entrypoint", "driver", "score", "--run-date", "@run-date"))
        .isEqualTo("driver score --run-date 2025-11-28\n");
  }

  private static void understood(List<String> command) {
    List<String> words =
        command.subList(command.indexOf("score"), command.size()).stream()
            .map(word -> word.equals("@run-date") ? DAY : word)
            .toList();
    Optional<JobCommand> parsed = JobCommand.parse(words.toArray(String[]::new), System.err);
    assertThat(parsed).isPresent();
    assertThat(parsed.get().verb()).isEqualTo(JobCommand.Verb.SCORE);
    assertThat(parsed.get().runDate()).hasToString("Optional[" + DAY + "]");
  }

  /** The words of a shell command, the run date that it works out put in. */
  private static List<String> words(String command) {
    assertThat(command).containsPattern("--run-date \"\\$+\\(\\S*/conf/schedule/run-date ");
    return Arrays.asList(command.replaceAll("\"\\$+\\(.*\\)\"", DAY).split("\\s+", -1));
  }

  private static Map<String, String> onlyCall(String dag, String function) {
    List<Map<String, String>> calls = PythonCalls.of(dag, function);
    assertThat(calls).as(function).hasSize(1);
    return calls.get(0);
  }

  private static Map<String, Map<String, String>> sections(String unit) throws IOException {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    Map<String, String> section = Map.of();
    for (String line : Files.readAllLines(SCHEDULES.resolve("systemd").resolve(unit))) {
      if (line.startsWith("[")) {
        section = new LinkedHashMap<>();
        sections.put(line.substring(1, line.length() - 1), section);
      } else if (!line.isBlank() && !line.startsWith("#")) {
        String[] directive = line.split("=", 2);
        section.put(directive[0], directive[1]);
      }
    }
    return sections;
  }

  private static Map<String, String> sparkDefaults() throws IOException {
    Properties defaults = new Properties();
    try (InputStream in = Files.newInputStream(CONF.resolve("gpu/spark-defaults.conf"))) {
      defaults.load(in);
    }
    Map<String, String> settings = new TreeMap<>();
    defaults.forEach((key, value) -> settings.put(key.toString(), value.toString()));
    return settings;
  }

  private static String allSchedules() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(SCHEDULES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString();
  }

  private static Map<String, Object> yaml(String file) throws IOException {
    return new Yaml().load(Files.readString(SCHEDULES.resolve(file)));
  }

  @SuppressWarnings("unchecked") // keys of these files are strings
  private static Map<String, Object> map(Object parent, String key) {
    return (Map<String, Object>) ((Map<?, ?>) parent).get(key);
  }

  private static String run(Map<String, String> environment, String script, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(SCHEDULES.resolve(script).toAbsolutePath().toString());
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
