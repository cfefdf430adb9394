package io.nightjar.spark.report;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Markup that is safe to put into a page: whatever is no markup is escaped on its way in.
 *
 * @param markup the text of it
 */
record Html(String markup) {
  static final Html NOTHING = new Html("");

  /**
   * {@code template} with each {@code {}} replaced by the next value: markup as it stands, all else
   * escaped.
   *
   * @throws IllegalArgumentException if there are more values than places, or fewer
   */
  static Html of(String template, Object... values) {
    StringBuilder out = new StringBuilder();
    int from = 0;
    for (Object value : values) {
      int place = template.indexOf("{}", from);
      if (place < 0) {
        throw new IllegalArgumentException("Too many values for " + template);
      }
      out.append(template, from, place);
      out.append(value instanceof Html html ? html.markup : escaped(String.valueOf(value)));
      from = place + 2;
    }
    if (template.indexOf("{}", from) >= 0) {
      throw new IllegalArgumentException("Too few values for " + template);
    }
    return new Html(out.append(template, from, template.length()).toString());
  }

  /** All of {@code parts}, one after the other. */
  static Html all(Collection<Html> parts) {
    return new Html(parts.stream().map(Html::markup).collect(Collectors.joining("\n")));
  }

  /** Safe between tags and in an attribute's quotes. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
