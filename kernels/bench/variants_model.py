"""Times whole models whose bags are pooled by variants."""

import torch

from ablation import *
from dlrm import Batch as ModelBatch
from dlrm import Scorer, Shape, Torch, Weights
from variants_time import best_of_rows, chosen_walk, show


class Pipeline(Scorer):
    """A DLRM whose bags are pooled by a variant."""

    def __init__(self, module, variant, precision, weights, batch, hot):
        super().__init__(module, precision, weights, batch)
        self.variant = variant
        self.pooling = Batch(weights.tables, batch.ids, batch.lengths, hot)
        self.pooling.pooled = self.keep
        self.pooling.features = structs([
            bag_feature(table, ids, offsets, self.rows, pooled, table.shape[1], table.shape[1], 0)
            for table, ids, offsets, pooled in zip(weights.tables, batch.ids, batch.offsets,
                                                   self.keep)])

    def steps(self):
        for name, launch in super().steps():
            if name == "embedding bags":
                def launch():
                    run(self.module, self.variant, [self.pooling], 0)
            yield name, launch


def pipeline(module, timer, classes, results):
    """Bottom MLP, bags, pairs and top MLP over 250 tables: 64 GB of fp32 rows."""
    shape = Shape(13, [500_000] * 250, [MEAN_LENGTH] * 250, DIM, [512, 256, 128],
                  [1024, 1024, 512, 256, 1], BAGS)
    precision = Precision("f32")
    weights = Weights(shape, torch.float32)
    results["pipeline"] = {"tables GB": sum(t.numel() for t in weights.tables) * 4 / 1e9}
    chosen = [v for v in best_of_rows(results["sweep"], "f32")
              if v.row in ("base", "rpf", "combined", "range") and v.pins <= 1]
    for name in [name for name in ("random", "low trace", "medium trace") if name in classes]:
        bags = make_batches(name, classes[name], weights.tables, count=1)[0]
        batch = ModelBatch(shape, 1)
        batch.ids, batch.lengths = bags.ids, bags.lengths
        batch.offsets = [bags.offsets] * 250
        baseline = Torch(weights, torch.float32)
        runs = {"PyTorch": [(lambda: baseline.logits(batch), 1)]}
        auto = chosen_walk(module, bags, results, f"whole model, {name}")
        for variant in [*chosen, auto]:
            scorer = Pipeline(module, variant, precision, weights, batch, bags.hot)
            runs[variant.name] = [(scorer.run, 1)]
            runs[variant.name + ", bags only"] = [
                (lambda s=scorer: run(module, s.variant, [s.pooling], 0), 1)]
        torch.backends.cuda.matmul.allow_tf32 = True
        measured = timer.measure(runs, 0.2)
        torch.backends.cuda.matmul.allow_tf32 = False
        results["pipeline"][name] = measured
        show(f"whole model, {name}, us a batch of {BAGS}", measured)
        del runs, bags, batch, scorer
        torch.cuda.empty_cache()
