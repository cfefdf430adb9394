package io.nightjar.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A hash of every byte of a model's files, by which processes that load a model know that it is the
 * same one.
 *
 * <p>Each {@value #CHUNK_BYTES} bytes of a file have a CRC32C, which processors have an instruction
 * for, taken on all cores at once; the model's hash is that of all of these. Its pass brings the
 * files into the page cache, where the load then finds them: a disk is read once.
 *
 * <p>This protects against accidents: a copy that was cut short, a host that has yesterday's
 * weights, bits that flipped on a disk. It does not protect against somebody who forges a file.
 */
public final class ModelContent {
  private static final int CHUNK_BYTES = 64 << 20;

  private ModelContent() {}

  /**
   * Reads all files of the model in {@code folder}.
   *
   * @return thirty-two hexadecimal digits
   * @throws InvalidModelException if the folder does not hold a model as it should be
   * @throws UncheckedIOException if a file cannot be read
   */
  public static String hash(Path folder) {
    return hash(folder, CHUNK_BYTES);
  }

  /** With a CRC32C for each {@code chunkBytes} bytes. */
  static String hash(Path folder, int chunkBytes) {
    List<Chunk> chunks = new ArrayList<>();
    for (String file : ModelInfo.read(ModelFolder.local(folder)).files()) {
      Path path = folder.resolve(file);
      long size = size(path);
      for (long at = 0; at < size; at += chunkBytes) {
        chunks.add(new Chunk(path, at, Math.min(chunkBytes, size - at)));
      }
    }
    Stream<String> hashes = chunks.parallelStream().map(Chunk::hash);
    return ModelInfo.hash(hashes.toList());
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + ": " + e, e);
    }
  }

  private record Chunk(Path file, long from, long bytes) {
    String hash() {
      CRC32C hash = new CRC32C();
      try (FileChannel channel = FileChannel.open(file)) {
        hash.update(channel.map(MapMode.READ_ONLY, from, bytes));
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot read " + file + ": " + e, e);
      }
      return "%s %d %08x\n".formatted(file.getFileName(), from, hash.getValue());
    }
  }
}
