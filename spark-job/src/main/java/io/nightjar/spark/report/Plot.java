package io.nightjar.spark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A drawing with two axes: values on its insides, pixels of an SVG on its outside.
 *
 * @param width pixels
 * @param height pixels
 * @param fromX value at the left edge
 * @param toX value at the right edge
 * @param toY value at the upper edge; the lower is 0
 * @param left pixels for the labels of the y axis
 */
record Plot(double width, double height, double fromX, double toX, double toY, double left) {
  /** On a laptop, and on a phone: letters must not shrink with the drawing. */
  static final double WIDE = 880;

  static final double NARROW = 340;

  private static final double BOTTOM = 26;
  private static final double TOP = 8;
  private static final double RIGHT = 8;

  /**
   * A point of a line that goes up and down in steps.
   *
   * @param from where the step begins
   * @param to where it ends
   * @param y its height
   */
  record Step(double from, double to, double y) {}

  /**
   * A mark on an axis.
   *
   * @param value where
   * @param label what is written there
   */
  record Tick(double value, String label) {}

  /** The drawing of {@code parts} under {@code title}, which is read to those who cannot see. */
  Html draw(String title, List<Html> parts) {
    return Html.of(
        """
        <svg viewBox="0 0 {} {}" class="plot {}" role="img"><title>{}</title>
        {}
        </svg>""",
        pixels(width),
        pixels(height),
        width == WIDE ? "wide" : "narrow",
        title,
        Html.all(parts));
  }

  /** The x axis. */
  Html bottom(List<Tick> ticks) {
    List<Html> marks = new ArrayList<>();
    double base = height - BOTTOM;
    marks.add(line("axis", left, base, width - RIGHT, base));
    for (Tick tick : ticks) {
      marks.add(line("axis", x(tick.value), base, x(tick.value), base + 4));
      marks.add(
          Html.of(
              "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
              pixels(x(tick.value)),
              pixels(base + 18),
              x(tick.value) > width - 24 ? "end" : "middle",
              tick.label));
    }
    return Html.all(marks);
  }

  /** The y axis, with lines across. */
  Html side(List<Tick> ticks) {
    List<Html> marks = new ArrayList<>();
    for (Tick tick : ticks) {
      marks.add(line("grid", left, y(tick.value), width - RIGHT, y(tick.value)));
      marks.add(
          Html.of(
              "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
              pixels(left - 6),
              pixels(y(tick.value) + 4),
              tick.label));
    }
    return Html.all(marks);
  }

  /** A line over {@code steps}, which are in order; it falls to 0 where there is none. */
  Html steps(String style, List<Step> steps) {
    StringBuilder path = new StringBuilder();
    double end = Double.NaN;
    for (Step step : steps) {
      if (step.from != end) {
        path.append(path.isEmpty() ? "" : "V" + pixels(y(0)));
        path.append("M").append(pixels(x(step.from))).append(",").append(pixels(y(0)));
      }
      path.append("V").append(pixels(y(step.y))).append("H").append(pixels(x(step.to)));
      end = step.to;
    }
    path.append(path.isEmpty() ? "" : "V" + pixels(y(0)));
    return Html.of("<path class=\"{}\" d=\"{}\"/>", style, path);
  }

  /** Marks from 0 to at most {@code end} seconds, at times that a clock shows: at most six. */
  static List<Tick> times(double end) {
    double step = 1;
    for (double next : new double[] {2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600}) {
      step = end / step <= 5 ? step : next;
    }
    while (end / step > 5) {
      step *= 2;
    }
    List<Tick> ticks = new ArrayList<>();
    for (int i = 0; i * step <= end; i++) {
      ticks.add(new Tick(i * step, Figures.clock(i * step)));
    }
    return ticks;
  }

  /** Marks from 0 to at least {@code most}, at round numbers: at most six. */
  static List<Tick> round(double most, DoubleFunction<String> label) {
    double step = Math.pow(10, Math.floor(Math.log10(Math.max(most, 1e-9) / 4)));
    for (double factor : new double[] {1, 2, 5, 10}) {
      if (most / (step * factor) <= 4) {
        step *= factor;
        break;
      }
    }
    List<Tick> ticks = new ArrayList<>();
    for (int i = 0; i == 0 || (i - 1) * step < most; i++) {
      ticks.add(new Tick(i * step, label.apply(i * step)));
    }
    return ticks;
  }

  private Html line(String style, double x1, double y1, double x2, double y2) {
    return Html.of(
        "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
        style,
        pixels(x1),
        pixels(y1),
        pixels(x2),
        pixels(y2));
  }

  private double x(double value) {
    return left + (width - left - RIGHT) * (value - fromX) / (toX - fromX);
  }

  private double y(double value) {
    return TOP + (height - TOP - BOTTOM) * (1 - value / toY);
  }

  private static String pixels(double value) {
    return String.format(Locale.ROOT, "%.1f", value).replace(".0", "");
  }
}
