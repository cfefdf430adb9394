"""Checks every kernel on this GPU against float64, from poisoned memory, at edge sizes.

    python3 kernels/bench/check.py kernels/target/classes/io/nightjar/kernels [quick] [bags] [image ...]

Runs the sm_90a cubin and, by force, the PTX that is meant for chips to come, or only the images that
are named. `quick` is for compute-sanitizer; `bags`: only what has to do with row ids.
"""

import sys

import torch

from dlrm import Batch, Scorer, Shape, Torch, Weights
from driver import *

failures = 0


def expect(holds, what):
    global failures
    if not holds:
        failures += 1
        print("FAILED ", what, flush=True)


def expect_close(actual, expected, tolerance, what):
    """Element by element: |actual - expected| <= tolerance * (1 + |expected|); NaN never passes."""
    error = ((actual.double() - expected.double()).abs() / (1 + expected.double().abs())).max()
    expect(bool(error <= tolerance), f"{what}: error {float(error):.3g} > {tolerance:.3g}")


def rows_of(count):
    return torch.tensor([count], dtype=torch.int32, device="cuda")


def check_ids(module):
    ids = torch.tensor([3, 0, 9, 10, 2**31 - 1, -1, 5], dtype=torch.int32, device="cuda")
    count, one, two = rows_of(len(ids)), rows_of(1), rows_of(2)
    checked = poisoned(len(ids), torch.int32)
    bad = torch.tensor([BAD_ID_NONE], dtype=torch.int64, device="cuda")
    module.launch("check_ids", (1, 1), 64,
                  [structs([id_feature(ids, checked, None, count, 10, 4)]), one, bad])
    expect(checked.tolist() == [3, 0, 9, 0, 0, 0, 5] and int(bad) == 2**31 + 3, "check_ids")
    for offsets, bag in (([0, 2, 7], -1), ([0, 9, 7], 1), ([0, 5, 4], 2), ([-1, 2, 7], 0)):
        offsets = torch.tensor(offsets, dtype=torch.int32, device="cuda")
        bad.fill_(BAD_ID_NONE)
        module.launch("check_ids", (1, 1), 64,
                      [structs([id_feature(checked, checked, offsets, two, 10, 4)]), one, bad])
        expect(int(bad) == bag, f"check_ids offsets {offsets.tolist()}")
    for width in (1, 2, 3):
        values = torch.randint(0, 200, (1000,))
        packed = torch.tensor([b for v in values.tolist() for b in v.to_bytes(width, "little")],
                              dtype=torch.uint8, device="cuda")
        checked = poisoned(1000, torch.int32)
        bad.fill_(BAD_ID_NONE)
        count = rows_of(1000)
        module.launch("check_ids", (2, 1), 256,
                      [structs([id_feature(packed, checked, None, count, 200, width)]), one, bad])
        expect(checked.tolist() == values.tolist() and int(bad) == -1, f"check_ids {width} bytes")


# As of Spark: pmod(xxhash64(value), rows).
HASHED = [(0, 1, 0), (0, 1000000, 510707), (-1, 1000000, 258757), (2147483647, 1000000, 531228),
          (-2147483648, 2147483647, 1020723431), (-7, 40000000, 7274714)]


def check_hashes(module):
    for value, rows, row_id in HASHED:
        values = torch.full((1001,), value, dtype=torch.int32, device="cuda")
        ids = poisoned(1001, torch.int32)
        bad = torch.tensor([BAD_ID_NONE], dtype=torch.int64, device="cuda")
        count = rows_of(1001)
        module.launch("check_ids", (2, 1), 256,
                      [structs([id_feature(values, ids, None, count, rows, 4, rows)]), rows_of(1),
                       bad])
        expect(bool((ids == row_id).all()) and int(bad) == -1, f"check_ids hash {value} {rows}")


def check_embedding_bag(module, quick):
    names = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16"}
    for row_type in names:
        for pooled_type in (torch.float32, torch.bfloat16):
            for dim in (16, 128) if quick else (1, 8, 20, 64, 96, 128, 256, 500):
                for mean in (0, 1):
                    align = 16 // row_type.itemsize
                    stride = divide_up(dim, align) * align
                    pooled_stride = divide_up(dim, 8) * 8
                    lengths = torch.tensor([0, 1, 2, 7, 8, 9, 33, 1000, 0, 5])
                    offsets = torch.cat([torch.zeros(1), lengths.cumsum(0)]).int().cuda()
                    table = torch.zeros(77, stride, dtype=row_type, device="cuda")
                    table[:, :dim] = torch.randn(77, dim, device="cuda").to(row_type)
                    ids = torch.randint(0, 77, (int(offsets[-1]),), dtype=torch.int32).cuda()
                    expected = torch.zeros(len(lengths), dim)  # in fp32, in order, on the CPU
                    rows = table[:, :dim].float().cpu()
                    host_ids = ids.cpu()
                    for bag in range(len(lengths)):
                        for at in range(int(offsets[bag]), int(offsets[bag + 1])):
                            expected[bag] += rows[host_ids[at]]
                        if mean and lengths[bag] > 0:
                            expected[bag] /= float(lengths[bag])
                    for kind in ("", "long_", "deep_", "lines_", "range_"):
                        pooled = poisoned((len(lengths), pooled_stride), pooled_type)
                        count = rows_of(len(lengths))
                        entry = f"embedding_bag_{kind}{names[row_type]}_{names[pooled_type]}"
                        feature = structs([bag_feature(table, ids, offsets, count, pooled, stride,
                                                       pooled_stride, mean)])
                        module.launch(entry, (3, 1), 256,
                                      [feature] + ([1] if kind == "range_" else []))
                        what = f"{entry} dim {dim} mean {mean}"
                        if kind == "range_":  # adds in another order
                            expect_close(pooled[:, :dim].cpu(), expected.to(pooled_type),
                                         1e-4 if pooled_type == torch.float32 else 2**-7, what)
                        else:
                            expect(torch.equal(pooled[:, :dim].cpu(), expected.to(pooled_type)),
                                   what)


def check_rename_ids(module):
    places = torch.randperm(1000, dtype=torch.int32).cuda()
    offsets = torch.tensor([0, 3, 3, 500], dtype=torch.int32, device="cuda")
    for ends, count in ((offsets, 3), (None, 500)):
        ids = torch.randint(0, 1000, (501,), dtype=torch.int32).cuda()
        before, bags = ids.clone(), rows_of(count)
        features = structs([struct.pack("<4Q", address(ids), address(ends), address(bags), where)
                            for where in (address(places), 0)])
        module.launch("rename_ids", (2, 2), 256, [features])
        expect(torch.equal(ids[:500], places[before[:500].long()]) and ids[500] == before[500],
               "rename_ids")


def check_widen_ints(module):
    for size in (1, 255, 1000):
        ints = torch.randint(-2**31, 2**31 - 1, (size,), dtype=torch.int32).cuda()
        wide = poisoned(size + 1, torch.int64)
        # The count is a long long.
        module.launch("widen_ints", 2, 256, [ints, wide, ctypes.c_longlong(size)])
        expect(torch.equal(wide[:size], ints.long()) and int(wide[size]) == -1, "widen_ints")


def check_linear(module, precision, quick):
    tolerance = {"bf16": 2**-11, "f32": 4e-6}[precision.name]
    shapes = [(1, 13, 5), (130, 70, 130), (300, 330, 300)]
    if not quick:
        shapes += [(4096 + 77, 479, 1024), (1000, 1024, 1024), (20000, 512, 256), (513, 256, 128),
                   (300, 3456, 512)]
    for rows, inputs, outputs in shapes:
        weight = torch.randn(outputs, inputs, device="cuda") / inputs**0.5
        bias = torch.randn(outputs, device="cuda")
        layer = Linear(module, precision, weight, bias)
        dense = torch.randn(inputs, rows + 3, device="cuda")
        matrix = precision.matrix(rows, inputs)
        count = rows_of(rows)
        counts = torch.randint(0, 10000, (inputs, rows + 3), device="cuda").float()
        for values, log1p in ((counts, 1), (dense, 0)):
            features = structs([dense_feature(None, log1p)] * inputs)
            module.launch(f"pack_dense_{precision.name}",
                          (divide_up(rows, 256), divide_up(inputs, 64) * 8), 256,
                          [values, inputs, rows + 3, features, matrix, count, precision.scale,
                           layer.overflow])
            if log1p:
                unpacked = precision.unpack(matrix, rows, inputs)[:, :inputs]
                expect_close(unpacked, counts[:, :rows].double().log1p().t(),
                             {"bf16": 2**-11, "f32": 2**-20}[precision.name],
                             f"pack_dense log1p {precision.name} {rows} x {inputs}")
        unpacked = precision.unpack(matrix, rows, inputs)
        what = f"{precision.name} {rows} x {inputs} -> {outputs}"
        expect_close(unpacked[:, :inputs], dense[:, :rows].t(),
                     {"bf16": 2**-11, "f32": 2**-20}[precision.name], "pack_dense " + what)
        # A few features lie there three times, the third time what fp16 lost of them.
        parts = 3 if precision.name == "bf16" and inputs <= 21 else 1
        if parts == 3:
            whole = unpacked[:, :inputs] + unpacked[:, 2 * inputs: 3 * inputs]
            expect_close(whole, dense[:, :rows].t(), 2**-20, "pack_dense, both parts " + what)
        expect(bool((unpacked[:, parts * inputs:] == 0).all()), "pack_dense padding " + what)
        # The operands' own rounding is not the product's error.
        used = weight.double()
        if precision.name == "bf16":
            used = (weight * layer.scale).half().double() / layer.scale
        plain = unpacked[:, :inputs] @ used.t() + bias.double()
        if parts == 3:
            # Packed for dense features the layer is nearly fp32; without, the copies meet zeros.
            exact = dense[:, :rows].t().double() @ weight.double().t() + bias.double()
            output = poisoned((rows, divide_up(outputs, 8) * 8), precision.vector)
            first = Linear(module, precision, weight, bias, True)
            first.launch("relu_vectors", matrix, output, count)
            expect_close(output[:, :outputs], exact.clamp(min=0), 2**-8, "dense layer " + what)
        for kind in ("relu", "plain", "relu_vectors", "cross"):
            more = ()
            expected = plain.clamp(min=0) if kind.startswith("relu") else plain
            output = precision.matrix(rows, outputs)
            stride = divide_up(outputs, 8) * 8
            if kind == "relu_vectors":
                output = poisoned((rows, stride), precision.vector)
            if kind == "cross":
                x = [precision.matrix(rows, outputs) for _ in range(2)]
                for one in x:
                    columns = divide_up(outputs, 64) * 64  # so many that none lies there twice
                    values = torch.zeros(columns, rows, device="cuda")
                    values[:outputs] = torch.randn(outputs, rows, device="cuda")
                    module.launch(
                        f"pack_dense_{precision.name}", (divide_up(rows, 256), columns // 8), 256,
                        [values, columns, rows, None, one, count, precision.scale, layer.overflow])
                more = x
                x0, xl = [precision.unpack(one, rows, outputs)[:, :outputs] for one in x]
                expected = x0 * plain + xl
            layer.launch(kind, matrix, output, count, more)
            if kind == "relu_vectors":
                actual = output
            else:
                actual = precision.unpack(output, rows, outputs)
            allowed = 2**-8 if actual.dtype == torch.bfloat16 else tolerance
            expect_close(actual[:, :outputs], expected, allowed * (3 if kind == "cross" else 1),
                         f"linear_{kind} {what}")
            expect(bool((actual[:, outputs:] == 0).all()), f"linear_{kind} padding {what}")
        expect(int(layer.overflow) == 0, "overflow " + what)
        if layer.scores():
            last = torch.zeros(divide_up(outputs, 64) * 64, device="cuda")
            last[:outputs] = torch.randn(outputs, device="cuda") / outputs**0.5
            last_bias = torch.tensor([0.25], device="cuda")
            logits, scores = poisoned(rows, torch.float32), poisoned(rows, torch.float32)
            layer.launch_score(matrix, count, last, last_bias, logits, scores)
            expected = plain.clamp(min=0) @ last[:outputs].double() + 0.25
            expect_close(logits, expected, 2e-5, f"linear_score {what}")
            expect_close(scores, expected.sigmoid(), 1e-5, f"linear_score, scores {what}")


def check_nan(module, precision):
    weight = torch.randn(200, 100, device="cuda")
    layer = Linear(module, precision, weight, torch.zeros(200, device="cuda"))
    dense = torch.randn(100, 200, device="cuda")
    dense[7, 33] = float("nan")
    matrix = precision.matrix(200, 100)
    output = precision.matrix(200, 200)
    count = rows_of(200)
    module.launch(f"pack_dense_{precision.name}", (1, 16), 256,
                  [dense, 100, 200, None, matrix, count, precision.scale, layer.overflow])
    layer.launch("relu", matrix, output, count)
    nan = precision.unpack(output, 200, 200)[:, :200].isnan()
    expect(bool(nan[33].all()) and int(nan.sum()) == 200, "NaN stays in its row, and passes ReLU")


def check_interaction(module, precision, quick):
    tolerance = {"bf16": 2**-11, "f32": 4e-5}[precision.name]  # sums of 256 terms of either sign
    shapes = [(27, 128, 50), (2, 16, 3), (33, 64, 9)]
    if not quick:
        shapes += [(27, 128, 5000), (3, 20, 1000), (32, 256, 700), (17, 100, 333), (251, 128, 300),
                   (64, 48, 200)]
    for vectors, dim, rows in shapes:
        stride = divide_up(dim, 8) * 8
        count = rows_of(rows)
        tensors, sources, gathered = [], [], []
        instances = torch.randint(0, rows, (rows,), dtype=torch.int32, device="cuda")
        for v in range(vectors):
            table = torch.zeros(max(rows, 500), stride, dtype=precision.vector, device="cuda")
            table[:, :dim] = torch.randn(len(table), dim, device="cuda").to(precision.vector)
            ids = torch.randint(0, len(table), (rows,), dtype=torch.int32, device="cuda")
            ids = ids if v % 3 == 1 else None
            used = instances if v % 4 == 1 else None
            tensors.append((table, ids))
            sources.append(vector_source(table, ids, used, stride, dim, v * dim))
            index = torch.arange(rows, device="cuda") if used is None else used.long()
            gathered.append(table[index if ids is None else ids.long()[index], :dim].double())
        stacked = torch.stack(gathered, 1)
        sources = structs(sources)
        overflow = torch.zeros(1, dtype=torch.int32, device="cuda")
        prefix = dim if vectors % 2 else 0
        columns = prefix + vectors * (vectors - 1) // 2
        gram = stacked @ stacked.transpose(1, 2)
        for pairs in ("lower", "upper"):
            matrix = precision.matrix(rows, columns)
            dot_interaction(module, precision, pairs, sources, vectors, dim, prefix, matrix, count,
                            overflow)
            where = (torch.tril_indices(vectors, vectors, -1) if pairs == "lower" else
                     torch.triu_indices(vectors, vectors, 1)).cuda()
            expected = torch.cat([gathered[0][:, :prefix], gram[:, where[0], where[1]]], 1)
            actual = precision.unpack(matrix, rows, columns)
            what = f"{precision.name} {pairs} {vectors} x {dim}, {rows} rows"
            expect_close(actual[:, :columns], expected, tolerance, "dot_interaction " + what)
            expect(bool((actual[:, columns:] == 0).all()), "dot_interaction padding " + what)
        columns = vectors * dim
        matrix = precision.matrix(rows, columns)
        chunks = divide_up(columns, 64) * 8
        module.launch(f"concatenate_{precision.name}", (64, divide_up(chunks, 256)), 256,
                      [sources, vectors, columns, matrix, count, precision.scale, overflow])
        actual = precision.unpack(matrix, rows, columns)
        expect_close(actual[:, :columns], stacked.reshape(rows, -1),
                     {"bf16": 2**-24, "f32": 2**-20}[precision.name], f"concatenate {vectors} x {dim}")
        expect(bool((actual[:, columns:] == 0).all()), "concatenate padding")
        expect(int(overflow) == 0, "overflow")
        if columns <= 4096:
            weight = torch.zeros(divide_up(columns, 64) * 64, device="cuda")
            weight[:columns] = torch.randn(columns, device="cuda") / columns**0.5
            bias = torch.tensor([0.25], device="cuda")
            logits, scores = poisoned(rows, torch.float32), poisoned(rows, torch.float32)
            module.launch(f"score_{precision.name}", 64, 256,
                          [matrix, weight, bias, logits, scores, columns, count,
                           1.0 / precision.scale])
            expected = actual @ weight.double() + 0.25
            expect_close(logits, expected, 4e-6, "logits")
            expect_close(scores, expected.sigmoid(), 1e-6, "scores")


def pick(batch, shape, rows):
    """The batch that holds only these rows, in this order."""
    picked = Batch.__new__(Batch)
    index = torch.tensor(rows, device="cuda")
    picked.dense = batch.dense[:, index].contiguous()
    picked.ids = [ids.view(-1, length)[index].flatten().contiguous()
                  for ids, length in zip(batch.ids, shape.lengths)]
    picked.offsets = [offsets[: len(rows) + 1].contiguous() for offsets in batch.offsets]
    return picked


def check_model(module, precision, quick):
    """A whole model: near float64, and the same bits for a row in whatever batch."""
    size = 300 if quick else 40000
    for cross in (None, (2, 96)):
        shape = Shape(13, [1000, 50, 3000, 70], [1, 1, 3, 20], 64, [96, 64],
                      [1024, 300, 1], size, cross)
        weights = Weights(shape, precision.vector)
        batch = Batch(shape, 11)
        scorer = Scorer(module, precision, weights, batch)
        scorer.run()
        exact = Torch(weights, torch.float64).logits(batch)
        error = (scorer.logits.double() - exact).abs()
        what = f"model {precision.name} cross {cross}"
        if precision.name == "f32":
            expect(bool((error <= 2e-5 * (1 + exact.abs())).all()),
                   f"{what}: logit error {float((error / (1 + exact.abs())).max()):.3g}")
        else:
            baseline = (Torch(weights, torch.bfloat16).logits(batch).double() - exact).abs()
            expect(float(error.max()) <= min(0.05 * float(exact.std()),
                                             1.2 * float(baseline.max())),
                   f"{what}: logit error {float(error.max()):.3g}, "
                   f"PyTorch's {float(baseline.max()):.3g}")
        for rows in ([size - 1], list(range(33)), list(range(size - 1, size - 258, -1))):
            shape.batch = len(rows)
            again = Scorer(module, precision, weights, pick(batch, shape, rows))
            again.run()
            expect(torch.equal(again.logits, scorer.logits[torch.tensor(rows, device="cuda")]),
                   f"{what}: bits change in a batch of {len(rows)}")
            shape.batch = size


def main():
    folder, options = sys.argv[1], sys.argv[2:]
    quick = "quick" in options
    images = [option for option in options if option not in ("quick", "bags")]
    torch.manual_seed(1)
    for file in images or ("sm_90a.cubin", "compute_80.ptx"):
        module = Module(f"{folder}/{file}")
        before = failures
        check_ids(module)
        check_hashes(module)
        check_rename_ids(module)
        check_widen_ints(module)
        check_embedding_bag(module, quick)
        for precision in () if "bags" in options else (Precision("bf16"), Precision("f32")):
            check_linear(module, precision, quick)
            check_nan(module, precision)
            check_interaction(module, precision, quick)
            check_model(module, precision, quick)
        torch.cuda.synchronize()
        print(f"{file}: {'all right' if failures == before else 'FAILED'}", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
