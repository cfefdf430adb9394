package io.nightjar.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A model directory with {@code examples.parquet} (row_id and the model's inputs), {@code
 * expected.parquet} (row_id, score, logit) and {@code bf16.parquet} (row_id, logit).
 *
 * @param folder where its files lie
 */
public record Golden(Path folder) {

  /** Every golden there is. */
  public static final List<String> NAMES =
      List.of(
          "dlrm-cat",
          "dlrm-dot-multihot",
          "dlrm-dot-onehot",
          "dlrm-fp16-no-dense",
          "dlrm-mean-shared",
          "torchrec-bf16-shards",
          "torchrec-dcn",
          "torchrec-dcn-no-dense",
          "torchrec-dot");

  /**
   * Copies golden {@code name} from the class path, be it folders or a jar, into {@code parent}.
   */
  public static Golden copy(String name, Path parent) {
    try {
      URI uri =
          Objects.requireNonNull(
                  Golden.class.getResource("/golden/" + name + "/model.json"), "no golden " + name)
              .toURI();
      if (!uri.getScheme().equals("jar")) {
        return copy(Path.of(uri).getParent(), parent.resolve(name));
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        return copy(jar.getPath("/golden", name), parent.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its features, row by row. */
  public Path examples() {
    return folder.resolve("examples.parquet");
  }

  /** Its scores and logits, in float64. */
  public Path expected() {
    return folder.resolve("expected.parquet");
  }

  /** The logits that PyTorch gives with layers and vectors in bfloat16, on a GPU. */
  public Path bf16() {
    return folder.resolve("bf16.parquet");
  }

  private static Golden copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
    return new Golden(to);
  }
}
