"""Writes what variants.py measured into docs: tables and plots, none of it typed. The first table and
the plots stand in benchmarks.md too.

    python3 kernels/bench/variants_report.py OUT/variants.json docs
"""

import json
import re
import sys
from pathlib import Path

FINGERPRINTS = Path(__file__).parents[1] / "fingerprints.txt"
CAPPED = re.compile("(base|optmt_.*)_f32")
BASE_THREADS = 256  # of a block

BEGIN = "<!-- Written by kernels/bench/variants_report.py; do not edit. -->\n"
END = "<!-- End of what it wrote. -->\n"
COLOURS = {"PyTorch": "#888888", "base": "#c44e52", "rpf": "#dd8452", "combined": "#937860",
           "tbe": "#4c72b0", "range": "#55a868"}


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def spread(times):
    median, low, high = times
    return f"{median:.2f} ({low:.2f}–{high:.2f})"


def label(variant, chosen):
    row = chosen.get(variant, "")
    return variant if variant.startswith(row) else f"{row}: {variant}"


class Report:
    def __init__(self, results, docs):
        self.results, self.docs = results, docs
        self.chosen = {**results["chosen"]["f16"], **results["chosen"]["f32"]}

    def bound(self, title):
        """Microseconds a table that no kernel which reads every row can beat, and what sets them:
        the unique rows from device memory; or, where L1 hits were counted, all others from L2."""
        wanted, ceilings = self.results["counts"][title], self.results["ceilings"]
        row_type = "f16" if wanted["row bytes"] == 256 else "f32"
        gather = max(rate for name, rate in ceilings.items()
                     if name.startswith(f"distinct rows {row_type}"))
        bounds = [(wanted["unique rows"] * wanted["row bytes"] / gather / 1e3, "memory")]
        profile = self.results.get("profile", {}).get(title, {})
        hits = [profile[row]["L1 hit %"] / 100 for row in profile if row.startswith(("tbe: ", "range: "))]
        if hits:
            missed = wanted["lookups"] * (1 - max(hits))
            bounds.append((missed * wanted["row bytes"] / ceilings["read 20 MB"] / 1e3, "L2"))
        return max(bounds)

    def auto(self, title):
        """The name of the walk that a job takes, and its times."""
        walk = self.results["auto"][title]["chosen"]
        return walk, self.results["table"][title][walk]

    def summary(self):
        rows = []
        for title, times in self.results["table"].items():
            torch = times["PyTorch"][0]
            bound, what = self.bound(title)
            base = times["base"][0]
            walk, (tbe, *_) = self.auto(title)
            best = min((t[0], variant) for variant, t in times.items()
                       if variant in self.chosen and "+pin/8" not in variant)
            rows.append([title, f"{torch:.1f}", f"{base:.1f}",
                         f"{tbe:.2f} ({walk.removeprefix('tbe ')})",
                         f"{torch / tbe:.2f}", f"{base / tbe:.2f}", f"{best[0]:.2f}",
                         f"{torch / best[0]:.2f}", label(best[1], self.chosen)] + (
                             [f"{bound:.1f} ({what})", f"{bound / best[0]:.0%}"] if bound > 1
                             else ["", ""]))
        return markdown(["class, rows", "PyTorch µs", "base µs", "tbe µs", "× PyTorch", "× base",
                         "best µs", "× PyTorch", "which", "floor µs", "of it"], rows)

    def all_variants(self, row_type):
        titles = [title for title in self.results["table"]
                  if title.endswith(row_type) and "ids" not in title]
        variants = list(dict.fromkeys(v for t in titles for v in self.results["table"][t]))
        rows = []
        for variant in variants:
            if variant == "tbe short":  # the first of its row
                choices = [self.auto(t) for t in titles]
                rows.append(["tbe"] + [f"{spread(times)} {walk.removeprefix('tbe ')}"
                                       for walk, times in choices])
            rows.append([label(variant, self.chosen)] + [
                spread(self.results["table"][t][variant])
                if variant in self.results["table"][t] else "" for t in titles])
        return markdown(["µs a table"] + titles, rows)

    def sweeps(self):
        titles = list(self.results["sweep"])
        variants = list(dict.fromkeys(v for t in titles for v in self.results["sweep"][t]))
        rows = [[variant] + [f"{self.results['sweep'][t][variant][0]:.1f}"
                             if variant in self.results["sweep"][t] else "" for t in titles]
                for variant in variants]
        return markdown(["µs a table"] + titles, rows)

    def caps(self):
        """What OptMT's launch bounds make of base: ptxas' figures, the warps that find room on a
        multiprocessor of 65,536 registers by them, and the times."""
        titles = list(self.results["sweep"])[:3]
        rows = []
        for line in FINGERPRINTS.read_text().splitlines():
            target, entry, *figures = line.split()
            if target != "variants/sm_90a" or not CAPPED.fullmatch(entry):
                continue
            registers, stack, stores, loads, _ = map(int, figures)
            blocks = 65536 // (-(-registers // 8) * 8 * BASE_THREADS)
            variant = entry.removesuffix("_f32")
            rows.append([variant, registers, stack, stores, loads, blocks * BASE_THREADS // 32] + [
                f"{self.results['sweep'][t][variant][0]:.1f}" for t in titles])
        return markdown(["entry", "registers", "stack", "spill stores", "spill loads",
                         "warps an SM that fit"] + [f"{t}, µs" for t in titles], rows)

    def profile(self):
        parts = []
        for title, entries in self.results.get("profile", {}).items():
            rows = []
            for entry, f in entries.items():
                rows.append([entry, f"{f['registers']:.0f}", f"{f['warps an SM']:.1f}",
                             f"{f['DRAM bytes'] / f['tables'] / 1e6:.0f}", f"{f['DRAM %']:.0f}",
                             f"{f['L2 sectors read'] * 32 / f['tables'] / 1e6:.0f}",
                             f"{f['L2 %']:.0f}", f"{f['L2 fabric %']:.0f}",
                             f"{f['L2 hit %']:.0f}", f"{f['L1 hit %']:.0f}",
                             f"{f['L1 to registers %']:.0f}", f"{f['issue %']:.0f}",
                             f["main stall"]])
            parts.append(f"{title}:\n\n" + markdown(
                ["entry", "registers", "warps an SM", "DRAM MB a table", "DRAM %",
                 "L2 MB a table", "L2 %", "L2 fabric %", "L2 hits %", "L1 hits %",
                 "L1 to registers %", "issue slots %", "main stall"], rows))
        return "\n".join(parts)

    def ceilings(self):
        return markdown(["what", "GB/s"], [[name, f"{rate:,.0f}"] for name, rate
                                           in self.results["ceilings"].items()])

    def walks(self):
        names = ["short", "long", "deep", "lines", "range"]
        rows = [[title] + [f"{times[name][0]:.2f}" for name in names]
                for title, times in self.results["walks"].items()]
        return markdown(["µs a table of 307,200 lookups", *names], rows)

    def reordered(self):
        titles = list(self.results["reordered"])
        names = list(dict.fromkeys(n for t in titles for n in self.results["reordered"][t]))
        return markdown(["µs a table"] + titles, [
            [name] + [spread(self.results["reordered"][t][name]) for t in titles]
            for name in names])

    def batches(self):
        rows, others = [], ["PyTorch", "range_4", "range_8", "range_16"]
        for title, times in self.results["batches"].items():
            walk = self.results["auto"][title]["chosen"]
            rows.append([title, f"{times[walk][0]:.2f} ({walk.removeprefix('tbe ')})",
                         *[f"{times[other][0]:.2f}" for other in others]])
        return markdown(["µs a table of 2,048 bags", "tbe", *others], rows)

    def pipeline(self):
        rows = []
        for name, times in self.results["pipeline"].items():
            if not isinstance(times, dict):
                continue
            base = times["base"][0]
            for variant, (median, low, high) in times.items():
                if "bags only" in variant:
                    continue
                bags = times.get(f"{variant}, bags only")
                rows.append([name, label(variant, self.chosen),
                             f"{median / 1000:.2f} ({low / 1000:.2f}–{high / 1000:.2f})",
                             f"{2048 / median:.3f}", f"{base / median:.2f}",
                             f"{bags[0] / 1000:.2f}" if bags else ""])
        return markdown(["ids", "bags pooled by", "ms a batch", "M samples/s", "× base",
                         "bags alone, ms"], rows)

    def bars(self, path, title, groups, unit, lines=()):
        """groups: name -> {series: value}. A bar a series; lines are (name, value) ceilings."""
        series = list(dict.fromkeys(s for values in groups.values() for s in values))
        most = max([v for values in groups.values() for v in values.values()] +
                   [value for _, value in lines]) * 1.08
        wide, gap, left, top, height = 15, 26, 56, 44, 300
        width = left + len(groups) * (len(series) * wide + gap) + 190
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 110}" '
               f'font-family="sans-serif" font-size="11">',
               '<rect width="100%" height="100%" fill="white"/>',
               f'<text x="{left}" y="20" font-size="14">{title}</text>']
        for i in range(6):
            y = top + height - height * i / 5
            out.append(f'<line x1="{left}" x2="{width - 180}" y1="{y}" y2="{y}" stroke="#ddd"/>'
                       f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">'
                       f'{most * i / 5:.2g}</text>')
        x = left + gap / 2
        for name, values in groups.items():
            for s in series:
                if s in values:
                    tall = height * values[s] / most
                    colour = COLOURS.get(s, f"hsl({series.index(s) * 47 % 360},45%,60%)")
                    out.append(f'<rect x="{x}" y="{top + height - tall:.1f}" width="{wide - 2}" '
                               f'height="{tall:.1f}" fill="{colour}">'
                               f'<title>{name}, {s}: {values[s]:.2f} {unit}</title></rect>')
                x += wide
            middle = x - len(series) * wide / 2
            out.append(f'<text x="{middle}" y="{top + height + 16}" text-anchor="middle">'
                       f'{name}</text>')
            x += gap
        for name, value in lines:
            y = top + height - height * value / most
            out.append(f'<line x1="{left}" x2="{width - 180}" y1="{y}" y2="{y}" stroke="black" '
                       f'stroke-dasharray="5 3"/><text x="{left + 4}" y="{y - 4}">{name}</text>')
        for i, s in enumerate(series):
            colour = COLOURS.get(s, f"hsl({i * 47 % 360},45%,60%)")
            y = top + 14 * i
            out.append(f'<rect x="{width - 170}" y="{y}" width="10" height="10" fill="{colour}"/>'
                       f'<text x="{width - 155}" y="{y + 9}">{s}</text>')
        out.append(f'<text x="{left}" y="{height + 90}">{unit}; {self.results["gpu"]}, '
                   f'{self.results["date"]}</text></svg>')
        Path(self.docs, path).write_text("\n".join(out) + "\n")

    def plots(self):
        titles = [t for t in self.results["table"] if t.endswith(" f32") and "ids" not in t]
        speed, rate = {}, {}
        for title in titles:
            times = self.results["table"][title]
            base = times["base"][0]
            wanted = self.results["counts"][title]
            size = wanted["lookups"] * wanted["row bytes"]
            best = {}  # of each series
            times = {**{v: t for v, t in times.items() if self.chosen.get(v) != "tbe"},
                     "tbe": self.auto(title)[1]}
            for v, t in times.items():
                best[self.series(v)] = min(t[0], best.get(self.series(v), t[0]))
            speed[title.removesuffix(" f32")] = {s: base / t for s, t in best.items()}
            rate[title.removesuffix(" f32")] = {
                s: size / t / 1e6 for s, t in best.items()
                if s in ("PyTorch", "base", "rpf", "tbe", "range")}
        ceilings = self.results["ceilings"]
        self.bars("embedding-bag-speed-up.svg", "Speed-up over base, fp32 rows", speed, "times base")
        self.bars("embedding-bag-bytes.svg", "Bytes of rows pooled a second, fp32 rows", rate,
                  "TB/s", [("L2, reads of 20 MB", ceilings["read 20 MB"] / 1e3),
                           ("device memory, reads of 1 GB", ceilings["read 1024 MB"] / 1e3)])

    def series(self, variant):
        row = self.chosen.get(variant, variant)
        return row + (" /8" if variant.endswith("+pin/8") else "")

    def origin(self):
        r = self.results
        return f"""{r['gpu']}, driver {r['driver']}, PyTorch {r['torch']}, {r['date']}:

```
{r['command']}
```
"""

    def extract(self):
        return f"""{self.origin()}
{self.summary()}
![speed-up over base](embedding-bag-speed-up.svg)
![bytes a second](embedding-bag-bytes.svg)
"""

    def page(self):
        r = self.results
        return f"""# The embedding bag's variants, as measured

Written by `kernels/bench/variants_report.py`; do not edit. What it means is in
[embedding-bag.md](embedding-bag.md).

{self.origin()}
Median and 10th to 90th percentile of CUDA graph replays, microseconds a table of 500,000 x 128 unless
said, 2,048 bags of 150 ids, {r['tables']} tables a launch or a graph, three batches in rotation, at least 60 ms
each in turns A B … B A. `tbe` is the walk that `auto` chose, by the rule of a job, from times
taken just before (`BagTiming.java`): a job's kernel, launched as a job launches it. Beside it stand all
walks that it can choose from, and the best of other settings. Before each turn persisting lines are
reset and 256 MB are swept through L2. The sums were compared again after the timed run, from the very
graphs. PyTorch is `torch.nn.functional.embedding_bag` with int32 ids, in a CUDA graph. `+pin/1`: hot
rows are pinned before every batch; `+pin/8`: before every eighth.

## Beside PyTorch and the floor

The floor is the time to gather the unique rows at the rate of distinct random rows from more than
16 GB, or to read all lookups but the counted L1 hits at L2's rate for 20 MB, whichever is more. Where
L1 hits were not counted (by ncu, below) it is the first alone.

{self.summary()}
## Every row of the ablation, at its best setting

{self.all_variants("f32")}
{self.all_variants("f16")}
![speed-up over base](embedding-bag-speed-up.svg)
![bytes a second](embedding-bag-bytes.svg)

## What caps of registers do

The paper's OptMT: `base` with launch bounds for so many blocks of 256 threads a multiprocessor.

{self.caps()}
## All settings

{self.sweeps()}
## Large batches

{self.batches()}
## How the kernels of a job walk bags

The kernels that `auto` chooses from, launched as the scorer does, by the length of bags: 8, 16 or 32
rows under way a thread, or `lines`, a bag by 8 threads, all with the same bits; and `range`, which adds
in another order. Sums were checked before and after.

{self.walks()}
## Hot rows first

The same kernels over tables whose rows lie by frequency, most frequent first, and the time to rename
the ids, which comes on top.

{self.reordered()}
## The whole model

250 tables, {r['pipeline']['tables GB']:.0f} GB of fp32 rows, 2,048 samples, bottom MLP 512-256-128, top MLP 1024-1024-512-256-1,
all in fp32 accuracy; PyTorch's MLPs use TF32.

{self.pipeline()}
## What ncu counted

{self.profile()}
## Ceilings

{self.ceilings()}"""


def main():
    path, docs = sys.argv[1:]
    report = Report(json.loads(Path(path).read_text()), docs)
    Path(docs, "embedding-bag-measured.md").write_text(report.page())
    benchmarks = Path(docs, "benchmarks.md")
    before, _, rest = benchmarks.read_text().partition(BEGIN)
    benchmarks.write_text(before + BEGIN + report.extract() + END + rest.partition(END)[2])
    report.plots()


if __name__ == "__main__":
    main()
