"""What each technique for the embedding bag is worth on this GPU, beside PyTorch in the same call.

    python3 kernels/bench/variants.py kernels/target OUT [--trace NAME=FILE ...] [PART ...]

Parts: edges (for compute-sanitizer), check, walks, reordered, ceilings, sweep, table, profile,
pipeline, batches; without any, all but edges. The bits of every variant are checked before anything is timed. Writes
OUT/variants.json, of which variants_report.py makes the tables and plots of docs/.
"""

import argparse
import json
import subprocess
import sys
import time
import traceback
from pathlib import Path

import torch

import workloads
from ablation import TABLES, TYPES, VARIANTS, Module, make_batches, make_tables
from variants_check import check_all, check_edges
from variants_model import pipeline
from variants_profile import profile, profiled
from variants_walks import reordered, walks
from variants_time import (Timer, best_of_rows, ceilings, large_batches, show, table,
                           time_variants)


def command(arguments):
    """What made these results, as one would type it in the repository."""
    traces = [f"--trace {name}={Path(path).name}"
              for name, path in (trace.split("=", 1) for trace in arguments.trace)]
    return " ".join(["python3 kernels/bench/variants.py kernels/target OUT", *traces,
                     *arguments.parts])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("out")
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--trace", action="append", default=[])
    parser.add_argument("--profile", help=argparse.SUPPRESS)  # for the part of that name
    arguments = parser.parse_intermixed_args()
    torch.manual_seed(5)
    kernels = Path(arguments.target, "classes/io/nightjar/kernels")
    module = Module(kernels / "variants/sm_90a.cubin", kernels / "sm_90a.cubin")
    classes = {name: None for name in workloads.CLASSES}
    for trace in arguments.trace:
        name, path = trace.split("=", 1)
        classes[f"{name} trace"] = workloads.read_trace(path)
    if arguments.profile:
        profiled(module, arguments.profile, classes)
        return
    results = {"auto": {}, "command": command(arguments),
               "date": time.strftime("%Y-%m-%d"),
               "gpu": torch.cuda.get_device_name(), "torch": torch.__version__,
               "driver": subprocess.run(["nvidia-smi", "--query-gpu=driver_version",
                                         "--format=csv,noheader"], capture_output=True,
                                        text=True).stdout.strip(), "tables": TABLES}
    begin = time.time()
    timer = Timer()
    if arguments.parts not in (["edges"], ["check"]):
        timer.warm_up()

    def sweeps():
        results["sweep"] = {}
        for row_type, names in (("f32", ["random", "low trace", "medium trace"]),
                                ("f16", ["random", "medium trace"])):
            weights = make_tables(TABLES, 500_000, TYPES[row_type])
            for name in [name for name in names if name in classes]:
                chosen = [v for v in VARIANTS if row_type == "f32" or v.kind != "one_table"]
                batches = make_batches(name, classes[name], weights)
                measured = time_variants(module, timer, chosen, batches, 0.05)
                results["sweep"][f"{name} {row_type}"] = measured
                show(f"sweep {name} {row_type}", measured)

    def profiles():
        chosen = best_of_rows(results["sweep"], "f32")
        few = [v for v in chosen if v.row in ("base", "rpf", "tbe", "range")]
        real = [name for name in ("medium trace", "low trace") if name in classes]
        hot = [v for v in chosen if v.row in ("base", "tbe", "tbe+order", "tbe+staged")]
        results["profile"] = {**profile(arguments, chosen, real[:1] or ["medium"], ["f32"]),
                              **profile(arguments, few, ["random"], ["f32"]),
                              **profile(arguments, hot, ["one_item"], ["f32"])}

    jobs = {"edges": lambda: check_edges(module, (8, 128)),
            "check": lambda: check_all(module, classes),
            "walks": lambda: walks(module, timer, classes, results),
            "reordered": lambda: reordered(module, timer, classes, results),
            "ceilings": lambda: results.update(ceilings=ceilings(module, timer)),
            "sweep": sweeps,
            "table": lambda: table(module, timer, classes, results),
            "profile": profiles,
            "pipeline": lambda: pipeline(module, timer, classes, results),
            "batches": lambda: large_batches(module, timer, classes, results)}
    failed = False
    for part in arguments.parts or [part for part in jobs if part != "edges"]:
        try:
            if jobs[part]():
                sys.exit(f"{part}: FAILED")
        except Exception:  # one part's failure must not lose the others' figures
            failed = True
            traceback.print_exc()
        print(f"== {part} done at {time.time() - begin:.0f} s", flush=True)
        Path(arguments.out, "variants.json").write_text(json.dumps(results, indent=1))
        torch.cuda.empty_cache()
    sys.exit(failed)


if __name__ == "__main__":
    main()
