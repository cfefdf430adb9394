"""Checks the sums of every variant: bits where it adds in the bag's order, else within the bound."""

import torch

from ablation import *


def expected_sums(batch, table):
    """Sums in fp32 in the bag's order, and in float64 with that of the magnitudes."""
    weights, ids, lengths = batch.weights[table], batch.ids[table].long(), batch.lengths
    first = batch.offsets[:-1].long()
    in_order = torch.zeros(batch.bags, weights.shape[1], device="cuda")
    exact = in_order.double()
    magnitude = in_order.double()
    for i in range(int(lengths.max())):
        inside = (i < lengths)[:, None]
        row = weights[ids[(first + i).clamp(max=len(ids) - 1)]].float()
        in_order = torch.where(inside, in_order + row, in_order)
        row = torch.where(inside, row, 0).double()
        exact += row
        magnitude += row.abs()
    return in_order, exact, magnitude


def sums_hold(batch, wanted, by_range):
    """Whether the pooled vectors of all tables are what expected_sums gave."""
    holds = True
    for pooled, (in_order, exact, magnitude) in zip(batch.pooled, wanted):
        if by_range:
            bound = batch.lengths[:, None] * 2.0**-24 * magnitude
            holds &= bool(((pooled.double() - exact).abs() <= bound).all())
        else:
            holds &= torch.equal(pooled, in_order)
    return holds


def check_batch(module, batch, variants, what):
    wanted = [expected_sums(batch, table) for table in range(len(batch.weights))]
    failed = 0
    for variant in variants:
        if batch.type == "f16" and not variant.f16:
            continue
        again = None
        for _ in range(2):
            batch.poison()
            batch.launch(module, variant)
            torch.cuda.synchronize()
            bits = torch.cat([pooled.view(torch.int32) for pooled in batch.pooled])
            holds = again is None or torch.equal(bits, again)
            again = bits.clone()
        holds &= sums_hold(batch, wanted, variant.row == "range")
        if not holds:
            failed += 1
            print(f"FAILED  {variant.name} {batch.type} {what}", flush=True)
    return failed


def check_edges(module, dims=(8, 72, 128, 200)):
    """Bags whose lengths lie around every prefetch distance."""
    failed = 0
    for row_type in TYPES.values():
        for dim in dims:
            generator = torch.Generator("cuda").manual_seed(dim)
            lengths = [0, 1, 33, 255, 256, 257, 1000, 0]
            for distance in (2, 4, 8, 16, 32):
                lengths += [distance - 1, distance, distance + 1, 2 * distance]
            lengths = torch.tensor(lengths, dtype=torch.int32, device="cuda")
            weights = [torch.randn(997, dim, device="cuda", generator=generator).to(row_type)]
            ids = torch.randint(0, 997, (int(lengths.sum()),), device="cuda", generator=generator)
            ids[:3] = 996
            batch = Batch(weights, [ids.int()], lengths, [])
            failed += check_batch(module, batch, VARIANTS, f"edges, dim {dim}")
    return failed


def check_all(module, classes):
    failed = check_edges(module)
    for row_type in TYPES.values():
        weights = make_tables(2, 500_000, row_type)
        for name, trace in classes.items():
            for kind in ("fixed", "variable"):
                batch = make_batches(name, trace, weights, kind, 1, show=kind == "fixed")[0]
                failed += check_batch(module, batch, VARIANTS, f"{name}, {kind} lengths")
    print(f"correctness: {'all right' if not failed else f'{failed} FAILED'}: {len(VARIANTS)} "
          f"variants, {', '.join(TYPES)}, {', '.join(classes)}", flush=True)
    return failed
