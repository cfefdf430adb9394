"""The variants of the embedding bag, and what launches them."""

import struct
from dataclasses import dataclass

import torch
import torch.nn.functional as F

import workloads
from driver import *

TYPES = {"f32": torch.float32, "f16": torch.float16}
DIM, MEAN_LENGTH, BAGS, TABLES, BATCHES = 128, 150, 2048, 16, 3
PERSISTING_LIMIT = 0x06  # CU_LIMIT_PERSISTING_L2_CACHE_SIZE
MAX_PERSISTING_L2 = 108  # CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE


@dataclass(frozen=True)
class Variant:
    """A row of the ablation with its settings: a kernel entry and how it is launched."""

    row: str
    entry: str  # without the type of the rows; of a walk its name
    kind: str  # one_table, batched, staged or walk
    distance: int = 8
    pins: int = 0  # batches that one pinning of the hot rows serves; 0: nothing is pinned
    threads: int = 256
    blocks_an_sm: int = 0  # of staged
    f16: bool = True

    @property
    def name(self):
        if self.kind == "walk":
            return f"{self.row} {self.entry}"
        return self.entry + (f"+pin/{self.pins}" if self.pins else "")


def sweep(row, kind, entries, **more):
    """Entries that end in their prefetch distance or their number of blocks."""
    return [Variant(row, entry, kind, distance=int(entry.rsplit("_", 1)[1]), **more)
            for entry in entries]


# What a job pools with: the kernels of every model that `auto` chooses from (BagWalk.java).
WALKS = {"short": "embedding_bag_", "long": "embedding_bag_long_", "deep": "embedding_bag_deep_",
         "lines": "embedding_bag_lines_"}
SETTINGS = [("tbe_rpf_16", 256), ("tbe_rpf_8", 256), ("tbe_rpf_32", 256), ("tbe_wide_16", 512),
            ("tbe_whole_8", 1024)]
VARIANTS = [
    Variant("base", "base", "one_table"),
    *sweep("optmt", "one_table", ["optmt_4", "optmt_5", "optmt_6", "optmt_8"]),
    *sweep("rpf", "one_table", ["rpf_2", "rpf_4", "rpf_8", "rpf_16"]),
    *sweep("smpf", "one_table", ["smpf_2", "smpf_4", "smpf_8", "smpf_16"], f16=False),
    *sweep("lmpf", "one_table", ["lmpf_2", "lmpf_4", "lmpf_8", "lmpf_16"]),
    *sweep("l1dpf", "one_table", ["l1dpf_2", "l1dpf_4", "l1dpf_8", "l1dpf_16"]),
    Variant("l2p", "base", "one_table", pins=1),
    Variant("l2p", "base", "one_table", pins=8),
    *sweep("combined", "one_table", ["combined_4", "combined_8", "combined_16"], pins=1),
    *sweep("combined", "one_table", ["combined_4", "combined_8", "combined_16"], pins=8),
    *[Variant("tbe", walk, "walk") for walk in WALKS],
    *[Variant("tbe", entry, "batched", threads=threads) for entry, threads in SETTINGS],
    *sweep("tbe", "batched", ["tbe_rpf_2", "tbe_rpf_4"]),
    Variant("tbe+order", "tbe_order", "batched"),
    *sweep("tbe+optmt", "batched", ["tbe_optmt_8", "tbe_optmt_16"]),
    *sweep("tbe+smpf", "batched", ["tbe_smpf_4", "tbe_smpf_8"]),
    *sweep("tbe+lmpf", "batched", ["tbe_lmpf_4"]),
    *sweep("tbe+l1dpf", "batched", ["tbe_l1dpf_4", "tbe_l1dpf_8"]),
    Variant("tbe+staged", "tbe_staged_8", "staged", blocks_an_sm=4),
    Variant("tbe+staged", "tbe_staged_16", "staged", blocks_an_sm=2),
    Variant("tbe+l2p", "tbe_rpf_16", "batched", pins=1),
    Variant("tbe+l2p", "tbe_rpf_16", "batched", pins=8),
    Variant("range", "range_4", "staged", blocks_an_sm=4),
    Variant("range", "range_8", "staged", blocks_an_sm=2),
    Variant("range", "range_16", "staged", blocks_an_sm=2),
]
ROWS = list(dict.fromkeys(variant.row for variant in VARIANTS))


def one_table(weights, ids, offsets, pooled, bags, mean=0):
    rows, dim = weights.shape
    return struct.pack("<7Q7q", address(weights), address(ids), address(offsets),
                       address(pooled), 0, 0, 0, rows, dim, weights.stride(0), 1, bags, -1, mean)


class Batch:
    """The bags of all tables, and everything that a launch of any variant needs."""

    def __init__(self, weights, ids, lengths, hot):
        self.weights, self.ids, self.hot = weights, ids, hot
        self.lengths = lengths
        self.bags = len(lengths)
        self.offsets = F.pad(lengths.cumsum(0), (1, 0)).int()
        self.count = torch.tensor([self.bags], dtype=torch.int32, device="cuda")
        self.long_ids = [one.long() for one in ids]
        self.long_offsets = self.offsets.long()
        self.pooled = [poisoned((self.bags, table.shape[1]), torch.float32) for table in weights]
        stride = weights[0].shape[1]
        self.features = structs([
            bag_feature(table, one, self.offsets, self.count, pooled, stride, stride, 0)
            for table, one, pooled in zip(weights, ids, self.pooled)])
        self.type = {torch.float32: "f32", torch.float16: "f16"}[weights[0].dtype]

    def poison(self):
        for pooled in self.pooled:
            pooled.view(torch.uint8).fill_(255)

    def pin(self, module, table):
        rows = self.hot[table]
        row_bytes = self.weights[table].shape[1] * self.weights[table].element_size()
        module.launch("pin_hot_rows", 528, 256,
                      [self.weights[table], rows, len(rows), row_bytes])

    def launch(self, module, variant, first=0, tables=None):
        """Pools the bags of `tables` tables, from table `first` on."""
        tables = len(self.weights) if tables is None else tables
        entry = f"{variant.entry}_{self.type}"
        if variant.kind == "one_table":
            for t in range(first, first + tables):
                module.launch(entry, 1024, (32, 8),
                              [one_table(self.weights[t], self.long_ids[t], self.long_offsets,
                                         self.pooled[t], self.bags)])
            return
        features = self.features[56 * first:]
        element = self.weights[0].element_size()
        if variant.kind == "staged":
            launch_staged(module, entry, variant.blocks_an_sm, features, tables, self.bags, element)
            return
        if variant.kind == "walk":
            self.walk(module, variant.entry, features, tables)
            return
        pieces = self.weights[0].shape[1] * element // 16
        module.launch(entry, (divide_up(self.bags * pieces, variant.threads), tables),
                      variant.threads, [features])

    def walk(self, module, name, features, tables):
        """As the scorer launches it."""
        row_bytes = self.weights[0].shape[1] * self.weights[0].element_size()
        bags_a_block = 32 if name == "lines" else max(1, 256 // max(1, row_bytes // 16))
        blocks = min(divide_up(self.bags, bags_a_block), 8 * 132)
        module.launch(f"{WALKS[name]}{self.type}_f32", (blocks, tables), 256, [features])

    def torch(self):
        return [F.embedding_bag(ids, table, self.offsets[:-1], mode="sum")
                for ids, table in zip(self.ids, self.weights)]


def run(module, variant, batches, at):
    """One batch by a variant; where pinned rows serve several, that many, table by table."""
    if not variant.pins:
        batches[at].launch(module, variant)
        return 1
    for table in range(len(batches[at].weights)):
        batches[at].pin(module, table)
        for i in range(variant.pins):
            batches[(at + i) % len(batches)].launch(module, variant, table, 1)
    return variant.pins


def make_tables(count, rows, row_type, dim=DIM):
    generator = torch.Generator("cuda").manual_seed(11)
    return [torch.randn(rows, dim, device="cuda", generator=generator).to(row_type)
            for _ in range(count)]


def make_batches(name, trace, weights, kind="fixed", count=BATCHES, bags=BAGS, show=False,
                 mean=MEAN_LENGTH):
    rows = len(weights[0])
    source = workloads.Ids(name.split()[0], rows, 5, trace)
    generator = torch.Generator("cuda").manual_seed(6)
    permutations = [None if trace is not None else source.permutation() for _ in weights]
    all_lengths = [workloads.lengths(kind, bags, mean, generator) for _ in range(count)]
    all_ids = [[source.draw(int(lengths.sum()), permutation) for permutation in permutations]
               for lengths in all_lengths]
    hot = [workloads.hot_rows(torch.cat([ids[t] for ids in all_ids]), rows, most_hot(weights[t]))
           for t in range(len(weights))]
    if show:
        unique = [len(torch.unique(ids)) for ids in all_ids[0]]
        print(f"{name}: {len(all_ids[0][0])} lookups a table, unique rows of every table: {unique}")
    return [Batch(weights, ids, lengths, hot) for ids, lengths in zip(all_ids, all_lengths)]


def most_hot(table):
    """Rows that may be pinned: the paper's 60,000, or what the device may keep."""
    row_bytes = table.shape[1] * table.element_size()
    return min(workloads.HOT_ROWS, persisting_bytes() // row_bytes)


def persisting_bytes():
    value = ctypes.c_int()
    check(cuda.cuDeviceGetAttribute(ctypes.byref(value), MAX_PERSISTING_L2, 0),
          "ask how much of L2 may persist")
    return value.value
