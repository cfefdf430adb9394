"""Row ids for the bench of the embedding bag: the five classes of arXiv 2410.22249, or a trace.

    python3 kernels/bench/workloads.py [--trace NAME=FILE ...]

prints how many rows of a table each class touches, and what share of the lookups its 60,000 most
frequent rows have. A trace file has one row id a line and may be gzipped.
"""

import gzip
import sys
from dataclasses import dataclass

import torch

HOT_ROWS = 60_000


@dataclass
class Hotness:
    """Rank of a looked-up row: share * rows * u ** exponent, for a uniform u.

    Solved for what the real traces have: as many draws as those have lookups (see `lookups`) touch
    `unique` of 500,000 rows, and the 60,000 most frequent get `covered` of the lookups.
    """

    exponent: float
    share: float
    lookups: int
    unique: float
    covered: float


CLASSES = {
    "one_item": Hotness(float("inf"), 1, 500_000, 1 / 500_000, 1),
    "high": Hotness(130.55, 1, 500_000, 0.04, 1),
    "medium": Hotness(3.38, 0.25, 429_951, 0.205, 0.877),
    "low": Hotness(1.965, 0.94, 379_910, 0.462, 0.487),
    "random": Hotness(1, 1, 500_000, 0.632, 0.344),
}


def device():
    return "cuda" if torch.cuda.is_available() else "cpu"


class Ids:
    """Draws the lookups of one table after another; a table's hot rows lie anywhere in it."""

    def __init__(self, name, rows, seed, trace=None):
        self.name, self.rows, self.trace, self.next = name, rows, trace, 0
        self.generator = torch.Generator(device()).manual_seed(seed)

    def permutation(self):
        """Of a table's rows. Every rank keeps a row of its own."""
        order = torch.randperm(self.rows, device=device(), generator=self.generator)
        assert bool((torch.bincount(order, minlength=self.rows) == 1).all())
        return order

    def draw(self, count, permutation):
        """int32 row ids of `count` lookups."""
        if self.trace is not None:  # the next lookups, going round
            at = (self.next + torch.arange(count, device=device())) % len(self.trace)
            self.next = (self.next + count) % len(self.trace)
            return self.trace[at].int()
        hotness = CLASSES[self.name]
        if self.name == "one_item":
            return permutation[:1].int().expand(count).contiguous()
        u = torch.rand(count, device=device(), generator=self.generator, dtype=torch.float64)
        ranks = (u ** hotness.exponent * (hotness.share * self.rows)).long()
        return permutation[ranks.clamp(max=self.rows - 1)].int()


def read_trace(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt") as lines:
        return torch.tensor([int(line) for line in lines], device=device())


def lengths(kind, bags, mean, generator):
    """Ids of each bag: all `mean`, or anything from none to twice that, every eighth bag empty."""
    if kind == "fixed":
        return torch.full((bags,), mean, dtype=torch.int32, device=device())
    drawn = torch.randint(0, 2 * mean + 1, (bags,), device=device(), generator=generator)
    drawn[::8] = 0
    return drawn.int()


def hot_rows(ids, rows, count):
    """The most frequent rows of these lookups, most frequent first."""
    counts = torch.bincount(ids.long(), minlength=rows)
    touched = min(count, int((counts > 0).sum()))
    return counts.argsort(descending=True)[:touched].int()


def describe(name, ids, rows):
    counts = torch.bincount(ids.long(), minlength=rows).sort(descending=True).values
    return (f"{name}: {len(ids)} lookups touch {int((counts > 0).sum())} of {rows} rows "
            f"({float((counts > 0).sum() / rows):.1%}), the top {HOT_ROWS} have "
            f"{float(counts[:HOT_ROWS].sum() / len(ids)):.1%}")


def main():
    for name, hotness in CLASSES.items():
        ids = Ids(name, 500_000, 1)
        drawn = ids.draw(hotness.lookups, ids.permutation())
        print(describe(name, drawn, 500_000), f"- meant: {hotness.unique:.1%}, "
              f"{hotness.covered:.1%}")
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        print(describe(name, read_trace(path), 500_000))


if __name__ == "__main__":
    main()
