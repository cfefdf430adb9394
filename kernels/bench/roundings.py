"""Where a bf16 model's error comes from: each rounding to bf16 by itself, in float64, on a CPU.

    python3 kernels/bench/roundings.py [models]

The one-hot model of bench.py without its tables: 26 vectors a row at random. Prints, in percent of
the logits' standard deviation, the root mean square over all models and each model's maximum. Takes
some minutes.
"""

import sys

import torch

ROWS, TABLES, DIM = 2048, 26, 128
BOTTOM, TOP = [13, 512, 256, DIM], [479, 1024, 1024, 512, 256, 1]


def bf16(x):
    return x.float().bfloat16().double()


class Model:
    def __init__(self, seed):
        generator = torch.Generator().manual_seed(seed)

        def random(*size):
            return torch.randn(*size, generator=generator).double()

        def layers(sizes):
            return [(random(b, a) * (2 / a) ** 0.5, random(b) * 0.1)
                    for a, b in zip(sizes, sizes[1:])]

        self.bottom, self.top = layers(BOTTOM), layers(TOP)
        self.vectors = bf16(random(ROWS, TABLES, DIM) / DIM**0.5)  # tables are bf16 in any case
        self.dense = random(ROWS, BOTTOM[0])
        self.lower = torch.tril_indices(TABLES + 1, TABLES + 1, -1)

    def logits(self, rounded):
        """With the places in `rounded` rounded to bf16."""

        def at(place, x):
            return bf16(x) if place in rounded else x

        x = at("dense features", self.dense)
        for i, (w, b) in enumerate(self.bottom):
            x = (x @ at(f"bottom weight {i}", w).T + b).clamp(min=0)
            x = at(f"bottom output {i}", x)
        vectors = torch.cat([x[:, None], self.vectors], 1)
        gram = vectors @ vectors.transpose(1, 2)
        x = torch.cat([x, at("pairs", gram[:, self.lower[0], self.lower[1]])], 1)
        for i, (w, b) in enumerate(self.top):
            x = x @ at(f"top weight {i}", w).T + b
            if i + 1 < len(self.top):
                x = at(f"top output {i}", x.clamp(min=0))
        return x[:, 0]


EVERYWHERE = {"dense features", "pairs", *[f"bottom {what} {i}" for what in ("weight", "output")
                                           for i in range(3)],
              *[f"top weight {i}" for i in range(5)], *[f"top output {i}" for i in range(4)]}
CASES = {"everywhere": EVERYWHERE}
CASES["all but the last layer's weight"] = EVERYWHERE - {"top weight 4"}
CASES["and its input"] = CASES["all but the last layer's weight"] - {"top output 3"}
CASES["and the first layer: the kernels"] = \
    CASES["and its input"] - {"dense features", "bottom weight 0"}
CASES.update({f"only {place}": {place} for place in sorted(EVERYWHERE)})


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    errors = {case: [] for case in CASES}
    for seed in range(count):
        model = Model(seed)
        exact = model.logits(set())
        for case, rounded in CASES.items():
            errors[case].append((model.logits(rounded) - exact) / exact.std() * 100)
    print("| rounded | rms | max of each model |\n|---|---|---|")
    for case, all_errors in errors.items():
        rms = torch.cat(all_errors).square().mean().sqrt()
        most = ", ".join(f"{e.abs().max():.1f}" for e in all_errors)
        print(f"| {case} | {rms:.2f} | {most} |")


if __name__ == "__main__":
    main()
