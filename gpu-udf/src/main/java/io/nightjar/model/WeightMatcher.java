package io.nightjar.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Finds the tensor of every part of a model: each is there, in shape, and none is left over. */
final class WeightMatcher {
  private final ModelFolder folder;
  private final DlrmConfig config;
  private final WeightNames names;
  private final Map<String, TensorInfo> unused;
  private final String files;

  WeightMatcher(ModelFolder folder, DlrmConfig config, Map<String, TensorInfo> tensors) {
    this.folder = folder;
    this.config = config;
    this.names = WeightNames.of(config.family());
    this.unused = new HashMap<>(tensors);
    this.files =
        tensors.values().stream()
            .map(TensorInfo::file)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
  }

  WeightLayout match() {
    List<TensorInfo> tables = new ArrayList<>();
    for (EmbeddingTableConfig table : config.tables()) {
      tables.add(take(names.table(table.name()), table.numEmbeddings(), table.embeddingDim()));
    }
    List<WeightLayout.Linear> bottom = new ArrayList<>();
    long in = config.denseFeatures().size();
    for (int i = 0; i < config.bottomMlp().size(); i++) {
      int out = config.bottomMlp().get(i);
      bottom.add(linear(names.bottom(i, "weight"), names.bottom(i, "bias"), out, in));
      in = out;
    }
    List<WeightLayout.Cross> cross = cross();
    List<WeightLayout.Linear> top = new ArrayList<>();
    int layers = config.topMlp().size();
    in = config.interactionElements();
    for (int i = 0; i < layers; i++) {
      int out = config.topMlp().get(i);
      top.add(linear(names.top(i, layers, "weight"), names.top(i, layers, "bias"), out, in));
      in = out;
    }
    if (!unused.isEmpty()) {
      TensorInfo extra = unused.values().stream().min(WeightMatcher::byPlace).orElseThrow();
      throw invalid(extra, "not part of the model", "only tensors that model.json describes");
    }
    return new WeightLayout(tables, bottom, cross, top);
  }

  private List<WeightLayout.Cross> cross() {
    List<WeightLayout.Cross> layers = new ArrayList<>();
    if (config.interaction() instanceof Interaction.Cross cross) {
      long n = config.vectorElements();
      for (int i = 0; i < cross.layers(); i++) {
        layers.add(
            new WeightLayout.Cross(
                take(names.cross(i, "W_kernels"), n, cross.rank()),
                take(names.cross(i, "V_kernels"), cross.rank(), n),
                take(names.cross(i, "bias"), n)));
      }
    }
    return layers;
  }

  private WeightLayout.Linear linear(String weight, String bias, long out, long in) {
    return new WeightLayout.Linear(take(weight, out, in), take(bias, out));
  }

  private TensorInfo take(String name, long... shape) {
    List<Long> expected = LongStream.of(shape).boxed().toList();
    TensorInfo tensor = unused.remove(name);
    if (tensor == null) {
      throw new InvalidModelException(
          "Invalid tensor %s in %s/%s: missing, expected shape %s"
              .formatted(name, folder.location(), files, expected));
    }
    if (!tensor.shape().equals(expected)) {
      throw invalid(tensor, "shape " + tensor.shape(), expected.toString());
    }
    if (!tensor.dtype().isWeight()) {
      throw invalid(tensor, "dtype " + tensor.dtype(), "F32, F16 or BF16");
    }
    return tensor;
  }

  private static int byPlace(TensorInfo a, TensorInfo b) {
    int file = a.file().compareTo(b.file());
    return file != 0 ? file : Long.compare(a.offset(), b.offset());
  }

  private InvalidModelException invalid(TensorInfo tensor, String found, String expected) {
    return new InvalidModelException(
        "Invalid tensor %s in %s/%s: %s, expected %s"
            .formatted(tensor.name(), folder.location(), tensor.file(), found, expected));
  }
}
