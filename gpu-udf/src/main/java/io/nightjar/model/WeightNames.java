package io.nightjar.model;

import io.nightjar.model.DlrmConfig.Family;
import java.util.List;

/** What a family of models calls its weights. */
sealed interface WeightNames {

  /** Prefixes that wrappers put before every name; none says anything about the model. */
  List<String> PREFIXES = List.of("model.", "module.", "_dmp_wrapped_module.", "_orig_mod.");

  /** The names of {@code family}. */
  static WeightNames of(Family family) {
    return switch (family) {
      case DLRM -> new Dlrm();
      case TORCHREC -> new TorchRec();
    };
  }

  /** {@code name} without the prefixes that wrappers put before it, in any order and number. */
  static String withoutPrefixes(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        return withoutPrefixes(name.substring(prefix.length()));
      }
    }
    return name;
  }

  /** Weight of an embedding table. */
  String table(String table);

  /** A layer of the bottom MLP; {@code part} is {@code weight} or {@code bias}. */
  String bottom(int layer, String part);

  /** A layer of the top MLP, of {@code layers} in all. */
  String top(int layer, int layers, String part);

  /** A layer of the cross network; {@code part} is {@code W_kernels}, {@code V_kernels}, … */
  default String cross(int layer, String part) {
    return "inter_arch.crossnet." + part + "." + layer;
  }

  /** facebookresearch/dlrm: a sequence in which every second module is an activation. */
  record Dlrm() implements WeightNames {
    @Override
    public String table(String table) {
      return table + ".weight";
    }

    @Override
    public String bottom(int layer, String part) {
      return "bot_l." + 2 * layer + "." + part;
    }

    @Override
    public String top(int layer, int layers, String part) {
      return "top_l." + 2 * layer + "." + part;
    }
  }

  /** torchrec.models.dlrm: an MLP of perceptrons, and a last linear layer of its own. */
  record TorchRec() implements WeightNames {
    @Override
    public String table(String table) {
      return "sparse_arch.embedding_bag_collection.embedding_bags." + table + ".weight";
    }

    @Override
    public String bottom(int layer, String part) {
      return "dense_arch.model._mlp." + layer + "._linear." + part;
    }

    @Override
    public String top(int layer, int layers, String part) {
      return layer == layers - 1
          ? "over_arch.model.1." + part
          : "over_arch.model.0._mlp." + layer + "._linear." + part;
    }
  }
}
