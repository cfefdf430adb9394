package io.nightjar.spark.units;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.executor.FilePart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TestFileParts {
  private static final FilePart A = new FilePart("a", 0, 100);
  private static final FilePart B = new FilePart("b", 0, 50);

  @Test
  void nothingIsReadOrAll() {
    assertThat(FileParts.lacking(List.of(A, B), List.of())).containsExactly(A, B);
    assertThat(FileParts.lacking(List.of(A, B), List.of(B, A))).isEmpty();
    assertThat(FileParts.lacking(List.of(), List.of(A))).isEmpty();
  }

  @Test
  void whatLiesBetween() {
    List<FilePart> read =
        List.of(
            new FilePart("a", 90, 100),
            new FilePart("a", 10, 20),
            new FilePart("a", 20, 30),
            new FilePart("c", 0, 7));

    assertThat(FileParts.lacking(List.of(A, B), read))
        .containsExactly(new FilePart("a", 0, 10), new FilePart("a", 30, 90), B);
    assertThat(FileParts.joined(read))
        .containsExactly(
            new FilePart("a", 10, 30), new FilePart("a", 90, 100), new FilePart("c", 0, 7));
  }

  /** However a file is cut and whatever is read of it, the rest is what was not. */
  @Property
  void readAndLackingAreTheWhole(
      @ForAll @Size(max = 12) List<@IntRange(min = 1, max = 99) Integer> cuts,
      @ForAll @Size(13) List<Boolean> isRead) {
    List<Integer> ends = new ArrayList<>(cuts.stream().distinct().sorted().toList());
    ends.add(100);
    List<FilePart> read = new ArrayList<>();
    List<FilePart> rest = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < ends.size(); i++) {
      (isRead.get(i) ? read : rest).add(new FilePart("a", from, ends.get(i)));
      from = ends.get(i);
    }
    Collections.shuffle(read, new java.util.Random(1));

    assertThat(FileParts.joined(FileParts.lacking(List.of(A), read)))
        .isEqualTo(FileParts.joined(rest));
    assertThat(FileParts.bytes(read) + FileParts.bytes(rest)).isEqualTo(100);
  }
}
