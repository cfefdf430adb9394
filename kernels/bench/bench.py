"""Prints what the kernels reach on this GPU, beside PyTorch in the same call.

    python3 kernels/bench/bench.py kernels/target/classes/io/nightjar/kernels [part ...]

Parts: ceilings, bags, linear, onehot, best, onehot-f32, uniform, large, multihot, wide, dcn. Each
figure is the median of many CUDA graph replays over three distinct batches in rotation; a long run
heats the card and lowers its clock, so run the parts apart. docs/benchmarks.md has the results.
"""

import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

from dlrm import *


def graph_of(run):
    run()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph


def microseconds(runs, seconds=0.3):
    """Median and spread (10th to 90th percentile) of one run, the variants in rotation."""
    graphs = [graph_of(run) for run in runs]
    times = []
    begin = time.time()
    while time.time() - begin < seconds or len(times) < 10:
        events = [torch.cuda.Event(enable_timing=True) for _ in range(len(graphs) + 1)]
        events[0].record()
        for graph, event in zip(graphs, events[1:]):
            graph.replay()
            event.record()
        torch.cuda.synchronize()
        times += [a.elapsed_time(b) * 1000 for a, b in zip(events, events[1:])]
    times.sort()
    return (statistics.median(times), times[len(times) // 10], times[len(times) * 9 // 10])


def line(name, timing, more=""):
    median, low, high = timing
    print(f"{name:58s} {median:10.1f} us ({low:.1f} to {high:.1f})  {more}", flush=True)


def ceilings():
    a = torch.randn(2**29, device="cuda")
    b = torch.empty_like(a)
    t = microseconds([lambda: torch.mul(a, 1.5, out=b)])
    line("ceiling: read and write of 2 GiB each", t, f"{8 * len(a) / t[0] / 1e3:.0f} GB/s")
    x, y = [torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2)]
    t = microseconds([lambda: x @ y])
    line("ceiling: bf16 product of 8192", t, f"{2 * 8192**3 / t[0] / 1e6:.0f} TFLOP/s")


def bags(module):
    """The paper's shape: 500,000 rows x 128 a table, 150 ids a bag, 2,048 bags; 16 tables."""
    tables, rows, dim, length, count = 16, 500_000, 128, 150, 2048
    bag_rows = torch.tensor([count], dtype=torch.int32, device="cuda")
    offsets = torch.arange(0, count * length + 1, length, dtype=torch.int32, device="cuda")
    for dtype, name in ((torch.float32, "f32"), (torch.bfloat16, "bf16")):
        weights = [torch.randn(rows, dim, device="cuda").to(dtype) for _ in range(tables)]
        pooled = [poisoned((count, dim), torch.float32) for _ in range(tables)]
        for ids_name in ("one_item", "u^3", "uniform"):
            runs, base = [], []
            for seed in range(3):
                features = []
                all_ids = []
                for t in range(tables):
                    u = torch.rand(count * length, device="cuda")
                    ids = {"one_item": torch.zeros_like(u), "u^3": u**3, "uniform": u}[ids_name]
                    ids = (((ids * rows).long().clamp(max=rows - 1) * 7919) % rows).int()
                    all_ids.append(ids)
                    features.append(bag_feature(weights[t], ids, offsets, bag_rows, pooled[t], dim,
                                                dim, 0))
                packed = structs(features)
                blocks = divide_up(count * (dim * dtype.itemsize // 16), 256)
                runs.append(lambda packed=packed, keep=all_ids: module.launch(
                    f"embedding_bag_{name}_f32", (blocks, tables), 256, [packed]))
                base.append(lambda all_ids=all_ids: [
                    F.embedding_bag(ids, w, offsets[:-1], mode="sum")
                    for ids, w in zip(all_ids, weights)])
            ours, theirs = microseconds(runs), microseconds(base)
            rate = count * length * dim * dtype.itemsize * tables / ours[0] / 1e3
            line(f"embedding bag {name} {ids_name}, a table", [t / tables for t in ours],
                 f"{rate:.0f} GB/s of rows; PyTorch {theirs[0] / tables:.1f} us")


def linear(module, precision):
    batch = 65536
    rows = torch.tensor([batch], dtype=torch.int32, device="cuda")
    for inputs, outputs in ((13, 512), (512, 256), (256, 128), (479, 1024), (1024, 1024),
                            (1024, 512), (512, 256), (3456, 512), (512, 3456)):
        weight = torch.randn(outputs, inputs, device="cuda") / inputs**0.5
        bias = torch.randn(outputs, device="cuda")
        layer = Linear(module, precision, weight, bias)
        runs, base = [], []
        for seed in range(3):
            dense = torch.randn(inputs, batch, device="cuda")
            matrix, output = precision.matrix(batch, inputs), precision.matrix(batch, outputs)
            module.launch(f"pack_dense_{precision.name}",
                          (divide_up(batch, 256), divide_up(inputs, 64) * 8), 256,
                          [dense, inputs, batch, None, matrix, rows, precision.scale,
                           layer.overflow])
            runs.append(lambda m=matrix, o=output: layer.launch("relu", m, o, rows))
            dtype = torch.bfloat16 if precision.name == "bf16" else torch.float32
            x, w, b = dense.t().contiguous().to(dtype), weight.to(dtype), bias.to(dtype)
            base.append(lambda x=x, w=w, b=b: F.relu(F.linear(x, w, b)))
        ours, theirs = microseconds(runs), microseconds(base)
        flops = 2 * batch * inputs * outputs
        line(f"linear {precision.name} {inputs} -> {outputs}, B = {batch}", ours,
             f"{flops / ours[0] / 1e6:.0f} TFLOP/s; PyTorch {theirs[0]:.1f} us, "
             f"{flops / theirs[0] / 1e6:.0f}")


SHAPES = {
    "onehot": Shape("26 tables x 1M x 128, one id a bag", 13, [1_000_000] * 26, [1] * 26, 128,
                    [512, 256, 128], [1024, 1024, 512, 256, 1], 65536),
    "large": Shape("26 tables x 9M x 128 (60 GB), one id a bag", 13, [9_000_000] * 26, [1] * 26, 128,
                   [512, 256, 128], [1024, 1024, 512, 256, 1], 65536),
    "multihot": Shape("26 tables x 1M x 128, 20 ids a bag", 13, [1_000_000] * 26, [20] * 26, 128,
                      [512, 256, 128], [1024, 1024, 512, 256, 1], 16384),
    "wide": Shape("250 tables x 100k x 128, 150 ids a bag", 13, [100_000] * 250, [150] * 250, 128,
                  [512, 256, 128], [1024, 1024, 512, 256, 1], 2048),
    "dcn": Shape("DLRM-DCNv2, 26 tables of at most 2M x 128", 13,
                 [2_000_000, 39060, 17295, 7424, 20265, 3, 7122, 1543, 63, 2_000_000, 2_000_000,
                  405282, 10, 2209, 11938, 155, 4, 976, 14, 2_000_000, 2_000_000, 2_000_000,
                  590152, 12973, 108, 36],
                 [3, 2, 1, 2, 6, 1, 1, 1, 1, 7, 3, 8, 1, 6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1,
                  1], 128, [512, 256, 128], [1024, 1024, 512, 256, 1], 32768, (3, 512)),
}


def best(shape, dtype):
    """PyTorch at its best on the one-hot model, eagerly and compiled, both in a CUDA graph."""
    weights = Weights(shape, dtype)
    batches = [Batch(shape, seed) for seed in range(3)]
    model = BestTorch(weights, dtype)
    weights.tables = None
    inputs = [model.prepare(batch) for batch in batches]
    compiled = torch.compile(model.logits, dynamic=False)
    with torch.no_grad():
        for name, run in (("eager", model.logits), ("torch.compile", compiled)):
            for one in inputs:
                run(*one)
            t = microseconds([lambda one=one: run(*one) for one in inputs], 0.5)
            line(f"best PyTorch, {name}: {shape.name}", t, f"{shape.batch / t[0]:.3g} M rows/s")


def whole(module, shape, precision, row_type, by_step, uniform=False):
    torch.cuda.empty_cache()
    weights = Weights(shape, row_type)
    batches = [Batch(shape, seed, uniform) for seed in range(3)]
    scorers = [Scorer(module, precision, weights, batch) for batch in batches]
    ours = microseconds([scorer.run for scorer in scorers], 0.5)
    dtype = torch.bfloat16 if precision.name == "bf16" else torch.float32
    baseline = Torch(weights, dtype)
    torch.backends.cuda.matmul.allow_tf32 = precision.name == "f32"
    theirs = microseconds([lambda batch=batch: baseline.logits(batch) for batch in batches], 0.5)
    name = f"{shape.name}, B = {shape.batch}, {precision.name}, rows {row_type}"
    name += ", uniform ids" if uniform else ""
    line(name, ours, f"{shape.batch / ours[0]:.3g} M rows/s; PyTorch graph "
                     f"{shape.batch / theirs[0]:.3g}")
    torch.backends.cuda.matmul.allow_tf32 = False

    count = min(shape.batch, 2048)
    exact = Torch(weights, torch.float64).logits(batches[0], count)
    for who, logits in (("kernels", scorers[0].logits[:count].double()),
                        ("PyTorch", baseline.logits(batches[0], count).double())):
        error = (logits - exact).abs()
        score_error = (logits.sigmoid() - exact.sigmoid()).abs()
        print(f"    {who}: logit error max {error.max():.3g}, of (1 + |logit|) "
              f"{(error / (1 + exact.abs())).max():.3g}, of deviation {error.max() / exact.std():.3g};"
              f" score error max {score_error.max():.3g}, mean {score_error.mean():.3g}",
              flush=True)
    bad = [int(s.bad_id) for s in scorers] + [int(s.overflow) for s in scorers]
    assert bad == [-1] * 3 + [0] * 3, bad
    if by_step:
        for (step, _), *launches in zip(scorers[0].steps(), *[list(s.steps()) for s in scorers]):
            line("    " + step, microseconds([launch for _, launch in launches], 0.05))


def main():
    folder, parts = sys.argv[1], sys.argv[2:]
    print(subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
                         capture_output=True, text=True).stdout.strip(),
          "torch", torch.__version__, time.strftime("%Y-%m-%d"), flush=True)
    torch.manual_seed(5)
    module = Module(f"{folder}/sm_90a.cubin")
    bf16, f32 = Precision("bf16"), Precision("f32")
    jobs = {
        "ceilings": ceilings,
        "bags": lambda: bags(module),
        "linear": lambda: (linear(module, bf16), linear(module, f32)),
        "onehot": lambda: whole(module, SHAPES["onehot"], bf16, torch.bfloat16, True),
        "onehot-f32": lambda: whole(module, SHAPES["onehot"], f32, torch.float32, True),
        "best": lambda: best(SHAPES["onehot"], torch.bfloat16),
        "uniform": lambda: whole(module, SHAPES["onehot"], bf16, torch.bfloat16, False, True),
        "large": lambda: whole(module, SHAPES["large"], bf16, torch.bfloat16, False, True),
        "multihot": lambda: whole(module, SHAPES["multihot"], bf16, torch.bfloat16, True),
        "wide": lambda: (whole(module, SHAPES["wide"], bf16, torch.bfloat16, True),
                         whole(module, SHAPES["wide"], bf16, torch.float32, False)),
        "dcn": lambda: whole(module, SHAPES["dcn"], bf16, torch.bfloat16, True),
    }
    for part in parts or jobs:
        try:
            jobs[part]()
        except Exception as error:  # one part's failure must not hide the others' figures
            print(f"{part}: FAILED {error!r}", flush=True)
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
