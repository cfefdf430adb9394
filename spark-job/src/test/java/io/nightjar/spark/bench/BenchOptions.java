package io.nightjar.spark.bench;

import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the command line of the benchmark asks for.
 *
 * @param what which measurement
 * @param sets which sets, in order
 * @param folder where sets, models and scores lie
 * @param rows distinct rows of a set
 * @param copies how often each is read
 * @param tableRows rows of each of the model's tables
 * @param rounds turns that count
 * @param cores numbers of cores; one but for scaling
 * @param soakRows rows of the soak
 * @param model which model scores
 * @param backend what scores
 * @param precision of the matrix products
 * @param baseline whether the script that people write takes turns, too
 * @param profile whether a last turn is recorded
 */
record BenchOptions(
    What what,
    List<BenchSet> sets,
    Path folder,
    long rows,
    int copies,
    int tableRows,
    int rounds,
    List<Integer> cores,
    long soakRows,
    BenchModel model,
    BackendChoice backend,
    Precision precision,
    boolean baseline,
    boolean profile) {

  /** A measurement. */
  enum What {
    /** Makes sets and models, and measures nothing. */
    MAKE,
    TURNS,
    EQUAL,
    SCALING,
    SOAK
  }

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("set", "all"),
          Map.entry("rows", "4000000"),
          Map.entry("copies", "8"),
          Map.entry("table-rows", "1000000"),
          Map.entry("rounds", "3"),
          Map.entry("cores", String.valueOf(Runtime.getRuntime().availableProcessors())),
          Map.entry("soak-rows", "1000000000"),
          Map.entry("model", "whole"),
          Map.entry("backend", "cuda"),
          Map.entry("precision", "bf16"),
          Map.entry("baseline", "true"),
          Map.entry("profile", "false"));

  /** Reads what to do, which is {@link What#TURNS} if it is not said, and options with values. */
  static BenchOptions parse(String... args) {
    Map<String, String> said = new HashMap<>(DEFAULTS);
    Set<String> known =
        Set.copyOf(Stream.concat(said.keySet().stream(), Stream.of("dir")).toList());
    boolean named = args.length > 0 && !args[0].startsWith("--");
    What what = named ? What.valueOf(upperCase(args[0])) : What.TURNS;
    for (int i = named ? 1 : 0; i < args.length; i += 2) {
      if (!args[i].startsWith("--")
          || !known.contains(args[i].substring(2))
          || i + 1 == args.length) {
        throw new IllegalArgumentException(
            "Invalid option: " + args[i] + ", expected one of " + known + " and a value");
      }
      said.put(args[i].substring(2), args[i + 1]);
    }
    String set = said.get("set");
    return new BenchOptions(
        what,
        set.equals("all")
            ? BenchSet.all()
            : Stream.of(set.split(",", -1)).map(BenchSet::of).toList(),
        Path.of(said.get("dir")).toAbsolutePath(),
        Long.parseLong(said.get("rows")),
        Integer.parseInt(said.get("copies")),
        Integer.parseInt(said.get("table-rows")),
        Integer.parseInt(said.get("rounds")),
        Stream.of(said.get("cores").split(",", -1)).map(Integer::valueOf).toList(),
        Long.parseLong(said.get("soak-rows")),
        BenchModel.of(said.get("model")),
        BackendChoice.valueOf(upperCase(said.get("backend"))),
        Precision.valueOf(upperCase(said.get("precision"))),
        Boolean.parseBoolean(said.get("baseline")),
        Boolean.parseBoolean(said.get("profile")));
  }

  private static String upperCase(String word) {
    return word.toUpperCase(Locale.ROOT);
  }
}
