package io.nightjar.model;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A JSON object whose every key must be known, read with messages that say where a value stands.
 */
final class JsonFields {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Largest number of features of a layer or columns of a table: guards products of two. */
  static final int MAX_SIZE = 1 << 20;

  private final String file;
  private final String path;
  private final JsonNode node;

  private JsonFields(String file, String path, JsonNode node, List<String> known) {
    this.file = file;
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw invalid(path.isEmpty() ? "content" : path, describe(node), "a JSON object");
    }
    for (String key : (Iterable<String>) node::fieldNames) {
      if (!known.contains(key)) {
        throw new InvalidModelException(
            "Invalid key in %s: %s, expected one of %s (nearest: %s)"
                .formatted(file, at(key), String.join(", ", known), nearest(key, known)));
      }
    }
  }

  /** Parses a document; {@code file} is its name in messages. */
  static JsonNode parse(String file, String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
      throw new InvalidModelException(
          "Cannot read " + file + ": broken JSON: " + e.getOriginalMessage() + where, e);
    }
  }

  /** The whole document as an object. */
  static JsonFields root(String file, JsonNode document, List<String> known) {
    return new JsonFields(file, "", document, known);
  }

  JsonFields object(String key, List<String> known) {
    return new JsonFields(file, at(key), required(key, "a JSON object"), known);
  }

  List<JsonFields> objects(String key, List<String> known) {
    List<JsonFields> objects = new ArrayList<>();
    for (JsonNode item : array(key, "a list of objects")) {
      objects.add(new JsonFields(file, at(key) + "[" + objects.size() + "]", item, known));
    }
    return objects;
  }

  String text(String key) {
    JsonNode value = required(key, "a string");
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw invalid(at(key), describe(value), "a string that is not empty");
    }
    return value.textValue();
  }

  /** One of a few strings. */
  String oneOf(String key, List<String> values) {
    String expected = values.stream().map(v -> '"' + v + '"').collect(Collectors.joining(" or "));
    JsonNode value = required(key, expected);
    if (!value.isTextual() || !values.contains(value.textValue())) {
      throw invalid(at(key), describe(value), expected);
    }
    return value.textValue();
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : array(key, "a list of strings")) {
      if (!item.isTextual() || item.textValue().isEmpty()) {
        throw invalid(at(key), describe(item), "strings that are not empty");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  /** A layer's or a row's size. */
  int size(String key) {
    return integer(at(key), required(key, "a size"), MAX_SIZE);
  }

  /** A number of rows. */
  int count(String key) {
    return integer(at(key), required(key, "a number of rows"), Integer.MAX_VALUE);
  }

  List<Integer> sizes(String key) {
    List<Integer> sizes = new ArrayList<>();
    for (JsonNode item : array(key, "a list of sizes")) {
      sizes.add(integer(at(key) + "[" + sizes.size() + "]", item, MAX_SIZE));
    }
    return sizes;
  }

  boolean has(String key) {
    return node.has(key);
  }

  /** The error for the value at {@code key}. */
  InvalidModelException invalid(String key, Object found, String expected) {
    return new InvalidModelException(
        "Invalid %s in %s: %s, expected %s".formatted(key, file, found, expected));
  }

  /** {@code key} with the way to it from the top of the document. */
  String at(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private int integer(String where, JsonNode value, int max) {
    if (!value.canConvertToExactIntegral()
        || !value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > max) {
      throw invalid(where, describe(value), "an integer from 1 to " + max);
    }
    return value.intValue();
  }

  private JsonNode array(String key, String expected) {
    JsonNode value = required(key, expected);
    if (!value.isArray()) {
      throw invalid(at(key), describe(value), expected);
    }
    return value;
  }

  private JsonNode required(String key, String expected) {
    JsonNode value = node.get(key);
    if (value == null) {
      throw invalid(at(key), "missing", expected);
    }
    return value;
  }

  /** The value as it stands in the file, cut to a readable length. */
  static String describe(JsonNode value) {
    String text = value.isMissingNode() ? "nothing" : value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static String nearest(String key, List<String> known) {
    return known.stream().min(Comparator.comparingInt(k -> editDistance(key, k))).orElseThrow();
  }

  /** Insertions, deletions and replacements that turn {@code a} into {@code b}. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
