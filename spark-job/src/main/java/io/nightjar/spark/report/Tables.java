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
    return table("numbers", List.of("", "this run", "run before"), rows);
  }

  private static Html scores(String label, double now, Optional<Double> then) {
    return row(label, Figures.score(now), then.map(Figures::score).orElse("–"));
  }

  private static Html counts(String label, long now, Optional<Long> then) {
    return row(label, Figures.count(now), then.map(Figures::count).orElse("–"));
  }

  /** What was checked. */
  Html gates() {
    List<Html> rows = new ArrayList<>();
    for (Manifest.Gate gate : run.gates()) {
      rows.add(row(gate.name(), outcome(gate), gate.message(), gate.action()));
    }
    return table("texts", List.of("gate", "outcome", "figures", "if it fails"), rows);
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
                    row(
                        stage.name(),
                        bar(Figures.share(stage.seconds(), wall)),
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
                    row(
                        stage.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        bar(Figures.share(nanos, all)),
                        Figures.duration(nanos / 1e9),
                        Figures.percent(Figures.share(nanos, all)))));
    return Html.all(
        Stream.of(
                table("numbers", List.of("the run", "", "time", ""), stages),
                table("numbers", List.of("its tasks, added up", "", "time", ""), tasks))
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
                            row(
                                reason.code(),
                                column,
                                bar(Figures.share(count, all)),
                                Figures.count(count),
                                Figures.percent(
                                    Figures.share(count, run.statistics().rowsIn()))))));
    Html table =
        table("numbers named bare", List.of("reason", "column", "", "rows", "of all"), rows);
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
                  row(
                      name,
                      bar(empty),
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
      dense.add(row(feature.getKey(), bar(nulls), Figures.percent(nulls)));
    }
    return Html.all(
        Stream.of(
                table(
                    "numbers bare long",
                    List.of("sparse", "", "empty", "before", "ids a bag", "replaced"),
                    sparse),
                table("numbers bare long", List.of("dense", "", "null replaced"), dense))
            .filter(table -> !table.markup().isEmpty())
            .toList());
  }

  /** What was read and written. */
  Html data() {
    List<Html> rows = new ArrayList<>();
    for (Manifest.Input input : run.inputs()) {
      rows.add(
          row(
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
                    row(
                        "output",
                        output.location(),
                        Figures.count(output.rows()),
                        Figures.count(output.files()),
                        Sizes.of(output.bytes()))));
    return table("numbers named", List.of("", "where", "rows", "files", "size"), rows);
  }

  /** Model, backend, versions and config. */
  Html facts() {
    List<Html> rows = new ArrayList<>();
    run.model()
        .ifPresent(
            model -> {
              rows.add(row("model", model.name() + " " + model.version()));
              rows.add(row("checksum", model.checksum()));
              model.content().ifPresent(content -> rows.add(row("content", content)));
              rows.add(row("from", model.location()));
            });
    run.compute()
        .ifPresent(
            compute -> {
              rows.add(row("backend", compute.backend() + " " + compute.precision()));
              rows.add(row("because", compute.why()));
              rows.add(row("device", compute.device() + " " + compute.driver()));
              rows.add(row("kernel", compute.kernelVariant()));
              compute.kernelTimes().forEach(choice -> rows.add(row("kernel chosen", choice)));
              if (!compute.deviceMemory().isEmpty()) {
                rows.add(row("device memory", compute.deviceMemory()));
              }
            });
    rows.add(row("application", run.run().application()));
    run.versions().forEach((name, version) -> rows.add(row(name, version)));
    List<Html> config =
        run.config().stream()
            .map(setting -> row(setting.key(), setting.value(), setting.origin()))
            .toList();
    Html facts = table("texts", List.of("", ""), rows);
    return config.isEmpty()
        ? facts
        : Html.of(
            "{}\n<details><summary>Config</summary>\n{}\n</details>",
            facts,
            table("texts", List.of("key", "value", "said in"), config));
  }

  private static long sum(Collection<Long> values) {
    return values.stream().mapToLong(Long::longValue).sum();
  }

  /** A bar that fills {@code share} of its cell. */
  private static Html bar(double share) {
    return Html.of(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\""
            + " aria-hidden=\"true\"><rect class=\"room\" width=\"100\" height=\"10\"/><rect"
            + " class=\"fill\" width=\"{}\" height=\"10\"/></svg>",
        String.format(Locale.ROOT, "%.2f", 100 * share));
  }

  private static Html row(Object... cells) {
    List<Html> parts = new ArrayList<>();
    for (Object cell : cells) {
      parts.add(Html.of("<td>{}</td>", cell));
    }
    return Html.of("<tr>{}</tr>", Html.all(parts));
  }

  private static Html table(String style, List<String> heads, List<Html> rows) {
    if (rows.isEmpty()) {
      return Html.NOTHING;
    }
    return Html.of(
        """
        <div class="scroll"><table class="{}">
        <thead><tr>{}</tr></thead>
        <tbody>
        {}
        </tbody></table></div>\
        """,
        style,
        Html.all(heads.stream().map(head -> Html.of("<th>{}</th>", head)).toList()),
        Html.all(rows));
  }
}
