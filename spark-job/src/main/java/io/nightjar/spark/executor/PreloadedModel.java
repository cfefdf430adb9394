package io.nightjar.spark.executor;

import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.ScoringSpec;
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
 * @param bags {@value #VARIANT_KEY}, {@value #REORDER_KEY} and {@value #PROFILE_KEY}
 */
public record PreloadedModel(
    String location, BackendChoice backend, Precision precision, EmbeddingBagSpec bags) {
  private static final String MODEL_KEY = "spark.nightjar.model";
  private static final String BACKEND_KEY = "spark.nightjar.backend";
  private static final String PRECISION_KEY = "spark.nightjar.precision";
  private static final String VARIANT_KEY = "spark.nightjar.embedding-bag.variant";
  private static final String REORDER_KEY = "spark.nightjar.embedding-bag.reorder";
  private static final String PROFILE_KEY = "spark.nightjar.profile.path";

  /** Has {@code conf} ask for the model of {@code spec}. */
  public static void configure(SparkConf conf, ScoringSpec spec) {
    conf.set(MODEL_KEY, spec.model());
    conf.set(BACKEND_KEY, spec.backend().name().toLowerCase(Locale.ROOT));
    conf.set(PRECISION_KEY, spec.precision().name().toLowerCase(Locale.ROOT));
    conf.set(VARIANT_KEY, spec.embeddingBag().variant().row());
    conf.set(REORDER_KEY, String.valueOf(spec.embeddingBag().reorder()));
    conf.set(PROFILE_KEY, spec.embeddingBag().profile());
  }

  /** Has {@code conf} ask for none. */
  public static void unset(SparkConf conf) {
    conf.remove(MODEL_KEY);
  }

  /** What {@code conf} asks for, if anything. */
  static Optional<PreloadedModel> configured(SparkConf conf) {
    if (!conf.contains(MODEL_KEY)) {
      return Optional.empty();
    }
    return Optional.of(
        new PreloadedModel(
            conf.get(MODEL_KEY),
            parse(BackendChoice.class, BACKEND_KEY, conf.get(BACKEND_KEY, "auto")),
            parse(Precision.class, PRECISION_KEY, conf.get(PRECISION_KEY, "fp32")),
            bags(conf)));
  }

  private static EmbeddingBagSpec bags(SparkConf conf) {
    String variant = conf.get(VARIANT_KEY, "auto");
    return new EmbeddingBagSpec(
        EmbeddingBagVariant.named(variant)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Invalid "
                            + VARIANT_KEY
                            + ": "
                            + variant
                            + ", expected one of "
                            + EmbeddingBagVariant.names())),
        conf.getBoolean(REORDER_KEY, false),
        conf.get(PROFILE_KEY, ""));
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
    return driver.reference(folder, ModelInfo.read(folder), backend, precision, bags);
  }

  /** A reference as settings that Spark carries from the driver's plugin to the executors'. */
  static Map<String, String> asSettings(ModelReference reference) {
    return Map.of(
        "location", reference.location(),
        "version", reference.version(),
        "edition", reference.edition(),
        "backend", reference.backend().name(),
        "precision", reference.precision().name(),
        "variant", reference.bags().variant().name(),
        "reorder", String.valueOf(reference.bags().reorder()),
        "profile", reference.bags().profile());
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
            Precision.valueOf(settings.get("precision")),
            new EmbeddingBagSpec(
                EmbeddingBagVariant.valueOf(settings.get("variant")),
                Boolean.parseBoolean(settings.get("reorder")),
                settings.get("profile"))));
  }
}
