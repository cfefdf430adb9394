package io.nightjar.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What can be known of a model without reading its weights.
 *
 * @param config the model's shape
 * @param version a hash of {@code model.json}, of the headers, and of each file's name and size:
 *     the same wherever the model lies. What the weights are, {@link ModelContent} tells
 * @param edition changes whenever a file is written again, too: a hash of the version, of where the
 *     model lies, and of each file's time of writing
 * @param files files of the directory that make up the model, {@code model.json} first
 * @param weightBytes size of all tensors, as stored
 * @param layout which tensor plays which part
 */
public record ModelInfo(
    DlrmConfig config,
    String version,
    String edition,
    List<String> files,
    long weightBytes,
    WeightLayout layout) {

  public ModelInfo {
    files = List.copyOf(files);
  }

  /**
   * Reads {@code model.json} and the headers of the weights, and checks each against the other.
   *
   * @throws InvalidModelException if the directory does not hold a model as it should be
   * @throws UncheckedIOException if it cannot be read
   */
  public static ModelInfo read(ModelFolder folder) {
    try {
      ModelFiles model = ModelFiles.read(folder);
      DlrmConfig config =
          ModelJson.parse(folder.location() + "/" + ModelJson.FILE, model.modelJson());
      WeightLayout layout = new WeightMatcher(folder, config, model.tensors()).match();
      long bytes = model.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
      String version = version(folder, model);
      return new ModelInfo(
          config, version, edition(folder, model, version), model.files(), bytes, layout);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model " + folder.location() + ": " + e, e);
    }
  }

  private static String version(ModelFolder folder, ModelFiles model) throws IOException {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < model.files().size(); i++) {
      String file = model.files().get(i);
      String text = model.texts().get(i);
      parts.add("%s %d %d\n%s".formatted(file, folder.size(file), text.length(), text));
    }
    return hash(parts);
  }

  private static String edition(ModelFolder folder, ModelFiles model, String version)
      throws IOException {
    List<String> parts = new ArrayList<>(List.of(version + "\n", folder.location() + "\n"));
    for (String file : model.files()) {
      parts.add("%s %d\n".formatted(file, folder.modified(file)));
    }
    return hash(parts);
  }

  /** Thirty-two hexadecimal digits. */
  static String hash(List<String> parts) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      parts.forEach(part -> hash.update(part.getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(hash.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot hash a model: every Java has SHA-256", e);
    }
  }
}
