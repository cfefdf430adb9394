package io.nightjar.spark.executor;

import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/**
 * The model that the settings want opened before the first task.
 *
 * @param location {@value #MODEL_KEY}
 * @param backend {@value #BACKEND_KEY}, {@code auto} if it is not there
 * @param precision {@value #PRECISION_KEY}, {@code fp32} if it is not there
 */
record PreloadedModel(String location, BackendChoice backend, Precision precision) {
  static final String MODEL_KEY = "spark.nightjar.model";
  static final String BACKEND_KEY = "spark.nightjar.backend";
  static final String PRECISION_KEY = "spark.nightjar.precision";

  /** What {@code conf} asks for, if anything. */
  static Optional<PreloadedModel> configured(SparkConf conf) {
    if (!conf.contains(MODEL_KEY)) {
      return Optional.empty();
    }
    return Optional.of(
        new PreloadedModel(
            conf.get(MODEL_KEY),
            parse(BackendChoice.class, BACKEND_KEY, conf.get(BACKEND_KEY, "auto")),
            parse(Precision.class, PRECISION_KEY, conf.get(PRECISION_KEY, "fp32"))));
  }

  private static <E extends Enum<E>> E parse(Class<E> type, String key, String text) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equalsIgnoreCase(text)) {
        return value;
      }
    }
    String known = Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
    throw new IllegalArgumentException(
        "Invalid " + key + ": " + text + ", expected one of " + known);
  }

  /** Reads the model and decides its backend, on the driver. */
  ModelReference resolve(ScoringDriver driver, Configuration conf) {
    HadoopModelFolder folder = ResolvedModel.of(location, conf).folder();
    return driver.reference(folder, ModelInfo.read(folder), backend, precision);
  }

  /** A reference as settings that Spark carries from the driver's plugin to the executors'. */
  static Map<String, String> asSettings(ModelReference reference) {
    return Map.of(
        "location", reference.location(),
        "version", reference.version(),
        "edition", reference.edition(),
        "backend", reference.backend().name(),
        "precision", reference.precision().name());
  }

  /** The reference that {@link #asSettings} wrote, if there is one. */
  static Optional<ModelReference> fromSettings(Map<String, String> settings) {
    if (!settings.containsKey("location")) {
      return Optional.empty();
    }
    return Optional.of(
        new ModelReference(
            settings.get("location"),
            settings.get("version"),
            settings.get("edition"),
            Backend.valueOf(settings.get("backend")),
            Precision.valueOf(settings.get("precision"))));
  }
}
