package io.nightjar.spark.job;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * One value of the config, read as the type that its key asks for. What it is not is refused by a
 * {@link JobException} that names the key, the value, what was expected and where it was said.
 *
 * @param key as it stands in the config
 * @param value as it was said, or its default
 */
record ConfValue(String key, ConfigValue value) {
  String text() {
    return text(value);
  }

  private String text(ConfigValue one) {
    return switch (one.valueType()) {
      case STRING, NUMBER, BOOLEAN -> one.unwrapped().toString();
      default -> throw Settings.invalid(key, one, "a text");
    };
  }

  List<String> names() {
    if (!(value instanceof ConfigList list)) {
      throw invalid("a list of column names");
    }
    return list.stream().map(this::text).toList();
  }

  /** True for a bare word, or text, that is {@code word}. */
  boolean is(String word) {
    return word.equals(value.unwrapped());
  }

  boolean yes() {
    return switch (String.valueOf(value.unwrapped())) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid("true or false");
    };
  }

  <E extends Enum<E>> E choice(E[] values) {
    Map<String, E> byName = new LinkedHashMap<>();
    for (E one : values) {
      byName.put(one.name().toLowerCase(Locale.ROOT), one);
    }
    // A bare null in HOCON is the word here, as bad-rows = null has it.
    E chosen = byName.get(String.valueOf(value.unwrapped()));
    if (chosen == null) {
      throw invalid(oneOf(List.copyOf(byName.keySet())));
    }
    return chosen;
  }

  static String oneOf(List<String> names) {
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  /** A whole number from 1 to {@code most}. */
  int whole(int most) {
    return Math.toIntExact(whole(most, "a whole number of 1 or more, at most " + most));
  }

  /** A whole number from 1 to {@code most}; {@code expected} says so. */
  long whole(long most, String expected) {
    return integer(1, most, expected);
  }

  /** A whole number from {@code least} to {@code most}; {@code expected} says so. */
  long integer(long least, long most, String expected) {
    long number = number(expected, Long::valueOf);
    if (number < least || number > most) {
      throw invalid(expected);
    }
    return number;
  }

  /** A number from 0 to {@code most}. */
  double decimal(double most) {
    String expected =
        most == Double.MAX_VALUE ? "a number of 0 or more" : "a number from 0 to " + (long) most;
    double number = number(expected, Double::valueOf);
    if (!(number >= 0 && number <= most)) {
      throw invalid(expected);
    }
    return number;
  }

  /** A number that a float can hold. */
  double finite() {
    double number = number("a number", Double::valueOf);
    if (!Float.isFinite((float) number)) {
      throw invalid("a number that is finite as a float");
    }
    return number;
  }

  private <N extends Number> N number(String expected, Function<String, N> parser) {
    boolean scalar =
        value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING;
    try {
      if (scalar) {
        return parser.apply(value.unwrapped().toString());
      }
    } catch (NumberFormatException e) {
      throw invalid(expected, e);
    }
    throw invalid(expected);
  }

  /** A size in bytes, at least 1; {@code expected} says what else there may be. */
  long bytes(String expected) {
    try {
      return Math.max(1, value.atKey("it").getBytes("it"));
    } catch (ConfigException e) {
      throw invalid(expected, e);
    }
  }

  /** A time of a second or more. */
  Duration duration() {
    String expected = "a time of 1 s or more, such as 90s or 5 minutes";
    try {
      Duration duration = value.atKey("it").getDuration("it");
      if (duration.compareTo(Duration.ofSeconds(1)) >= 0) {
        return duration;
      }
    } catch (ConfigException e) {
      throw invalid(expected, e);
    }
    throw invalid(expected);
  }

  JobException invalid(String expected) {
    return Settings.invalid(key, value, expected);
  }

  JobException invalid(String expected, Exception cause) {
    JobException invalid = invalid(expected);
    invalid.initCause(cause);
    return invalid;
  }
}
