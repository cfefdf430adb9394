package io.nightjar.spark.report;

import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.Manifest.State;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.statistics.ScoreHistogram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A manifest as a page for people: one file, with everything that it needs inside. */
public final class Report {
  /** Its name beside the manifest; the underscore hides it from readers of Parquet. */
  public static final String NAME = "_REPORT.html";

  private final Manifest run;
  private final Optional<Manifest> last;
  private final Tables tables;

  private Report(Manifest run, Optional<Manifest> last) {
    this.run = run;
    this.last = last;
    this.tables = new Tables(run, last);
  }

  /**
   * The page about {@code run}.
   *
   * @param last the run that was published before it, to compare with
   */
  public static String of(Manifest run, Optional<Manifest> last) {
    return new Report(run, last).page().markup();
  }

  private Html page() {
    return Html.of(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>{}</title>
        <style>
        {}</style>
        </head>
        <body>
        <main>
        {}
        </main>
        </body>
        </html>
        """,
        title(),
        new Html(resource("report.css")),
        Html.all(sections()));
  }

  private String title() {
    String model = run.model().map(Manifest.Model::name).orElse("Nightjar");
    return run.run().date().map(date -> model + " · " + date).orElse(model);
  }

  private List<Html> sections() {
    List<Html> sections = new ArrayList<>();
    sections.add(head());
    sections.add(key());
    section(sections, "Scores", scores());
    section(sections, "Gates", tables.gates());
    section(sections, "Throughput", throughput());
    section(sections, "Where the time went", tables.times());
    section(sections, "Bad rows", tables.badRows());
    section(sections, "Features", tables.features());
    section(sections, "Input and output", tables.data());
    section(sections, "What ran", tables.facts());
    return sections;
  }

  /** Nothing where there is nothing to say. */
  private static void section(List<Html> sections, String title, Html content) {
    if (!content.markup().isEmpty()) {
      sections.add(Html.of("<section>\n<h2>{}</h2>\n{}\n</section>", title, content));
    }
  }

  private Html head() {
    boolean published = run.exit().state() == State.PUBLISHED;
    Html message =
        run.exit().message().isEmpty()
            ? Html.NOTHING
            : Html.of("<p class=\"message\">{}</p>", run.exit().message());
    return Html.of(
        """
        <header>
        <h1>{} <span class="{}">{}</span></h1>
        <p class="quiet">run {} · <span>{}</span> <span>to {} UTC</span></p>
        {}
        </header>\
        """,
        title(),
        published ? "state good" : "state bad",
        published ? "✓ published" : "✗ failed, exit code " + run.exit().code(),
        run.run().id(),
        started(),
        ended(),
        message);
  }

  private String started() {
    return time(run.run().started());
  }

  /** Without the day where the run began on it. */
  private String ended() {
    String ended = time(run.run().ended());
    String day = started().substring(0, "2026-11-23 ".length());
    return ended.startsWith(day) ? ended.substring(day.length()) : ended;
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", "");
  }

  private Html key() {
    long failed = run.gates().stream().filter(gate -> gate.outcome().equals("failed")).count();
    long bad = run.statistics().badRowCount();
    double wall = Duration.between(run.run().started(), run.run().ended()).toNanos() / 1e9;
    List<Html> tiles = new ArrayList<>();
    tiles.add(tile("rows scored", Figures.count(run.statistics().scored())));
    tiles.add(tile("bad rows", Figures.count(bad)));
    run.stages().stream()
        .filter(stage -> stage.name().equals("score"))
        .flatMap(stage -> stage.rowsPerSecond().stream())
        .findFirst()
        .ifPresent(rate -> tiles.add(tile("rows a second", Figures.count(Math.round(rate)))));
    tiles.add(tile("from start to end", Figures.duration(wall)));
    run.output().ifPresent(output -> tiles.add(tile("output", Sizes.of(output.bytes()))));
    if (!run.gates().isEmpty()) {
      tiles.add(tile("gates failed", failed + " of " + run.gates().size()));
    }
    return Html.of("<div class=\"tiles\">\n{}\n</div>", Html.all(tiles));
  }

  private static Html tile(String label, String figure) {
    return Html.of("<div><b>{}</b><span>{}</span></div>", figure, label);
  }

  private Html scores() {
    ScoreHistogram before =
        last.map(run -> run.statistics().scores().histogram()).orElse(ScoreHistogram.EMPTY);
    Html plot = ScorePlot.of(run.statistics().scores().histogram(), before);
    if (plot.markup().isEmpty()) {
      return Html.NOTHING;
    }
    String compared =
        last.map(
                run ->
                    "the run before it, "
                        + run.run().date().map(Object::toString).orElse(run.run().id()))
            .orElse("");
    Html legend =
        compared.isEmpty()
            ? Html.of("<p class=\"quiet\">There is no run before it to compare with.</p>")
            : Html.of(
                "<p class=\"legend\"><span><i class=\"now\"></i>this run</span>"
                    + " <span><i class=\"before\"></i>{}</span></p>",
                compared);
    return Html.of(
        "{}\n{}\n<p class=\"quiet\">A bar's area is its share of the scores. Each halving of the"
            + " distance to 0 or to 1 has the same room.</p>\n{}",
        legend,
        plot,
        tables.quantiles());
  }

  private Html throughput() {
    Html plot = ThroughputPlot.of(run);
    long kept = run.units().stream().filter(Manifest.Unit::kept).count();
    long written = run.units().size() - kept;
    if (run.units().isEmpty()) {
      return Html.NOTHING;
    }
    return Html.of(
        "{}\n"
            + "<p class=\"quiet\">Rows a second of the {} written{}, by minutes and seconds since"
            + " the start.</p>",
        plot,
        written == 1 ? "one unit" : written + " units",
        kept == 0 ? "" : ", beside " + kept + " kept from an earlier attempt");
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + name + " from the job's jar", e);
    }
  }
}
