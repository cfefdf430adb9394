package io.nightjar.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A safetensors file: eight bytes with the length of the header (little-endian), the header in
 * JSON, then the tensors, one after another without holes. Only the header is read.
 *
 * <p>Format: <a href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>.
 *
 * @param header the header as it stands in the file
 * @param tensors in the order in which they lie
 */
record Safetensors(String header, List<TensorInfo> tensors) {

  /** As the format's own reader has it; a longer header is a broken length. */
  private static final long MAX_HEADER = 100_000_000;

  private static final List<String> KEYS = List.of("dtype", "shape", "data_offsets");

  Safetensors {
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads and checks the header of {@code file}.
   *
   * @throws InvalidModelException naming the file, and the tensor if it is one tensor's fault
   */
  static Safetensors read(ModelFolder folder, String file) throws IOException {
    long size = folder.size(file);
    String name = folder.location() + "/" + file;
    try (InputStream in = folder.open(file)) {
      return new Reader(file, name, size).read(in);
    }
  }

  private record Reader(String file, String name, long size) {

    Safetensors read(InputStream in) throws IOException {
      byte[] prefix = in.readNBytes(Long.BYTES);
      if (prefix.length < Long.BYTES) {
        throw new InvalidModelException(
            "Invalid size of %s: %d bytes, expected 8 or more".formatted(name, prefix.length));
      }
      long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 0 || length > MAX_HEADER) {
        throw new InvalidModelException(
            "Invalid header length of %s: %s bytes, expected at most %d"
                .formatted(name, Long.toUnsignedString(length), MAX_HEADER));
      }
      byte[] header = in.readNBytes((int) length);
      if (header.length < length) {
        throw new InvalidModelException(
            "Invalid size of %s: %d bytes, expected at least %d for the header"
                .formatted(name, size, Long.BYTES + length));
      }
      String json = utf8(header);
      long dataStart = Long.BYTES + length;
      List<TensorInfo> tensors = new ArrayList<>();
      JsonNode document = JsonFields.parse(name, json);
      if (!document.isObject()) {
        throw new InvalidModelException(
            "Invalid header of %s: %s, expected a JSON object"
                .formatted(name, JsonFields.describe(document)));
      }
      document
          .properties()
          .forEach(
              entry -> {
                if (!entry.getKey().equals("__metadata__")) {
                  tensors.add(tensor(entry.getKey(), entry.getValue(), dataStart));
                }
              });
      tensors.sort(
          Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
      checkPlaces(tensors, dataStart);
      return new Safetensors(json, tensors);
    }

    private String utf8(byte[] header) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
      } catch (CharacterCodingException e) {
        throw new InvalidModelException("Invalid header of " + name + ": not UTF-8 text", e);
      }
    }

    private TensorInfo tensor(String tensor, JsonNode node, long dataStart) {
      if (!node.isObject() || node.size() != KEYS.size() || !KEYS.stream().allMatch(node::has)) {
        throw invalid(tensor, node, "an object with dtype, shape and data_offsets");
      }
      DType dtype = dtype(tensor, node.get("dtype"));
      List<Long> shape = longs(tensor, "shape", node.get("shape"));
      List<Long> offsets = longs(tensor, "data_offsets", node.get("data_offsets"));
      if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
        throw invalid(tensor, "data_offsets " + offsets, "[begin, end] with begin <= end");
      }
      long bytes = offsets.get(1) - offsets.get(0);
      if (bytes != sizeOf(dtype, shape)) {
        throw invalid(
            tensor,
            bytes + " bytes",
            "those of " + dtype + " " + shape + ", " + sizeOf(dtype, shape));
      }
      long available = size - dataStart;
      if (offsets.get(1) > available) {
        throw invalid(
            tensor,
            "data_offsets " + offsets,
            "an end within the " + available + " bytes after the header (is the file truncated?)");
      }
      return new TensorInfo(tensor, file, dtype, shape, dataStart + offsets.get(0), bytes);
    }

    private DType dtype(String tensor, JsonNode node) {
      for (DType dtype : DType.values()) {
        if (dtype.name().equals(node.textValue())) {
          return dtype;
        }
      }
      throw invalid(tensor, "dtype " + node, "one of " + List.of(DType.values()));
    }

    private List<Long> longs(String tensor, String key, JsonNode node) {
      List<Long> values = new ArrayList<>();
      for (JsonNode value : node) {
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
          throw invalid(tensor, key + " " + node, "integers from 0 to 2^63 - 1");
        }
        values.add(value.longValue());
      }
      if (!node.isArray()) {
        throw invalid(tensor, key + " " + node, "a list of integers");
      }
      return values;
    }

    /** Bytes of a tensor; {@link Long#MAX_VALUE} if they cannot be counted. */
    private static long sizeOf(DType dtype, List<Long> shape) {
      if (shape.contains(0L)) {
        return 0;
      }
      try {
        return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
      } catch (ArithmeticException e) {
        return Long.MAX_VALUE;
      }
    }

    /** Tensors follow one another from the header to the end of the file. */
    private void checkPlaces(List<TensorInfo> tensors, long dataStart) {
      long end = dataStart;
      String before = "the header";
      for (TensorInfo tensor : tensors) {
        if (tensor.offset() != end) {
          throw invalid(
              tensor.name(),
              "begins at byte " + (tensor.offset() - dataStart),
              "byte "
                  + (end - dataStart)
                  + ", where "
                  + before
                  + " ends ("
                  + (tensor.offset() < end ? "they overlap" : "there is a hole")
                  + ")");
        }
        end += tensor.bytes();
        before = tensor.name();
      }
      if (end != size) {
        throw new InvalidModelException(
            "Invalid size of %s: %d bytes, expected %d, where %s ends"
                .formatted(name, size, end, before));
      }
    }

    private InvalidModelException invalid(String tensor, Object found, String expected) {
      return new InvalidModelException(
          "Invalid tensor %s in %s: %s, expected %s".formatted(tensor, name, found, expected));
    }
  }
}
