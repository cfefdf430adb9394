package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.model.DType;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds together the variants, the kernels' entries, the bench and the documentation. */
class TestEmbeddingBagVariant {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Path BENCH = PROJECT.resolve("kernels/bench/ablation.py");
  private static final Path DOCUMENTATION = PROJECT.resolve("docs/embedding-bag.md");

  /** Of the module of variants: what is no variant itself. */
  private static final Pattern NO_VARIANT = Pattern.compile("pin_hot_rows|read_rate");

  /** What copies ids to shared memory while it walks: of each bag of each warp two times 256. */
  private static final Pattern STAGED = Pattern.compile("(tbe_staged|range)_.*");

  private static final int THREADS = 256;

  @Test
  void documentationAndBenchHaveEveryRow() {
    List<String> rows =
        EmbeddingBagVariant.names().stream().filter(name -> !name.equals("auto")).toList();
    assertThat(matches(BENCH, "(?:Variant|sweep)\\(\"([^\"]+)\"")).containsExactlyElementsOf(rows);
    assertThat(matches(DOCUMENTATION, "(?m)^\\| `([^`]+)` \\|")).containsExactlyElementsOf(rows);
  }

  @Test
  void benchKnowsEveryEntryAndNoOther() {
    TreeSet<String> entries =
        compiled("variants/sm_90a").keySet().stream()
            .filter(entry -> !NO_VARIANT.matcher(entry).matches())
            .map(entry -> entry.replaceFirst("_f(16|32)$", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    String list = read(BENCH);
    list = list.substring(list.indexOf("WALKS = "), list.indexOf("ROWS = "));
    TreeSet<String> known =
        Pattern.compile("\"([a-z0-9_]+)\"")
            .matcher(list)
            .results()
            .map(found -> found.group(1))
            .filter(name -> name.matches("base|.*_(\\d+|order)"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(known).isEqualTo(entries);
    assertThat(compiled("variants/sm_80").keySet()).isEqualTo(compiled("variants/sm_90a").keySet());
  }

  @Test
  void ptxasGaveWhatANameSays() {
    compiled("variants/sm_90a")
        .forEach(
            (entry, fingerprint) -> {
              int bytes = entry.startsWith("tbe_") ? 16 : entry.endsWith("f16") ? 2 : 4;
              if (entry.contains("lmpf_")) {
                // Twice the distance would do; the ring has 32 slots.
                assertThat(fingerprint.stack()).as(entry).isGreaterThanOrEqualTo(32 * bytes);
              }
              int shared = entry.contains("smpf_") ? distance(entry) * THREADS * bytes : 0;
              if (STAGED.matcher(entry).matches()) {
                int bags = entry.endsWith("f16") ? 2 : 1;
                int counts = entry.startsWith("range_") ? 32 * Integer.BYTES : 0;
                shared = THREADS / 32 * (2 * bags * 256 * Integer.BYTES + counts);
              }
              if (!NO_VARIANT.matcher(entry).matches()) {
                assertThat(fingerprint.shared()).as(entry).isEqualTo(shared);
              }
            });
  }

  @Test
  void machineCodeIsWhatANameSays() {
    Map<String, Sass> counted = sass();
    assertThat(counted.keySet()).isEqualTo(compiled("variants/sm_90a").keySet());
    counted.forEach(
        (entry, code) -> {
          if (entry.matches(
              "(tbe_)?rpf_.*|combined_.*|tbe_wide_16.*|tbe_whole_8.*|" + STAGED.pattern())) {
            assertThat(code.loadsBeforeAdd()).as(entry).isGreaterThanOrEqualTo(distance(entry));
          }
          if (entry.contains("lmpf_")) {
            assertThat(code.localLoads()).as(entry).isGreaterThanOrEqualTo(distance(entry));
            assertThat(code.localStores()).as(entry).isGreaterThanOrEqualTo(distance(entry));
          }
          // Those before the first row, and one a row.
          int ahead = distance(entry) + 1;
          if (STAGED.matcher(entry).matches()) {
            assertThat(code.asyncCopies()).as(entry).isPositive();
          } else {
            assertThat(code.asyncCopies()).as(entry).isEqualTo(entry.contains("smpf_") ? ahead : 0);
          }
          if (entry.contains("l1dpf_")) {
            assertThat(code.prefetchesToL1()).as(entry).isGreaterThanOrEqualTo(ahead);
          } else {
            assertThat(code.prefetchesToL1()).as(entry).isZero();
          }
          assertThat(code.prefetchesToL2() > 0).as(entry).isEqualTo(entry.equals("pin_hot_rows"));
        });
  }

  @Test
  void machineCodeIsThatOfTheFingerprints() {
    String fingerprints =
        lines("kernels/fingerprints.txt")
            .filter(line -> line.startsWith("variants/sm_90a "))
            .map(line -> line + "\n")
            .collect(Collectors.joining());
    assertThat(lines("kernels/sass.txt").findFirst())
        .as("first line of kernels/sass.txt, which kernels/bench/sass.py writes on a GPU host")
        .hasValue("fingerprints " + sha256(fingerprints));
  }

  /** What a job pools with is there, and is of the row that the bench has it in. */
  @Test
  void whatIsChosenByNameHasItsKernels() {
    Set<String> variants = compiled("variants/sm_90a").keySet();
    Set<String> ofEveryModel = compiled("sm_90a").keySet();
    for (EmbeddingBagVariant variant : EmbeddingBagVariant.values()) {
      assertThat(EmbeddingBagVariant.named(variant.row())).hasValue(variant);
      if (variant.isOfAblation()) {
        String entry = AblationEntries.entry(variant);
        for (DType rows : List.of(DType.F32, DType.F16, DType.BF16)) {
          assertThat(variants.contains(entry + "_" + rows.name().toLowerCase(Locale.ROOT)))
              .as("%s of %s", variant, rows)
              .isEqualTo(variant.whyNot(Precision.FP32, rows).isEmpty());
        }
        assertThat(read(BENCH))
            .containsPattern(Pattern.quote("\"" + variant + "\"") + ".*\"" + entry + "\"");
      }
    }
    for (BagWalk walk : BagWalk.values()) {
      for (String rows : List.of("f32_", "f16_", "bf16_")) {
        assertThat(ofEveryModel)
            .contains(walk.entry() + rows + "f32", walk.entry() + rows + "bf16");
      }
      assertThat(read(BENCH)).contains("\"" + walk + "\": \"" + walk.entry() + "\"");
      assertThat(read(DOCUMENTATION)).contains("\n| " + walk + " | ");
    }
    for (String rows : List.of("f32_", "f16_", "bf16_")) {
      assertThat(ofEveryModel)
          .contains("embedding_bag_range_" + rows + "f32", "embedding_bag_range_" + rows + "bf16");
    }
    assertThat(ofEveryModel).contains("pin_hot_rows", "rename_ids", "widen_ints");
  }

  @Test
  void otherNamesAreNone() {
    assertThat(EmbeddingBagVariant.named("rpf_8")).isEmpty();
    assertThat(EmbeddingBagVariant.named("TBE")).isEmpty();
  }

  @Test
  void aTableHasAtMost8Ranges() {
    for (int rows : new int[] {1, 2, 7, 8, 9, 16, 17, 500_000, 1 << 20, Integer.MAX_VALUE}) {
      int shift = StagedBagKernel.rangeShift(rows);
      assertThat((rows - 1) >> shift).as("last range of %s rows", rows).isBetween(0, 7);
      assertThat(rows > 8 && (rows - 1) >> shift < 4).as("too few of %s rows", rows).isFalse();
    }
  }

  private record Fingerprint(int registers, int stack, int shared) {}

  private record Sass(
      int loadsBeforeAdd,
      int localLoads,
      int localStores,
      int asyncCopies,
      int prefetchesToL1,
      int prefetchesToL2) {}

  private static int distance(String entry) {
    return Pattern.compile("_(\\d+)")
        .matcher(entry)
        .results()
        .map(found -> Integer.parseInt(found.group(1)))
        .findFirst()
        .orElse(0);
  }

  /** What kernels/fingerprints.txt has of a target: entry, registers, stack, ..., shared memory. */
  private static Map<String, Fingerprint> compiled(String target) {
    return lines("kernels/fingerprints.txt")
        .map(line -> line.split(" "))
        .filter(part -> part[0].equals(target))
        .collect(
            Collectors.toMap(
                part -> part[1],
                part ->
                    new Fingerprint(
                        Integer.parseInt(part[2]),
                        Integer.parseInt(part[3]),
                        Integer.parseInt(part[6])),
                (a, b) -> a,
                TreeMap::new));
  }

  /** What kernels/bench/sass.py counted on a GPU host. */
  private static Map<String, Sass> sass() {
    return lines("kernels/sass.txt")
        .skip(2)
        .map(line -> line.split(" "))
        .collect(
            Collectors.toMap(
                part -> part[0],
                part -> {
                  int[] counts = Arrays.stream(part).skip(1).mapToInt(Integer::parseInt).toArray();
                  return new Sass(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
                },
                (a, b) -> a,
                TreeMap::new));
  }

  private static List<String> matches(Path file, String pattern) {
    return Pattern.compile(pattern)
        .matcher(read(file))
        .results()
        .map((MatchResult found) -> found.group(1))
        .distinct()
        .toList();
  }

  private static Stream<String> lines(String file) {
    return read(PROJECT.resolve(file)).lines();
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
