package io.nightjar.spark.executor;

import io.nightjar.model.InvalidModelException;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings models to this host: a local one is used where it lies, a remote one is copied once, for
 * all executors of the host and for the runs to come.
 *
 * <p>A copy is made beside its final place and renamed, so that it is there whole or not at all. It
 * is named by the model's edition: one that was written again is another folder.
 */
final class LocalModels {
  /** Where copies of remote models lie on each host. */
  private static final String FOLDER_KEY = "spark.nightjar.model-cache";

  /** How many versions of models a host keeps, beside those of the last hour. */
  static final String VERSIONS_KEY = "spark.nightjar.model-cache-versions";

  private static final int DEFAULT_VERSIONS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(LocalModels.class);

  private LocalModels() {}

  /**
   * The local folder of a model, which has the version that the driver saw; its content is for
   * executors to agree on.
   */
  static Path folderOf(ModelReference reference) {
    URI location = URI.create(reference.location());
    if ("file".equals(location.getScheme())) {
      return checked(Path.of(location.getPath()), reference);
    }
    SparkConf sparkConf = SparkEnv.get().conf();
    Path cache =
        Path.of(
            sparkConf.get(
                FOLDER_KEY,
                System.getProperty("java.io.tmpdir")
                    + "/nightjar-models-"
                    + System.getProperty("user.name")));
    return copied(
        reference, cache, versions(sparkConf), SparkHadoopUtil.get().newConfiguration(sparkConf));
  }

  /** How many versions {@code conf} wants kept. */
  static int versions(SparkConf conf) {
    String said = conf.get(VERSIONS_KEY, String.valueOf(DEFAULT_VERSIONS));
    if (!said.matches("[1-9][0-9]{0,5}")) {
      throw new IllegalArgumentException(
          "Invalid " + VERSIONS_KEY + ": " + said + ", expected a whole number of 1 or more");
    }
    return Integer.parseInt(said);
  }

  /**
   * The copy in {@code cache}, made now if it is not there; then others make room for it.
   *
   * @param versions most copies there are to be, recent ones apart
   */
  static Path copied(ModelReference reference, Path cache, int versions, Configuration conf) {
    Path folder = cache.resolve(reference.edition());
    try {
      Files.createDirectories(cache);
      // Held by one process at a time; the registry lets in one thread of this one.
      Path lockFile = OldCopies.lock(cache, reference.edition());
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        OldCopies.touch(channel);
        if (!Files.exists(folder)) {
          OldCopies.remove(cache, versions, reference.edition());
          LOG.info("Copying model {} to {} under {}", reference.location(), folder, lock);
          copy(reference, folder, conf);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot copy model " + reference.location() + " to " + folder + ": " + e, e);
    }
    return checked(folder, reference);
  }

  private static void copy(ModelReference reference, Path folder, Configuration conf)
      throws IOException {
    HadoopModelFolder remote = HadoopModelFolder.at(reference.location(), conf);
    Path parent = folder.toAbsolutePath().getParent();
    Path unfinished = Files.createTempDirectory(parent, reference.edition() + "-");
    try {
      for (String file : ModelInfo.read(remote).files()) {
        Path target = unfinished.resolve(file);
        try (InputStream in = remote.open(file)) {
          Files.copy(in, target);
        }
      }
      checked(unfinished, reference);
      if (!ModelInfo.read(remote).edition().equals(reference.edition())) {
        throw new InvalidModelException(
            "Cannot copy model "
                + reference.location()
                + ": it was written again since the driver read it");
      }
      Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      OldCopies.delete(unfinished);
    }
  }

  private static Path checked(Path folder, ModelReference reference) {
    String found = ModelInfo.read(ModelFolder.local(folder)).version();
    if (!found.equals(reference.version())) {
      throw new InvalidModelException(
          "Cannot open model "
              + reference.location()
              + ": "
              + folder
              + " holds version "
              + found
              + ", and the driver read version "
              + reference.version());
    }
    return folder;
  }
}
