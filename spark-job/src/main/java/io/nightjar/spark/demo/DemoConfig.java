package io.nightjar.spark.demo;

import io.nightjar.spark.demo.DemoFeatures.Dense;
import io.nightjar.spark.demo.DemoFeatures.Sparse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The demo's two config files: the same pairs as flat examples, and as a join of three tables. */
final class DemoConfig {
  private DemoConfig() {}

  static void write(Path folder) throws IOException {
    Files.writeString(
        folder.resolve("examples.conf"),
        config("input { examples = \"data/examples\" }", "scores"));
    Files.writeString(
        folder.resolve("pairs.conf"),
        config(
            """
            input {
                users { path = "data/users", key = user_id }
                items { path = "data/items", key = item_id }
                candidates = "data/candidates"
              }""",
            "scores-of-pairs"));
  }

  private static String config(String input, String output) {
    StringBuilder features = new StringBuilder();
    for (Dense feature : DemoFeatures.DENSE) {
      String missing = feature.nullShare() > 0 ? " null = 0.0," : "";
      if (feature.log1p()) {
        features.append("    %s = {%s transform = log1p }%n".formatted(feature.name(), missing));
      } else if (!missing.isEmpty()) {
        features.append("    %s = { null = 0.0 }%n".formatted(feature.name()));
      }
    }
    for (Sparse feature : DemoFeatures.SPARSE) {
      if (feature.hashed()) {
        features.append("    %s = { hash-mod = %d }%n".formatted(feature.name(), feature.rows()));
      }
    }
    return """
    nightjar {
      model = "model"
      %s
      features {
    %s  }
      output {
        path = "%s"
        keep-columns = [user_id, item_id]
        partition-by-run-date = false
      }
    }
    """
        .formatted(input, features, output);
  }
}
