"""Where a bf16 model's error comes from: each rounding by itself, in float64, on a CPU.

    python3 kernels/bench/roundings.py [models]

The one-hot model of bench.py without its tables: 26 vectors a row at random. Prints, in percent of
the logits' standard deviation, the root mean square over all models and each model's maximum. Needs
NumPy only, and some minutes.
"""

import sys

import numpy as np

ROWS, TABLES, DIM = 2048, 26, 128
BOTTOM, TOP = [13, 512, 256, DIM], [479, 1024, 1024, 512, 256, 1]


def bits(count):
    """Rounds to so many significant bits: 8 are bf16's, 11 those of fp16."""

    def rounded(x):
        mantissa, exponent = np.frexp(x)
        return np.ldexp(np.rint(mantissa * 2.0**count) / 2.0**count, exponent)

    return rounded


class Model:
    def __init__(self, seed):
        generator = np.random.default_rng(seed)

        def layers(sizes):
            return [(generator.standard_normal((b, a)) * (2 / a) ** 0.5,
                     generator.standard_normal(b) * 0.1) for a, b in zip(sizes, sizes[1:])]

        self.bottom, self.top = layers(BOTTOM), layers(TOP)
        vectors = generator.standard_normal((ROWS, TABLES, DIM)) / DIM**0.5
        self.vectors = bits(8)(vectors)  # tables are bf16 in any case
        self.dense = generator.standard_normal((ROWS, BOTTOM[0]))
        self.lower = np.tril_indices(TABLES + 1, -1)

    def logits(self, roundings):
        """With each place that is a key of `roundings` rounded by its value."""

        def at(place, x):
            return roundings[place](x) if place in roundings else x

        x = at("dense features", self.dense)
        for i, (w, b) in enumerate(self.bottom):
            x = np.maximum(x @ at(f"bottom weight {i}", w).T + b, 0)
            x = at(f"bottom output {i}", x)
        vectors = np.concatenate([x[:, None], self.vectors], 1)
        gram = vectors @ vectors.transpose(0, 2, 1)
        x = np.concatenate([x, at("pairs", gram[:, self.lower[0], self.lower[1]])], 1)
        for i, (w, b) in enumerate(self.top):
            x = x @ at(f"top weight {i}", w).T + b
            if i + 1 < len(self.top):
                x = at(f"top output {i}", np.maximum(x, 0))
        return x[:, 0]


EVERYWHERE = {"dense features", "pairs", *[f"bottom {what} {i}" for what in ("weight", "output")
                                           for i in range(3)],
              *[f"top weight {i}" for i in range(5)], *[f"top output {i}" for i in range(4)]}
# The first layer and the last one are nearly fp32 in the kernels.
OPERANDS = EVERYWHERE - {"dense features", "bottom weight 0", "top weight 4", "top output 3"}
BOTTOM_MLP = {"bottom weight 1", "bottom weight 2", "bottom output 0", "bottom output 1"}


def all_of(places, count):
    return {place: bits(count) for place in places}


CASES = {"everything to bf16": all_of(EVERYWHERE, 8),
         "all but the first layer and the last": all_of(OPERANDS, 8),
         "and but the bottom MLP, up to its vector": all_of(OPERANDS - BOTTOM_MLP, 8)}
for bits_of_weights in (8, 9, 11):
    CASES[f"the kernels: fp16, the dense vector bf16; weights of {bits_of_weights} bits"] = {
        place: bits(8 if place == "bottom output 2" else bits_of_weights if "weight" in place else 11)
        for place in OPERANDS}
CASES.update({f"only {place}, to bf16": all_of({place}, 8) for place in sorted(EVERYWHERE)})


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    errors = {case: [] for case in CASES}
    for seed in range(count):
        model = Model(seed)
        exact = model.logits({})
        for case, roundings in CASES.items():
            errors[case].append((model.logits(roundings) - exact) / exact.std() * 100)
    print("| rounded | rms | max of each model |\n|---|---|---|")
    for case, all_errors in errors.items():
        rms = np.sqrt(np.square(np.concatenate(all_errors)).mean())
        most = ", ".join(f"{np.abs(e).max():.1f}" for e in all_errors)
        print(f"| {case} | {rms:.2f} | {most} |")


if __name__ == "__main__":
    main()
