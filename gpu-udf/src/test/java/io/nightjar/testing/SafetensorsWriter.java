package io.nightjar.testing;

import io.nightjar.model.DType;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/** Writes safetensors files, element by element, so that no tensor need fit in memory. */
public final class SafetensorsWriter {

  /**
   * A tensor to write.
   *
   * @param element its bits, by position in row-major order; the lowest {@code dtype.bytes()} count
   */
  public record Tensor(String name, DType dtype, List<Integer> shape, LongFunction<Long> element) {
    /**
     * Rows that are worked out. A tensor of more repeats them, so that it is written as fast as the
     * disk takes it; they are prime in number, so that a wrong row has wrong values.
     */
    private static final int MOST_ROWS = 3_001;

    private byte[] firstRows() {
      boolean large = shape.size() == 2 && shape.get(0) > MOST_ROWS;
      long elements = large ? (long) MOST_ROWS * shape.get(1) : elements();
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.toIntExact(elements * dtype.bytes()))
              .order(ByteOrder.LITTLE_ENDIAN);
      for (long i = 0; i < elements; i++) {
        long bits = element.apply(i);
        switch (dtype.bytes()) {
          case 1 -> bytes.put((byte) bits);
          case 2 -> bytes.putShort((short) bits);
          case 4 -> bytes.putInt((int) bits);
          default -> bytes.putLong(bits);
        }
      }
      return bytes.array();
    }

    long elements() {
      return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    long bytes() {
      return elements() * dtype.bytes();
    }

    /** A tensor of floats, rounded to {@code dtype}: F32, or BF16 by cutting bits off. */
    public static Tensor of(String name, DType dtype, List<Integer> shape, float... values) {
      return new Tensor(name, dtype, shape, i -> bits(dtype, values[(int) i]));
    }

    private static long bits(DType dtype, float value) {
      return switch (dtype) {
        case F32 -> Float.floatToRawIntBits(value);
        case BF16 -> Float.floatToRawIntBits(value) >>> 16;
        case F16 -> Fp16.bits(value);
        default -> throw new IllegalArgumentException("Invalid dtype: " + dtype);
      };
    }
  }

  private final List<Tensor> tensors = new ArrayList<>();

  public SafetensorsWriter add(Tensor tensor) {
    tensors.add(tensor);
    return this;
  }

  public SafetensorsWriter add(String name, DType dtype, List<Integer> shape, float... values) {
    return add(Tensor.of(name, dtype, shape, values));
  }

  /** Writes the header and the tensors in the order in which they were added. */
  public void write(Path file) {
    byte[] header = header().getBytes(StandardCharsets.UTF_8);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
      out.writeLong(Long.reverseBytes(header.length));
      out.write(header);
      for (Tensor tensor : tensors) {
        byte[] rows = tensor.firstRows();
        for (long left = tensor.bytes(); left > 0; left -= rows.length) {
          out.write(rows, 0, (int) Math.min(left, rows.length));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String header() {
    List<String> entries = new ArrayList<>();
    long at = 0;
    for (Tensor t : tensors) {
      entries.add(
          "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(t.name(), t.dtype(), t.shape(), at, at + t.bytes()));
      at += t.bytes();
    }
    return entries.stream().collect(Collectors.joining(",", "{", "}"));
  }

  /** A file of raw bytes: a header of one's own making, then the data. */
  public static void writeRaw(Path file, long headerLength, String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(new byte[0], Long.BYTES + text.length + data.length);
    for (int b = 0; b < Long.BYTES; b++) {
      all[b] = (byte) (headerLength >>> (8 * b));
    }
    System.arraycopy(text, 0, all, Long.BYTES, text.length);
    System.arraycopy(data, 0, all, Long.BYTES + text.length, data.length);
    try {
      Files.write(file, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
