"""Times the variants, beside PyTorch and beside what the memory can do."""

import math

import torch

import workloads
from ablation import *
from variants_check import expected_sums, sums_hold


class Timer:
    """Median time of CUDA graphs, in turns A B ... B A, each from a swept L2."""

    def __init__(self):
        self.sweep = torch.randn(64 << 20, device="cuda")

    def clear(self, pins):
        torch.cuda.synchronize()
        self.let_persist(pins)
        self.sweep.mul_(1.0001)
        torch.cuda.synchronize()

    @staticmethod
    def let_persist(pins):
        """Resets what persists in L2, and lets more persist only where something is pinned: the
        limit takes its part of L2 from everything else."""
        check(cuda.cuCtxResetPersistingL2Cache(), "reset persisting lines")
        check(cuda.cuCtxSetLimit(PERSISTING_LIMIT,
                                 ctypes.c_size_t(persisting_bytes() if pins else 0)),
              "set how much of L2 may persist")

    @staticmethod
    def warm_up():
        """Clocks rise under load only."""
        x = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
        for _ in range(300):
            x @ x
        torch.cuda.synchronize()

    def measure(self, runs, seconds=0.2, verify=None):
        """runs: name -> list of (callable, batches that it does), which take turns.
        Gives name -> (median, 10th, 90th percentile) in microseconds a batch.
        verify(name, replay) is called after the last timing of each."""
        graphs = {}
        for name, calls in runs.items():
            graphs[name] = []
            for call, batches in calls:
                call()
                torch.cuda.synchronize()
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    call()
                graphs[name].append((graph, batches))
        times = {name: [] for name in runs}
        for order in (list(runs), list(reversed(runs))):
            for name in order:
                self.clear("+pin" in name)
                times[name] += self.visit(graphs[name], seconds / 2)
        for name in runs if verify else []:
            verify(name, lambda name=name: [graph.replay() for graph, _ in graphs[name]])
        result = {}
        for name, all_times in times.items():
            all_times.sort()
            count = len(all_times)
            result[name] = (all_times[count // 2], all_times[count // 10],
                            all_times[count * 9 // 10])
        return result

    @staticmethod
    def visit(graphs, seconds):
        for graph, _ in graphs:
            graph.replay()
        torch.cuda.synchronize()
        times, spent = [], 0.0
        while spent < seconds * 1e6:
            events = [torch.cuda.Event(enable_timing=True) for _ in range(4 * len(graphs) + 1)]
            events[0].record()
            for i, event in enumerate(events[1:]):
                graphs[i % len(graphs)][0].replay()
                event.record()
            torch.cuda.synchronize()
            for i, (a, b) in enumerate(zip(events, events[1:])):
                micros = a.elapsed_time(b) * 1000
                spent += micros
                times.append(micros / graphs[i % len(graphs)][1])
        return times


def verifier(variants, batches):
    """Replays what was timed, and raises where the first batch's sums are not as they should be."""
    wanted = [expected_sums(batches[0], table) for table in range(len(batches[0].weights))]
    by_name = {variant.name: variant for variant in variants}

    def verify(name, replay):
        if name not in by_name:
            return
        batches[0].poison()
        replay()
        torch.cuda.synchronize()
        if not sums_hold(batches[0], wanted, by_name[name].row == "range"):
            raise AssertionError(f"{name}: other sums than wanted after the timed run")

    return verify


def time_variants(module, timer, variants, batches, seconds, torch_too=True):
    """name -> (median, low, high) in microseconds a table."""
    runs = {}
    if torch_too:
        runs["PyTorch"] = [(batch.torch, 1) for batch in batches]
    for variant in variants:
        if batches[0].type == "f16" and not variant.f16:
            continue
        runs[variant.name] = [
            ((lambda variant=variant, at=at: run(module, variant, batches, at)),
             max(variant.pins, 1)) for at in range(len(batches))]
    tables = len(batches[0].weights)
    measured = timer.measure(runs, seconds, verifier(variants, batches))
    return {name: [value / tables for value in values] for name, values in measured.items()}


def show(title, measured):
    base = measured.get("PyTorch", next(iter(measured.values())))[0]
    print(f"-- {title}")
    for name, (median, low, high) in measured.items():
        print(f"   {name:24s} {median:8.2f} us ({low:.2f} to {high:.2f})  {base / median:5.2f}x",
              flush=True)


def ceilings(module, timer):
    """GB/s: a copy, reads of footprints, and gathers of distinct rows from more than 16 GB."""
    result = {}
    a = torch.randn(2**29, device="cuda")
    b = torch.empty_like(a)
    result["copy, read + write"] = 8 * len(a) / timer.measure(
        {"": [(lambda: torch.mul(a, 1.5, out=b), 1)]})[""][0] / 1e3
    sink = torch.zeros(1, dtype=torch.int32, device="cuda")
    for megabytes in (1, 5, 10, 20, 25, 30, 35, 40, 50, 60, 80, 128, 256, 1024):
        pieces = megabytes * 1000 * 1000 // 16
        times = max(2, 3000 // megabytes)
        t = timer.measure({"": [(lambda: module.launch("read_rate", 1056, 256,
                                                       [a, pieces, times, sink]), 1)]}, 0.05)
        result[f"read {megabytes} MB"] = 16 * pieces * times / t[""][0] / 1e3
    del a, b
    for name, row_type in TYPES.items():
        rows = 2_000_000 if name == "f32" else 4_000_000
        weights = make_tables(TABLES, rows, row_type)
        draws = BAGS * MEAN_LENGTH
        lengths = workloads.lengths("fixed", BAGS, MEAN_LENGTH, None)
        batches = []
        for _ in range(BATCHES):
            ids = [torch.randperm(rows, device="cuda")[:draws].int() for _ in weights]
            batches.append(Batch(weights, ids, lengths, []))
        chosen = [v for v in VARIANTS
                  if v.entry in ("tbe_rpf_16", "tbe_wide_16") and v.row == "tbe"]
        measured = time_variants(module, timer, chosen, batches, 0.2, torch_too=False)
        gathered = draws * DIM * weights[0].element_size()
        for entry, (median, _, _) in measured.items():
            result[f"distinct rows {name}, {entry}"] = gathered / median / 1e3
        del weights, batches
        torch.cuda.empty_cache()
    for name, rate in result.items():
        print(f"   {name:40s} {rate:8.0f} GB/s", flush=True)
    return result


def best_of_rows(swept, row_type):
    """The settings of each row that took the least time over the swept workloads; of range all,
    since which is best depends on how hot the rows are, and of tbe all walks of a job too."""
    chosen = []
    for row in ROWS:
        mine = [v for v in VARIANTS if v.row == row and (row_type == "f32" or v.f16)]
        if row == "range":
            chosen += mine
            continue
        chosen += [v for v in mine if v.kind == "walk"]
        mine = [v for v in mine if v.kind != "walk"]
        for pins in sorted({v.pins for v in mine}):
            def time_of(variant):
                found = [times[variant.name][0] for name, times in swept.items()
                         if name.endswith(row_type) and variant.name in times]
                found = found or [times[variant.name][0] for times in swept.values()
                                  if variant.name in times]
                return math.prod(found) ** (1 / len(found))
            candidates = [v for v in mine if v.pins == pins]
            if candidates:
                chosen.append(min(candidates, key=time_of))
    return chosen


def chosen_walk(module, batch, results, title):
    """The walk that `auto` pools such bags by, timed and chosen as a job does (BagTiming.java)."""
    order = list(WALKS)
    times = {walk: [] for walk in order}
    for turn in range(9):
        for walk in order:
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            batch.walk(module, walk, batch.features, len(batch.weights))
            end.record()
            end.synchronize()
            times[walk].append(begin.elapsed_time(end) * 1000)
        if turn == 0:  # kernels are loaded at their first launch
            times = {walk: [] for walk in order}
        order.reverse()
    medians = {walk: sorted(of_walk)[len(of_walk) // 2] for walk, of_walk in times.items()}
    walk = min(medians, key=medians.get)
    chosen = next(v for v in VARIANTS if v.kind == "walk" and v.entry == walk)
    results["auto"][title] = {"chosen": chosen.name, "microseconds": medians}
    print(f"   {title}: auto chose {walk} of {medians}", flush=True)
    return chosen


def counts(batches):
    """What a table's bags want, of which the report reckons the floor."""
    unique = [len(torch.unique(ids)) for batch in batches for ids in batch.ids]
    lookups = [len(ids) for batch in batches for ids in batch.ids]
    row = batches[0].weights[0][0]
    return {"unique rows": sum(unique) / len(unique), "lookups": sum(lookups) / len(lookups),
            "row bytes": row.numel() * row.element_size()}


def table(module, timer, classes, results, seconds=0.06):
    """The chosen variant of every row on every class; then other shapes."""
    results["table"], results["counts"], results["chosen"] = {}, {}, {}
    for row_type in TYPES:
        chosen = [v for v in best_of_rows(results["sweep"], row_type)
                  if row_type == "f32" or v.row in ("base", "rpf", "tbe", "tbe+order", "tbe+staged", "tbe+l2p", "range")]
        results["chosen"][row_type] = {v.name: v.row for v in chosen}
        weights = make_tables(TABLES, 500_000, TYPES[row_type])
        cases = [(name, "fixed") for name in classes]
        if row_type == "f32":
            cases += [(name, "variable") for name in ("random", "medium trace") if name in classes]
        for name, kind in cases:
            title = f"{name} {row_type}" if kind == "fixed" else f"{name}, 0 to 300 ids, {row_type}"
            batches = make_batches(name, classes[name], weights, kind)
            results["counts"][title] = counts(batches)
            chosen_walk(module, batches[0], results, title)
            results["table"][title] = time_variants(module, timer, chosen, batches, seconds)
            show(title, results["table"][title])
    few = [v for v in best_of_rows(results["sweep"], "f32")
           if v.row in ("base", "rpf", "tbe", "range")]
    weights = None
    weights = make_tables(12, 5_000_000, torch.float32)
    for name in ("medium", "random"):
        batches = make_batches(name, None, weights)
        title = f"{name} f32, 5M rows"
        results["counts"][title] = counts(batches)
        chosen_walk(module, batches[0], results, title)
        results["table"][title] = time_variants(module, timer, few, batches, seconds)
        show(title, results["table"][title])


def large_batches(module, timer, classes, results):
    """Batches that only an offline job can have; a figure is of 2,048 bags."""
    results["batches"] = {}
    chosen = [v for v in VARIANTS if v.row == "range"]
    weights = make_tables(4, 500_000, torch.float32)
    for bags in (2048, 16_384, 65_536):
        for name in ("low", "random", "medium trace"):
            if name in classes:
                batches = make_batches(name, classes[name], weights, bags=bags)
                title = f"{name} f32, {bags} bags"
                auto = chosen_walk(module, batches[0], results, title)
                measured = time_variants(module, timer, [auto, *chosen], batches, 0.1)
                measured = {variant: [t * 2048 / bags for t in times]
                            for variant, times in measured.items()}
                results["batches"][title] = measured
                show(f"{name}, {bags} bags, of 2,048", measured)
                del batches
                torch.cuda.empty_cache()
