package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.statistics.DenseStatistics;
import io.nightjar.spark.statistics.ScoreStatistics;
import io.nightjar.spark.statistics.SparseStatistics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tables of a {@link Report}; each is nothing where it would be empty.
 *
 * @param run what they tell of
 * @param last the run before it
 */
record Tables(Manifest run, Optional<Manifest> last) {

  /** Mean, ends and quantiles of the scores, beside those of the run before. */
  Html quantiles() {
    List<Html> rows = new ArrayList<>();
    ScoreStatistics now = run.statistics().scores();
    Optional<ScoreStatistics> then = last.map(manifest -> manifest.statistics().scores());
    rows.add(scores("mean", now.mean(), then.map(ScoreStatistics::mean)));
    rows.add(scores("least", now.min(), then.map(ScoreStatistics::min)));
    for (Manifest.Quantile quantile : run.quantiles()) {
      Optional<Double> before =
          last.stream()
              .flatMap(manifest -> manifest.quantiles().stream())
              .filter(other -> other.share() == quantile.share())
              .map(Manifest.Quantile::score)
              .findFirst();
      rows.add(
          scores(Figures.brief(100 * quantile.share()) + " % below", quantile.score(), before));
    }
    rows.add(scores("greatest", now.max(), then.map(ScoreStatistics::max)));
    rows.add(counts("NaN or infinite", now.notFinite(), then.map(ScoreStatistics::notFinite)));
    rows.add(counts("outside 0 to 1", now.outside(), then.map(ScoreStatistics::outside)));
    return Table.of("numbers", List.of("", "this run", "run before"), rows);
  }

  private static Html scores(String label, double now, Optional<Double> then) {
    return Table.row(label, Figures.score(now), then.map(Figures::score).orElse("–"));
  }

  private static Html counts(String label, long now, Optional<Long> then) {
    return Table.row(label, Figures.count(now), then.map(Figures::count).orElse("–"));
  }

  /** What was checked. */
  Html gates() {
    List<Html> rows = new ArrayList<>();
    for (Manifest.Gate gate : run.gates()) {
      rows.add(Table.row(gate.name(), outcome(gate), gate.message(), gate.action()));
    }
    return Table.of("texts", List.of("gate", "outcome", "figures", "if it fails"), rows);
  }

  private static Html outcome(Manifest.Gate gate) {
    return switch (gate.outcome()) {
      case "passed" -> Html.of("<span class=\"good\">✓ passed</span>");
      case "failed" ->
          Html.of(
              "<span class=\"{}\">✗ failed</span>", gate.action().equals("fail") ? "bad" : "warn");
      default -> Html.of("<span class=\"quiet\">{}</span>", gate.outcome());
    };
  }

  /** The driver's time, and the tasks'. */
  Html times() {
    double wall = run.stages().stream().mapToDouble(Manifest.Stage::seconds).sum();
    List<Html> stages =
        run.stages().stream()
            .map(
                stage ->
                    Table.row(
                        stage.name(),
                        Table.bar(Figures.share(stage.seconds(), wall)),
                        Figures.duration(stage.seconds()),
                        stage
                            .rowsPerSecond()
                            .map(rate -> Figures.brief(rate) + " rows/s")
                            .orElse("")))
            .toList();
    long all = sum(run.statistics().stageNanos().values());
    List<Html> tasks = new ArrayList<>();
    run.statistics()
        .stageNanos()
        .forEach(
            (stage, nanos) ->
                tasks.add(
                    Table.row(
                        stage.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        Table.bar(Figures.share(nanos, all)),
                        Figures.duration(nanos / 1e9),
                        Figures.percent(Figures.share(nanos, all)))));
    return Html.all(
        Stream.of(
                Table.of("numbers", List.of("the run", "", "time", ""), stages),
                Table.of("numbers", List.of("its tasks, added up", "", "time", ""), tasks))
            .filter(table -> !table.markup().isEmpty())
            .toList());
  }

  /** Why rows could not be scored. */
  Html badRows() {
    List<Html> rows = new ArrayList<>();
    long all = run.statistics().badRowCount();
    run.statistics()
        .badRows()
        .forEach(
            (reason, columns) ->
                columns.forEach(
                    (column, count) ->
                        rows.add(
                            Table.row(
                                reason.code(),
                                column,
                                Table.bar(Figures.share(count, all)),
                                Figures.count(count),
                                Figures.percent(
                                    Figures.share(count, run.statistics().rowsIn()))))));
    Html table =
        Table.of("numbers named bare", List.of("reason", "column", "", "rows", "of all"), rows);
    return rows.isEmpty() || run.quarantine().isEmpty()
        ? table
        : Html.of(
            "{}\n<p class=\"quiet\">They are in {}</p>", table, run.quarantine().orElseThrow());
  }

  /** What was seen of the model's inputs. */
  Html features() {
    List<Html> sparse = new ArrayList<>();
    run.statistics()
        .sparse()
        .forEach(
            (name, now) -> {
              Optional<SparseStatistics> then =
                  last.map(manifest -> manifest.statistics().sparse().get(name));
              double empty = Figures.share(now.emptyBags(), now.bags());
              sparse.add(
                  Table.row(
                      name,
                      Table.bar(empty),
                      Figures.percent(empty),
                      then.map(was -> Figures.percent(Figures.share(was.emptyBags(), was.bags())))
                          .orElse("–"),
                      String.format(Locale.ROOT, "%.2f", Figures.share(now.ids(), now.bags())),
                      Figures.percent(Figures.share(now.replacedIds(), now.ids()))));
            });
    List<Html> dense = new ArrayList<>();
    for (Map.Entry<String, DenseStatistics> feature : run.statistics().dense().entrySet()) {
      DenseStatistics now = feature.getValue();
      double nulls = Figures.share(now.replacedNulls(), now.rows());
      dense.add(Table.row(feature.getKey(), Table.bar(nulls), Figures.percent(nulls)));
    }
    return Html.all(
        Stream.of(
                Table.of(
                    "numbers bare long",
                    List.of("sparse", "", "empty", "before", "ids a bag", "replaced"),
                    sparse),
                Table.of("numbers bare long", List.of("dense", "", "null replaced"), dense))
            .filter(table -> !table.markup().isEmpty())
            .toList());
  }

  /** What was read and written. */
  Html data() {
    List<Html> rows = new ArrayList<>();
    for (Manifest.Input input : run.inputs()) {
      rows.add(
          Table.row(
              input.name(),
              input.path(),
              input.rows().map(Figures::count).orElse("–"),
              Figures.count(input.files()),
              Sizes.of(input.bytes())));
    }
    run.output()
        .ifPresent(
            output ->
                rows.add(
                    Table.row(
                        "output",
                        output.location(),
                        Figures.count(output.rows()),
                        Figures.count(output.files()),
                        Sizes.of(output.bytes()))));
    return Table.of("numbers named", List.of("", "where", "rows", "files", "size"), rows);
  }

  /** Model, backend, versions and config. */
  Html facts() {
    List<Html> rows = new ArrayList<>();
    run.model()
        .ifPresent(
            model -> {
              rows.add(Table.row("model", model.name() + " " + model.version()));
              rows.add(Table.row("checksum", model.checksum()));
              model.content().ifPresent(content -> rows.add(Table.row("content", content)));
              rows.add(Table.row("from", model.location()));
            });
    run.compute()
        .ifPresent(
            compute -> {
              rows.add(Table.row("backend", compute.backend() + " " + compute.precision()));
              rows.add(Table.row("because", compute.why()));
              rows.add(Table.row("device", compute.device() + " " + compute.driver()));
              rows.add(Table.row("kernel", compute.kernelVariant()));
              compute.kernelTimes().forEach(choice -> rows.add(Table.row("kernel chosen", choice)));
              if (!compute.deviceMemory().isEmpty()) {
                rows.add(Table.row("device memory", compute.deviceMemory()));
              }
            });
    rows.add(Table.row("application", run.run().application()));
    run.versions().forEach((name, version) -> rows.add(Table.row(name, version)));
    List<Html> config =
        run.config().stream()
            .map(setting -> Table.row(setting.key(), setting.value(), setting.origin()))
            .toList();
    Html facts = Table.of("texts", List.of("", ""), rows);
    return config.isEmpty()
        ? facts
        : Html.of(
            "{}\n<details><summary>Config</summary>\n{}\n</details>",
            facts,
            Table.of("texts", List.of("key", "value", "said in"), config));
  }

  private static long sum(Collection<Long> values) {
    return values.stream().mapToLong(Long::longValue).sum();
  }
}
