package io.nightjar.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * A hash of every byte of a model's files, by which processes that load a model know that it is the
 * same one.
 *
 * <p>Each {@value #CHUNK_BYTES} bytes of a file have a CRC32C, which processors have an instruction
 * for, taken on all cores at once; the model's hash is that of all of these. Whoever loads the
 * bytes anyway {@linkplain #read has them hashed on their way}.
 *
 * <p>This protects against accidents: a copy that was cut short, a host that has yesterday's
 * weights, bits that flipped on a disk. It does not protect against somebody who forges a file.
 */
public final class ModelContent {
  private static final int CHUNK_BYTES = 64 << 20;

  private ModelContent() {}

  /** Where one thread reads the files into, piece by piece, and what becomes of the pieces. */
  public interface Pieces extends AutoCloseable {
    /** A direct buffer for the next piece, from position 0 up to its limit. */
    ByteBuffer next();

    /**
     * Takes the piece that was read into that buffer, which is hashed already.
     *
     * @param piece bytes {@code [0, position)}
     * @param file of the model
     * @param offset of the first byte in the file
     */
    void take(ByteBuffer piece, String file, long offset);

    /** Everything was read. Called by the thread that has read. */
    @Override
    void close();
  }

  /**
   * Hashes all files of the model in {@code folder}.
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
    Stream<String> hashes = chunks(folder, chunkBytes).parallelStream().map(Chunk::hash);
    return ModelInfo.hash(hashes.toList());
  }

  /**
   * Reads all files of the model in {@code folder}, each byte once.
   *
   * @param threads most threads that read at the same time
   * @param opening gives each of them its pieces, which that thread opens and closes
   * @return what {@link #hash(Path)} gives
   */
  public static String read(Path folder, int threads, Supplier<? extends Pieces> opening) {
    return read(folder, CHUNK_BYTES, threads, opening);
  }

  /** With a CRC32C for each {@code chunkBytes} bytes. */
  static String read(Path folder, int chunkBytes, int threads, Supplier<? extends Pieces> opening) {
    List<Chunk> chunks = chunks(folder, chunkBytes);
    String[] hashes = new String[chunks.size()];
    AtomicInteger next = new AtomicInteger();
    Runnable reader =
        () -> {
          try (Pieces pieces = opening.get()) {
            int c;
            while ((c = next.getAndIncrement()) < hashes.length) {
              hashes[c] = chunks.get(c).read(pieces);
            }
          } finally {
            next.set(hashes.length); // If this one failed, there is nothing left for the others.
          }
        };
    inThreads(Math.min(threads, hashes.length), reader);
    return ModelInfo.hash(List.of(hashes));
  }

  /** Runs it in so many threads, and waits for all of them, also where one has failed. */
  private static void inThreads(int count, Runnable reader) {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      CompletableFuture.allOf(
              Stream.generate(() -> CompletableFuture.runAsync(reader, threads))
                  .limit(count)
                  .toArray(CompletableFuture<?>[]::new))
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    } finally {
      threads.shutdown();
    }
  }

  private static List<Chunk> chunks(Path folder, int chunkBytes) {
    List<Chunk> chunks = new ArrayList<>();
    for (String file : ModelInfo.read(ModelFolder.local(folder)).files()) {
      Path path = folder.resolve(file);
      long size = size(path);
      for (long at = 0; at < size; at += chunkBytes) {
        chunks.add(new Chunk(path, at, Math.min(chunkBytes, size - at)));
      }
    }
    return chunks;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  private static UncheckedIOException cannotRead(Path file, IOException e) {
    return new UncheckedIOException("Cannot read " + file + ": " + e, e);
  }

  private record Chunk(Path file, long from, long bytes) {
    String hash() {
      CRC32C hash = new CRC32C();
      try (FileChannel channel = FileChannel.open(file)) {
        hash.update(channel.map(MapMode.READ_ONLY, from, bytes));
      } catch (IOException e) {
        throw cannotRead(file, e);
      }
      return line(hash);
    }

    String read(Pieces pieces) {
      CRC32C hash = new CRC32C();
      try (FileChannel channel = FileChannel.open(file)) {
        for (long at = 0; at < bytes; ) {
          ByteBuffer piece = pieces.next();
          piece.limit((int) Math.min(piece.limit(), bytes - at));
          while (piece.hasRemaining()) {
            if (channel.read(piece, from + at + piece.position()) < 0) {
              throw new IOException("it ends before byte " + (from + bytes));
            }
          }
          hash.update(piece.flip());
          pieces.take(piece, file.getFileName().toString(), from + at);
          at += piece.position();
        }
      } catch (IOException e) {
        throw cannotRead(file, e);
      }
      return line(hash);
    }

    private String line(CRC32C hash) {
      return "%s %d %08x\n".formatted(file.getFileName(), from, hash.getValue());
    }
  }
}
