package io.nightjar.spark.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The markup of a table of a {@link Report}. */
final class Table {
  private Table() {}

  /** A bar that fills {@code share} of its cell. */
  static Html bar(double share) {
    return Html.of(
        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\""
            + " aria-hidden=\"true\"><rect class=\"room\" width=\"100\" height=\"10\"/><rect"
            + " class=\"fill\" width=\"{}\" height=\"10\"/></svg>",
        String.format(Locale.ROOT, "%.2f", 100 * share));
  }

  /** A row of a table; what is no markup is escaped. */
  static Html row(Object... cells) {
    List<Html> parts = new ArrayList<>();
    for (Object cell : cells) {
      parts.add(Html.of("<td>{}</td>", cell));
    }
    return Html.of("<tr>{}</tr>", Html.all(parts));
  }

  /**
   * A table; nothing where it would have no row.
   *
   * @param style classes of the report's own style sheet
   */
  static Html of(String style, List<String> heads, List<Html> rows) {
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
