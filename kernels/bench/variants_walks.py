"""Times the production kernels: their walks by the length of bags, and hot rows that come first."""

import torch

from ablation import *
from variants_check import expected_sums, sums_hold
from variants_time import show

NAMES = [*WALKS, "range"]
LENGTHS = (4, 8, 16, 24, 32, 48, 64, 96, 150)
LOOKUPS = 2048 * 150


def walk(production, batch, name):
    """As the scorer launches it."""
    if name == "range":
        launch_staged(production, f"embedding_bag_range_{batch.type}_f32", 2, batch.features,
                      len(batch.weights), batch.bags, batch.weights[0].element_size())
    else:
        batch.walk(production, name, batch.features, len(batch.weights))


def check_sums(production, batches, wanted, name):
    batches[0].poison()
    walk(production, batches[0], name)
    torch.cuda.synchronize()
    if not sums_hold(batches[0], wanted, by_range=name == "range"):
        raise AssertionError(f"walk {name}: other sums than wanted")


def time_walks(production, timer, batches, more=None):
    """Microseconds a table; the sums are compared before and after."""
    wanted = [expected_sums(batches[0], table) for table in range(len(batches[0].weights))]
    runs = {name: [((lambda batch=batch, name=name: walk(production, batch, name)), 1)
                   for batch in batches] for name in NAMES}
    for name in NAMES:
        check_sums(production, batches, wanted, name)
    measured = timer.measure({**runs, **(more or {})}, 0.06)
    for name in NAMES:
        check_sums(production, batches, wanted, name)
    tables = len(batches[0].weights)
    return {name: [value / tables for value in values] for name, values in measured.items()}


def walks(production, timer, classes, results):
    """Which walk is fastest for bags of which length, as many lookups a table for each."""
    results["walks"] = {}
    names = [name for name in ("one_item", "medium trace", "random") if name in classes]
    for row_type in TYPES:
        weights = make_tables(TABLES, 500_000, TYPES[row_type])
        for name in names if row_type == "f32" else ["random"]:
            for length in LENGTHS:
                batches = make_batches(name, classes[name], weights, bags=LOOKUPS // length,
                                       mean=length)
                title = f"{name} {row_type}, {length} ids a bag"
                results["walks"][title] = time_walks(production, timer, batches)
                show(f"walks, {title}", results["walks"][title])


def renamed_ids(ids, offsets, count, places):
    return struct.pack("<4Q", address(ids), address(offsets), address(count), address(places))


def reordered(production, timer, classes, results):
    """Tables in their own order, and with their rows by frequency, most frequent first."""
    results["reordered"] = {}
    weights = make_tables(TABLES, 500_000, torch.float32)
    for name in [name for name in ("medium trace", "low trace", "random") if name in classes]:
        batches = make_batches(name, classes[name], weights)
        own = time_walks(production, timer, batches)
        orders = [torch.bincount(torch.cat([batch.ids[t] for batch in batches]).long(),
                                 minlength=len(table)).argsort(descending=True, stable=True)
                  for t, table in enumerate(weights)]
        places = [torch.empty_like(order).scatter_(0, order, torch.arange(
            len(order), device="cuda")).int() for order in orders]
        tables = [table[order] for table, order in zip(weights, orders)]
        renamed = [Batch(tables, [place[ids.long()] for place, ids in zip(places, batch.ids)],
                         batch.lengths, []) for batch in batches]
        for batch, other in zip(batches, renamed):  # the same rows are pooled in the same order
            other.poison()
            walk(production, batch, "long")
            walk(production, other, "long")
            torch.cuda.synchronize()
            if not all(torch.equal(a, b) for a, b in zip(batch.pooled, other.pooled)):
                raise AssertionError(f"{name}: other sums with hot rows first")
        scratch = [ids.clone() for ids in batches[0].ids]
        stay = torch.arange(len(weights[0]), dtype=torch.int32, device="cuda")
        features = structs([renamed_ids(ids, batches[0].offsets, batches[0].count, stay)
                            for ids in scratch])
        rename = [((lambda: production.launch("rename_ids", (264, TABLES), 256, [features])), 1)]
        first = time_walks(production, timer, renamed, {"rename ids": rename})
        results["reordered"][name] = {**{f"{key}": value for key, value in own.items()},
                                      **{f"{key}, hot rows first" if key in own else key: value
                                         for key, value in first.items()}}
        show(f"reordered, {name}", results["reordered"][name])
        del tables, renamed, batches
        torch.cuda.empty_cache()
