package io.nightjar.spark.manifest;

import java.util.regex.Pattern;

/**
 * Takes secrets out of settings before they are written down.
 *
 * @param keys settings whose key matches are masked, as Spark's {@code spark.redaction.regex} says
 */
public record SecretMask(Pattern keys) {
  /** What stands in a secret's place. */
  public static final String MASK = "********";

  /** Spark's own pattern where the user gives none. */
  public static final String DEFAULT_KEYS = "(?i)secret|password|token|access[.]?key";

  /** The part of a URI between scheme and host that names a user and a password. */
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/@\\s\"]+(?=@)");

  /** {@code value} of {@code key} as it may be seen: a password inside a URI is masked too. */
  public String mask(String key, String value) {
    return keys.matcher(key).find() ? MASK : USER_INFO.matcher(value).replaceAll(MASK);
  }
}
