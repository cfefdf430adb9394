package io.nightjar.spark.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.io.ParquetDecodingException;
import org.junit.jupiter.api.Test;

/** Reads what Parquet's own encoder writes, in steps of any size. */
class TestRunDecoder {

  @Property(tries = 300)
  void numbersComeBack(
      @ForAll @IntRange(min = 0, max = 32) int width,
      @ForAll @IntRange(min = 0, max = 700) int count,
      @ForAll @IntRange(min = 1, max = 200) int step,
      @ForAll long seed)
      throws IOException {
    int[] numbers = numbers(width, count, new SplittableRandom(seed));
    byte[] runs = encoded(width, numbers);
    int before = (int) (seed & 7);
    byte[] bytes = new byte[before + runs.length];
    System.arraycopy(runs, 0, bytes, before, runs.length);

    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(bytes, before, bytes.length), width);
    int[] read = new int[count];
    int[] some = new int[step];
    for (int i = 0; i < count; i += step) {
      int next = Math.min(step, count - i);
      decoder.read(some, next);
      System.arraycopy(some, 0, read, i, next);
    }
    assertThat(read).isEqualTo(numbers);
  }

  /** Runs of one number, and others between them. */
  private static int[] numbers(int width, int count, SplittableRandom random) {
    int[] numbers = new int[count];
    int bits = width == 0 ? 0 : -1 >>> (Integer.SIZE - width);
    int at = 0;
    while (at < count) {
      int length = Math.min(count - at, random.nextInt(1, 60));
      int repeated = random.nextInt() & bits;
      boolean isRun = random.nextBoolean();
      for (int i = 0; i < length; i++) {
        numbers[at++] = isRun ? repeated : random.nextInt() & bits;
      }
    }
    return numbers;
  }

  private static byte[] encoded(int width, int[] numbers) throws IOException {
    try (RunLengthBitPackingHybridEncoder encoder =
        new RunLengthBitPackingHybridEncoder(
            width, 64, 1 << 20, HeapByteBufferAllocator.getInstance())) {
      for (int number : numbers) {
        encoder.writeInt(number);
      }
      PageBytes bytes = PageBytes.of(encoder.toBytes());
      return Arrays.copyOfRange(bytes.array(), bytes.from(), bytes.to());
    }
  }

  @Test
  void aRunIsSkippedOnlyWhole() throws IOException {
    int[] numbers = new int[100];
    Arrays.fill(numbers, 3);
    byte[] runs = encoded(2, numbers);
    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(runs, 0, runs.length), 2);
    assertThat(decoder.skip(2, 1)).isFalse();
    assertThat(decoder.skip(3, 101)).isFalse();
    assertThat(decoder.skip(3, 60)).isTrue();
    int[] read = new int[10];
    decoder.read(read, 10);
    assertThat(read).containsOnly(3);
    assertThat(decoder.skip(3, 31)).isFalse();
    assertThat(decoder.skip(3, 30)).isTrue();
  }

  @Test
  void packedNumbersAreNotSkipped() throws IOException {
    byte[] runs = encoded(1, new int[] {1, 0, 1, 0, 1, 0, 1, 0});
    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(runs, 0, runs.length), 1);
    assertThat(decoder.skip(1, 1)).isFalse();
    assertThat(decoder.skip(0, 1)).isFalse();
  }

  /** Some writers leave out what no number needs of the last group of eight. */
  @Test
  void theLastGroupNeedNotBeWhole() {
    byte[] runs = {0b11, 0b0010_0001};
    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(runs, 0, runs.length), 4);
    int[] read = new int[2];
    decoder.read(read, 2);
    assertThat(read).containsExactly(1, 2);
  }

  @Test
  void numbersThatAreNotThere() {
    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(new byte[] {4, 1}, 0, 2), 1);
    assertThatThrownBy(() -> decoder.read(new int[3], 3))
        .isInstanceOf(ParquetDecodingException.class)
        .hasMessage("Cannot read a run behind the end of its page");
  }

  @Test
  void runsOfNothing() {
    RunDecoder decoder = new RunDecoder();
    decoder.start(new PageBytes(new byte[] {0, 1}, 0, 2), 1);
    assertThatThrownBy(() -> decoder.read(new int[1], 1))
        .hasMessage("Cannot read a run of no numbers");
  }

  @Test
  void numbersOfMoreThan32Bits() {
    assertThatThrownBy(() -> new RunDecoder().start(new PageBytes(new byte[1], 0, 1), 33))
        .hasMessage("Invalid width of packed numbers: 33 bits, expected 0 to 32");
  }
}
