package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields that the makers of schedulers publish.
 *
 * @param types of each type its fields, and of each field the type of its value, empty where any
 *     value will do
 */
record PublishedFields(Map<String, Map<String, String>> types) {

  /** Reads the checked-in list. */
  static PublishedFields read() throws IOException {
    Map<String, Map<String, String>> types = new HashMap<>();
    try (InputStream in = PublishedFields.class.getResourceAsStream("published-fields.txt")) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split(": ", 2))
          .forEach(parts -> types.put(parts[0], fields(parts[1])));
    }
    return new PublishedFields(types);
  }

  private static Map<String, String> fields(String list) {
    Map<String, String> fields = new HashMap<>();
    for (String field : list.split(" ", -1)) {
      String[] nameAndType = field.split(":", 2);
      fields.put(nameAndType[0], nameAndType.length == 2 ? nameAndType[1] : "");
    }
    return fields;
  }

  /** The names of the fields of one or more types. */
  Set<String> names(String... ofTypes) {
    Set<String> names = new HashSet<>();
    for (String type : ofTypes) {
      assertThat(types).containsKey(type);
      names.addAll(types.get(type).keySet());
    }
    return names;
  }

  /** Fails on a field, at any depth of {@code value}, that its type does not have. */
  void check(String type, Object value) {
    if (value instanceof List<?> list) {
      list.forEach(element -> check(type, element));
      return;
    }
    assertThat(value).as("a %s", type).isInstanceOf(Map.class);
    ((Map<?, ?>) value)
        .forEach(
            (name, inner) -> {
              assertThat(names(type)).as("fields of %s", type).contains(name.toString());
              String typeOfValue = types.get(type).get(name.toString());
              if (!typeOfValue.isEmpty()) {
                check(typeOfValue, inner);
              }
            });
  }
}
