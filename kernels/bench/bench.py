"""Prints what the kernels reach on this GPU, beside PyTorch in the same call, as Markdown.

    python3 kernels/bench/bench.py kernels/target/classes/io/nightjar/kernels [part ...]

Parts: ceilings, bags, linear, and the whole models of MODELS below; without any, all of them. A
part with `:steps` also times each step by itself, with `:autotune` lets PyTorch search its kernels
(minutes), with `:compile` only compiles PyTorch's side, for which several such processes may run at
a time before the one that measures. docs/benchmarks.md has the results.

How it is measured: whole batches in CUDA graphs, three distinct batches in rotation; the variants
take turns, A B C C B A, each turn at least 0.15 s; medians, and the 10th and 90th percentile. The
outputs of all sides are NaN before, and compared with each other afterwards.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from dlrm import *
from memory import read_rate

BATCHES = 3


class Graphs:
    """A variant: one CUDA graph a batch, each giving a tensor (or nothing) that is poisoned."""

    def __init__(self, runs):
        self.times = []
        self.graphs, self.outputs = [], []
        for run in runs:
            run()
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                output = run()
            self.graphs.append(graph)
            self.outputs.append(output)
        for output in self.outputs:
            if isinstance(output, torch.Tensor):
                output.fill_(float("nan"))

    def turn(self, seconds):
        begin = time.time()
        while time.time() - begin < seconds:
            events = [torch.cuda.Event(enable_timing=True) for _ in range(10 * BATCHES + 1)]
            events[0].record()
            for i, event in enumerate(events[1:]):
                self.graphs[i % len(self.graphs)].replay()
                event.record()
            torch.cuda.synchronize()
            self.times += [a.elapsed_time(b) * 1000 for a, b in zip(events, events[1:])]

    def microseconds(self):
        times = sorted(self.times)
        return statistics.median(times), times[len(times) // 10], times[len(times) * 9 // 10]


def take_turns(variants, seconds=0.15):
    for variant in [*variants, *reversed(variants)]:
        variant.turn(seconds)


def microseconds(runs, seconds=0.1):
    graphs = Graphs(runs)
    take_turns([graphs], seconds)
    return graphs.microseconds()


def show(timing):
    return "{:,.0f} ({:,.0f}–{:,.0f})".format(*timing) if timing[0] > 99 else \
        "{:.1f} ({:.1f}–{:.1f})".format(*timing)


def table(*titles):
    print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles), flush=True)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def ceilings(_):
    table("ceiling", "µs", "rate")
    a = torch.randn(2**29, device="cuda")
    b = torch.empty_like(a)
    t = microseconds([lambda: b.copy_(a)])
    row("copy, 2 GiB read and 2 GiB written", show(t), f"{8 * len(a) / t[0] / 1e3:,.0f} GB/s")
    x, y = [torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2)]
    t = microseconds([lambda: x @ y])
    row("bf16 product of 8,192, PyTorch", show(t), f"{2 * 8192**3 / t[0] / 1e6:,.0f} TFLOP/s")
    for megabytes in (2048, 256, 128, 96, 64, 48, 40, 32, 24, 16, 8, 4, 2, 1):
        run, size = read_rate(megabytes << 20)
        t = microseconds([run])
        row(f"read, footprint {megabytes} MB", show(t), f"{size / t[0] / 1e3:,.0f} GB/s")


def bags(module):
    """The paper's shape: 500,000 rows x 128 a table, 150 ids a bag, 2,048 bags; 16 tables."""
    tables, rows, dim, length, count = 16, 500_000, 128, 150, 2048
    bag_rows = torch.tensor([count], dtype=torch.int32, device="cuda")
    offsets = torch.arange(0, count * length + 1, length, dtype=torch.int32, device="cuda")
    table("a table of the paper's shape", "µs", "rows read", "PyTorch µs")
    for dtype, name in ((torch.float32, "f32"), (torch.bfloat16, "bf16")):
        weights = [torch.randn(rows, dim, device="cuda").to(dtype) for _ in range(tables)]
        pooled = [poisoned((count, dim), torch.float32) for _ in range(tables)]
        for ids_name in ("one row only", "u³", "uniform"):
            runs, base = [], []
            for seed in range(BATCHES):
                features = []
                all_ids = []
                for t in range(tables):
                    u = torch.rand(count * length, device="cuda")
                    ids = {"one row only": torch.zeros_like(u), "u³": u**3, "uniform": u}[ids_name]
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
            ours, theirs = Graphs(runs), Graphs(base)
            take_turns([ours, theirs], 0.1)
            t = ours.microseconds()
            rate = count * length * dim * dtype.itemsize * tables / t[0] / 1e6
            row(f"{name}, {ids_name}", show([x / tables for x in t]), f"{rate:.1f} TB/s",
                show([x / tables for x in theirs.microseconds()]))


def linear(module):
    batch = 65536
    rows = torch.tensor([batch], dtype=torch.int32, device="cuda")
    table("layer, B = 65,536", "precision", "µs", "TFLOP/s", "PyTorch, two kernels, µs")
    for precision in (Precision("bf16"), Precision("f32")):
        for inputs, outputs in ((13, 512), (512, 256), (256, 128), (479, 1024), (1024, 1024),
                                (1024, 512), (3456, 512), (512, 3456)):
            weight = torch.randn(outputs, inputs, device="cuda") / inputs**0.5
            bias = torch.randn(outputs, device="cuda")
            layer = Linear(module, precision, weight, bias)
            runs, base = [], []
            for seed in range(BATCHES):
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
            ours, theirs = Graphs(runs), Graphs(base)
            take_turns([ours, theirs], 0.05)
            t = ours.microseconds()
            row(f"{inputs} → {outputs}", precision.name, show(t),
                f"{2 * batch * inputs * outputs / t[0] / 1e6:.0f}", show(theirs.microseconds()))


def one_hot(rows):
    return Shape(13, [rows] * 26, [1] * 26, 128, [512, 256, 128], [1024, 1024, 512, 256, 1], 65536)


MULTI_HOT = Shape(13, [1_000_000] * 26, [20] * 26, 128, [512, 256, 128],
                  [1024, 1024, 512, 256, 1], 16384)
WIDE = Shape(13, [100_000] * 250, [150] * 250, 128, [512, 256, 128], [1024, 1024, 512, 256, 1],
             2048)
DCN = Shape(13,
            [2_000_000, 39060, 17295, 7424, 20265, 3, 7122, 1543, 63, 2_000_000, 2_000_000,
             405282, 10, 2209, 11938, 155, 4, 976, 14, 2_000_000, 2_000_000, 2_000_000,
             590152, 12973, 108, 36],
            [3, 2, 1, 2, 6, 1, 1, 1, 1, 7, 3, 8, 1, 6, 9, 5, 1, 1, 1, 12, 100, 27, 10, 3, 1, 1],
            128, [512, 256, 128], [1024, 1024, 512, 256, 1], 32768, (3, 512))


@dataclass
class Model:
    name: str
    shape: Shape
    rows: torch.dtype = torch.bfloat16
    precision: str = "bf16"
    uniform: bool = False
    pinned_bytes: int = 0  # bytes an id when ids come from pinned memory


MODELS = {
    "onehot": Model("26 tables x 1M x 128, one id a bag, B = 65,536", one_hot(1_000_000)),
    "uniform": Model("the same, uniform ids", one_hot(1_000_000), uniform=True),
    "large": Model("26 tables x 9M x 128 (60 GB), one id a bag, uniform, B = 65,536",
                   one_hot(9_000_000), uniform=True),
    "onehot-f32": Model("26 tables x 1M x 128, one id a bag, B = 65,536", one_hot(1_000_000),
                        torch.float32, "f32"),
    "multihot": Model("26 tables x 1M x 128, 20 ids a bag, B = 16,384", MULTI_HOT),
    "pinned": Model("the same", MULTI_HOT, pinned_bytes=3),
    "wide": Model("250 tables x 100k x 128, 150 ids a bag, B = 2,048", WIDE),
    "wide-f32": Model("the same", WIDE, torch.float32),
    "dcn": Model("MLPerf's DLRM-DCNv2 shape, tables of at most 2M rows, B = 32,768", DCN),
}


def type_name(dtype):
    return {torch.float32: "fp32", torch.bfloat16: "bf16"}[dtype]


def whole(module, model, options):
    """One row of the table; what goes with it is kept for later tables."""
    torch.cuda.empty_cache()
    torch.compiler.reset()  # past some models compiled PyTorch would run the next ones as written
    precision, shape = Precision(model.precision), model.shape
    dtype = precision.vector
    torch.backends.cuda.matmul.allow_tf32 = dtype == torch.float32
    weights = Weights(shape, model.rows)
    batches = [Batch(shape, seed, model.uniform) for seed in range(BATCHES)]
    if model.pinned_bytes:
        return pinned(module, model, weights)
    mode = "max-autotune-no-cudagraphs" if "autotune" in options else None
    compiled = []  # of each best PyTorch: what to run, its inputs of each batch
    for one_call in (False,) if max(shape.lengths) == 1 else (False, True):
        best = BestTorch(weights, dtype, one_call)
        compiled.append((torch.compile(best.logits, dynamic=False, mode=mode),
                         [best.prepare(batch) for batch in batches]))
    if "compile" in options:
        with torch.no_grad():
            for run, inputs in compiled:
                run(*inputs[0])
        return [], []
    scorers = [Scorer(module, precision, weights, batch) for batch in batches]
    users = Torch(weights, dtype)
    with torch.no_grad():
        variants = [
            Graphs([lambda s=s: (s.run(), s.logits)[1] for s in scorers]),
            Graphs([lambda b=b: users.logits(b) for b in batches])]
        variants += [Graphs([lambda run=run, one=one: run(*one) for one in inputs])
                     for run, inputs in compiled]
        take_turns(variants)
    ours, theirs, *strong = [variant.microseconds() for variant in variants]

    def million(timing):
        return f"{shape.batch / timing[0]:.3g}"

    bf16_or_tf32 = " (TF32)" if dtype == torch.float32 else ""
    row(model.name, f"{type_name(model.rows)}, {type_name(dtype)}", "resident", show(ours),
        million(ours), million(theirs) + bf16_or_tf32,
        ", ".join(million(one) for one in strong) + bf16_or_tf32,
        f"{min(theirs[0], *[one[0] for one in strong]) / ours[0]:.1f}")

    notes = []
    torch.backends.cuda.matmul.allow_tf32 = False
    bad = [int(s.bad_id) for s in scorers] + [int(s.overflow) for s in scorers]
    assert bad == [-1] * BATCHES + [0] * BATCHES, bad
    count = min(shape.batch, 2048)
    exact = Torch(weights, torch.float64).logits(batches[0], count)
    plain = ("PyTorch, no TF32", Torch(weights, dtype).logits(batches[0], count)) \
        if dtype == torch.float32 else ("PyTorch", variants[1].outputs[0][:count])
    for who, logits in (("kernels", scorers[0].logits[:count]), plain):
        error = (logits.double() - exact).abs()
        score_error = (logits.double().sigmoid() - exact.sigmoid()).abs()
        notes.append((f"{model.name}, {type_name(dtype)}", who, f"{error.max():.2g}",
                      f"{(error / (1 + exact.abs())).max():.2g}",
                      f"{100 * error.max() / exact.std():.3g} %",
                      f"{score_error.max():.2g}, {score_error.mean():.2g}"))
    # Poisoned before they were timed: all outputs of all batches, against each other.
    for batch in range(BATCHES):
        outputs = [variant.outputs[batch].double() for variant in variants]
        for other in outputs[1:]:
            apart = (outputs[0] - other).abs().max() / exact.std()
            limit = 0.2 if dtype == torch.bfloat16 else 0.02
            assert apart < limit, f"outputs are {apart:.3g} deviations apart"
    steps = []
    if "steps" in options:
        for (step, _), *launches in zip(scorers[0].steps(), *[list(s.steps()) for s in scorers]):
            steps.append((step, microseconds([launch for _, launch in launches], 0.02)))
    return notes, steps


def pinned(module, model, weights):
    """Batches that cross from pinned memory: two streams in turn, so that one batch's copy runs
    while another is scored. A batch's time is that between the ends of many, over their number."""
    precision, shape = Precision(model.precision), model.shape
    streams = [torch.cuda.Stream() for _ in range(2)]
    slots = []
    for seed in range(4):
        batch = Batch(shape, seed, model.uniform)
        resident = Scorer(module, precision, weights, batch)
        resident.run()
        arrival = Arrival(batch, model.pinned_bytes)
        scorer = Scorer(module, precision, weights, batch, arrival)
        scores = torch.full((shape.batch,), float("nan")).pin_memory()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.stream(streams[seed % 2]):
            torch.cuda.synchronize()
            with torch.cuda.graph(graph, stream=streams[seed % 2]):
                arrival.copy()
                scorer.run()
                scores.copy_(scorer.scores, non_blocking=True)
        slots.append((graph, scores, resident, scorer, arrival))
    times = []
    begin = time.time()
    while time.time() - begin < 0.6:
        torch.cuda.synchronize()
        start, ends = torch.cuda.Event(enable_timing=True), []
        start.record()
        for stream in streams:
            stream.wait_event(start)
        rounds = 10
        for i in range(rounds * len(slots)):
            with torch.cuda.stream(streams[i % 2]):
                slots[i % len(slots)][0].replay()
        for stream in streams:
            torch.cuda.current_stream().wait_stream(stream)
        end = torch.cuda.Event(enable_timing=True)
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) * 1000 / (rounds * len(slots)))
    times.sort()
    t = statistics.median(times), times[len(times) // 10], times[len(times) * 9 // 10]
    for _, scores, resident, scorer, _ in slots:
        assert torch.equal(scores.cuda(), resident.scores), "scores differ from resident ids'"
        assert int(scorer.bad_id) == BAD_ID_NONE
    size = len(slots[0][4].pinned)
    row(model.name, f"{type_name(model.rows)}, {type_name(precision.vector)}",
        f"pinned, {model.pinned_bytes} bytes an id", show(t), f"{shape.batch / t[0]:.3g}", "", "",
        f"{size / t[0] / 1e3:.1f} GB/s to the device")
    return [], []


def models(module, parts):
    table("shape", "rows, MLP", "ids", "µs a batch", "M samples/s", "PyTorch, a call a table",
          "the best PyTorch (gathered, embedding_bag)", "times the best")
    notes, steps = [], []
    for name, options in parts:
        try:
            more, one = whole(module, MODELS[name], options)
            notes += more
            steps += [(name, one)] if one else []
        except Exception as error:  # one row's failure must not hide the others' figures
            print(f"{name}: FAILED {error!r}", flush=True)
    table("errors of the logits against float64", "", "max", "max of (1 + \\|logit\\|)",
          "max of the logits' deviation", "score: max, mean")
    for note in notes:
        row(*note)
    for name, one in steps:
        table(f"step of {name}, by itself", "µs")
        for step, timing in one:
            row(step, show(timing))


def main():
    folder = sys.argv[1]
    parts = [(part.split(":")[0], part.split(":")[1:]) for part in sys.argv[2:]]
    parts = parts or [(part, []) for part in ("ceilings", *MODELS, "bags", "linear")]
    unknown = {name for name, _ in parts} - {"ceilings", "bags", "linear", *MODELS}
    if unknown:
        sys.exit(f"Invalid part: {', '.join(sorted(unknown))}, expected ceilings, bags, linear or "
                 f"{', '.join(MODELS)}")
    print(subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
                         capture_output=True, text=True).stdout.strip(),
          "torch", torch.__version__, time.strftime("%Y-%m-%d"), flush=True)
    torch.manual_seed(5)
    module = Module(f"{folder}/sm_90a.cubin")
    for name, run in (("ceilings", ceilings), ("bags", bags), ("linear", linear)):
        if name in [part for part, _ in parts]:
            run(module)
            torch.cuda.empty_cache()
    chosen = [part for part in parts if part[0] in MODELS]
    if chosen:
        models(module, chosen)


if __name__ == "__main__":
    main()
