package io.nightjar.spark.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the keyword arguments of calls in a Python file, which is as much Python as a DAG needs.
 */
final class PythonCalls {
  private static final Pattern KEYWORD = Pattern.compile("(?s)\\s*(\\w+)\\s*=(?!=)\\s*(.*)");

  private PythonCalls() {}

  /**
   * The keyword arguments of every call of {@code function}.
   *
   * @return one map a call, from keyword to the text of its value
   */
  static List<Map<String, String>> of(String source, String function) {
    String code = blankComments(source);
    List<Map<String, String>> calls = new ArrayList<>();
    Matcher call = Pattern.compile("\\b" + function + "\\(").matcher(code);
    while (call.find()) {
      Map<String, String> keywords = new TreeMap<>();
      for (String argument : arguments(code, call.end())) {
        Matcher keyword = KEYWORD.matcher(argument);
        if (keyword.matches()) {
          keywords.put(keyword.group(1), keyword.group(2).strip());
        }
      }
      calls.add(keywords);
    }
    return calls;
  }

  /** The text between commas of the call whose arguments start at {@code start}. */
  private static List<String> arguments(String code, int start) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int from = start;
    for (int i = start; i < code.length(); i++) {
      char c = code.charAt(i);
      if (c == '"' || c == '\'') {
        i = code.indexOf(c, i + 1);
      } else if ("([{".indexOf(c) >= 0) {
        depth++;
      } else if (")]}".indexOf(c) >= 0 && depth-- == 0) {
        arguments.add(code.substring(from, i));
        return arguments;
      } else if (c == ',' && depth == 0) {
        arguments.add(code.substring(from, i));
        from = i + 1;
      }
    }
    throw new AssertionError("a call without an end: " + code.substring(start));
  }

  private static String blankComments(String source) {
    return source.replaceAll("(?m)^\\s*#.*$", "");
  }
}
