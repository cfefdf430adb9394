"""What Nsight Compute counts of the variants."""

import csv
import subprocess
import sys
from pathlib import Path

import torch

from ablation import *
from variants_time import Timer

STALLS = ["long_scoreboard", "lg_throttle", "short_scoreboard", "wait", "not_selected",
          "math_pipe_throttle", "mio_throttle", "barrier", "no_instruction", "branch_resolving",
          "drain", "dispatch_stall", "imc_miss", "sleeping", "tex_throttle", "membar"]
METRICS = {
    "gpu__time_duration.sum": "ns",
    "launch__registers_per_thread": "registers",
    "sm__warps_active.avg.per_cycle_active": "warps an SM",
    "dram__bytes_read.sum": "DRAM bytes",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed": "DRAM %",
    "lts__throughput.avg.pct_of_peak_sustained_elapsed": "L2 %",
    "lts__ltcfabric2ltc_cycles_active.avg.pct_of_peak_sustained_elapsed": "L2 fabric %",
    "lts__t_sectors_op_read.sum": "L2 sectors read",
    "lts__t_sector_hit_rate.pct": "L2 hit %",
    "l1tex__t_sector_hit_rate.pct": "L1 hit %",
    "l1tex__lsu_writeback_active.avg.pct_of_peak_sustained_active": "L1 to registers %",
    "l1tex__throughput.avg.pct_of_peak_sustained_active": "L1 %",
    "smsp__issue_active.avg.pct_of_peak_sustained_active": "issue %",
} | {f"smsp__average_warps_issue_stalled_{stall}_per_issue_active.ratio": stall
     for stall in STALLS}


def profile(arguments, chosen, classes, row_types):
    """ncu's figures of each variant on each class, for tables that are not the first."""
    result = {}
    chosen = [v for v in chosen if v.pins <= 1]
    numbers = ",".join(str(VARIANTS.index(v)) for v in chosen)
    for title in [f"{name} {row_type}" for row_type in row_types for name in classes]:
        command = ["ncu", "--csv", "--page", "raw", "--clock-control", "none",
                   "--cache-control", "none", "--profile-from-start", "off", "--metrics",
                   ",".join(METRICS), sys.executable, str(Path(__file__).with_name("variants.py")),
                   arguments.target, arguments.out,
                   *[f"--trace={trace}" for trace in arguments.trace],
                   f"--profile={title}/{numbers}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=200)
        lines = [line for line in done.stdout.splitlines() if line.startswith('"')]
        if not lines:
            print(f"profile {title}: FAILED\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
            continue
        launches = []
        for v in chosen:
            tables = 1 if v.kind == "one_table" or v.pins else 4
            launches += [(f"{v.row}: pin_hot_rows", tables)] if v.pins else []
            launches.append((v.row if v.row == v.entry else f"{v.row}: {v.entry}", tables))
        for (label, tables), row in zip(launches, list(csv.DictReader(lines))[1:], strict=True):
            figures = {meaning: float(row[metric].replace(",", ""))
                       for metric, meaning in METRICS.items() if row.get(metric)}
            stalls = {stall: figures.pop(stall) for stall in STALLS if stall in figures}
            figures["main stall"] = max(stalls, key=stalls.get)
            figures["tables"] = tables
            figures["kernel"] = row["Kernel Name"]
            result.setdefault(title, {})[label] = figures
            print(f"   {title} {label:24s} {figures}", flush=True)
    return result


def profiled(module, what, classes):
    """The other side of it: what ncu runs."""
    title, numbers = what.split("/")
    name, row_type = title.rsplit(" ", 1)
    weights = make_tables(5, 500_000, TYPES[row_type])
    batch = make_batches(name, classes[name], weights, count=1)[0]
    for variant in [VARIANTS[int(number)] for number in numbers.split(",")]:
        Timer.let_persist(variant.pins > 0)
        batch.launch(module, variant, 0, 1)
        torch.cuda.synchronize()
        torch.cuda.profiler.start()
        if variant.pins:
            batch.pin(module, 1)
        batch.launch(module, variant, 1, 1 if variant.kind == "one_table" or variant.pins else 4)
        torch.cuda.synchronize()
        torch.cuda.profiler.stop()
