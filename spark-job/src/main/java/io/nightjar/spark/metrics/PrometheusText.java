package io.nightjar.spark.metrics;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Figures in Prometheus's text format, version 0.0.4. */
final class PrometheusText {
  private static final String PREFIX = "nightjar_";

  private PrometheusText() {}

  /** A line a figure, and before the first of each name what it means. */
  static String of(List<RunMetric> metrics) {
    StringBuilder text = new StringBuilder();
    String last = "";
    for (RunMetric metric : metrics) {
      String name = PREFIX + metric.name();
      if (!metric.name().equals(last)) {
        text.append("# HELP ").append(name).append(' ').append(metric.help()).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
        last = metric.name();
      }
      text.append(name).append(labels(metric.labels())).append(' ');
      text.append(number(metric.value())).append('\n');
    }
    return text.toString();
  }

  private static String labels(Map<String, String> labels) {
    return labels.isEmpty()
        ? ""
        : labels.entrySet().stream()
            .map(label -> label.getKey() + "=\"" + escaped(label.getValue()) + "\"")
            .collect(Collectors.joining(",", "{", "}"));
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }
}
