package io.nightjar.scorer.cuda;

import io.nightjar.golden.Golden;
import io.nightjar.golden.GoldenRows;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How far the goldens' logits and scores are from float64 in each precision, and PyTorch's bfloat16
 * beside them.
 *
 * <p>{@code FOLDER/run --accuracy}, docs/gpu-tests.md. Prints tables for docs/benchmarks.md.
 */
final class Accuracy {
  private Accuracy() {}

  public static void main(String[] args) throws Exception {
    Path temp = Files.createTempDirectory("goldens");
    System.out.println("| golden | fp32 logit, of (1 + logit) | fp32 score |");
    System.out.println("|---|---|---|");
    for (String name : Golden.NAMES) {
      fp32(name, Golden.copy(name, temp.resolve("fp32")));
    }
    System.out.println();
    System.out.println(
        "| golden | largest, kernels | PyTorch | times | root mean square, kernels | PyTorch |"
            + " times | score, mean |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String name : Golden.NAMES) {
      bf16(name, Golden.copy(name, temp.resolve("bf16")));
    }
  }

  private static void fp32(String name, Golden golden) {
    GoldenRows rows = GoldenRows.read(golden, config(golden));
    try (DlrmModel model = DlrmModels.open(golden.folder(), Backend.CUDA, Precision.FP32);
        DlrmScorer scorer = scored(model, rows)) {
      int count = rows.logits().size();
      double logit =
          largest(
              count,
              r ->
                  Math.abs(scorer.logits().get(r) - rows.logits().get(r))
                      / (1 + Math.abs(rows.logits().get(r))));
      double score = largest(count, r -> Math.abs(scorer.scores().get(r) - rows.scores().get(r)));
      System.out.printf("| %s | %.1e | %.1e |%n", name, logit, score);
    }
  }

  private static void bf16(String name, Golden golden) {
    GoldenRows rows = GoldenRows.read(golden, config(golden));
    try (DlrmModel model = DlrmModels.open(golden.folder(), Backend.CUDA, Precision.BF16);
        DlrmScorer scorer = scored(model, rows)) {
      int count = rows.logits().size();
      List<Double> kernels = new ArrayList<>();
      IntStream.range(0, count).forEach(r -> kernels.add((double) scorer.logits().get(r)));
      List<Double> pyTorch = GoldenRows.bf16Logits(golden);
      double mean = rows.logits().stream().mapToDouble(x -> x).average().orElseThrow();
      double deviation =
          Math.sqrt(
              rows.logits().stream()
                  .mapToDouble(x -> (x - mean) * (x - mean))
                  .average()
                  .orElseThrow());
      double ours = errors(kernels, rows.logits()).max().orElseThrow();
      double theirs = errors(pyTorch, rows.logits()).max().orElseThrow();
      double oursSquare = rootMeanSquare(errors(kernels, rows.logits()));
      double theirsSquare = rootMeanSquare(errors(pyTorch, rows.logits()));
      System.out.printf(
          "| %s | %.1f %% | %.1f %% | %.2f | %.2f %% | %.2f %% | %.2f | %.1e |%n",
          name,
          100 * ours / deviation,
          100 * theirs / deviation,
          ours / theirs,
          100 * oursSquare / deviation,
          100 * theirsSquare / deviation,
          oursSquare / theirsSquare,
          IntStream.range(0, count)
              .mapToDouble(r -> Math.abs(scorer.scores().get(r) - rows.scores().get(r)))
              .average()
              .orElseThrow());
    }
  }

  private static DlrmConfig config(Golden golden) {
    return ModelInfo.read(ModelFolder.local(golden.folder())).config();
  }

  private static DlrmScorer scored(DlrmModel model, GoldenRows rows) {
    int count = rows.logits().size();
    DlrmScorer scorer = model.newScorer(count);
    rows.samples().fill(scorer.batch(), IntStream.range(0, count).toArray());
    scorer.submit();
    scorer.await();
    return scorer;
  }

  private static double largest(int count, IntToDoubleFunction error) {
    return IntStream.range(0, count).mapToDouble(error).max().orElseThrow();
  }

  private static DoubleStream errors(List<Double> actual, List<Double> expected) {
    return IntStream.range(0, expected.size())
        .mapToDouble(r -> Math.abs(actual.get(r) - expected.get(r)));
  }

  private static double rootMeanSquare(DoubleStream errors) {
    return Math.sqrt(errors.map(error -> error * error).average().orElseThrow());
  }
}
