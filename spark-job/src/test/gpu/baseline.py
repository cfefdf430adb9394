"""What people write today: pyarrow -> PyTorch in a CUDA graph -> pyarrow.

    baseline.py flat|multi-hot|joined FOLDER DRIVING TABLE_ROWS

Loads FOLDER/model-whole, says "ready", and for each line that it is given scores the Parquet files in DRIVING
into FOLDER/baseline and says "scored ROWS SECONDS". Of the joined set, users and items lie in memory, and the rows of
each batch are looked up there: to join tables of candidates first would write and read each feature once more.
"""

import queue
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

DENSE, SPARSE, DIM = 13, 26, 128
BOTTOM, TOP = 3, 5  # layers
BATCH, READERS, LONGEST_BAG = 65_536, 14, 5


class Model:
    """The model in bf16; ids are taken modulo the tables' rows, dense values through log1p."""

    def __init__(self, folder, rows):
        weights = load_file(folder / "tables.safetensors", device="cuda")
        # The last row, of zeros, is no table's: it fills bags up.
        self.tables = torch.cat([weights.pop(f"emb_l.{i}.weight") for i in range(SPARSE)]
                                + [torch.zeros(1, DIM, dtype=torch.bfloat16, device="cuda")])
        self.nothing = SPARSE * rows
        self.places = torch.arange(LONGEST_BAG, device="cuda")
        weights = load_file(folder / "layers.safetensors", device="cuda")
        layer = lambda name, i: (weights[f"{name}.{2 * i}.weight"].bfloat16(),
                                 weights[f"{name}.{2 * i}.bias"].bfloat16())
        self.rows = rows
        self.first = torch.arange(SPARSE, device="cuda") * rows
        self.bottom = [layer("bot_l", i) for i in range(BOTTOM)]
        self.top = [layer("top_l", i) for i in range(TOP)]
        pairs = [(i, j) for i in range(SPARSE + 1) for j in range(i)]
        self.pairs = torch.tensor([i * (SPARSE + 1) + j for i, j in pairs], device="cuda")

    def one_hot(self, ids):
        """ids [26, B] int32 -> [B, 26, 128]"""
        return F.embedding(ids.T.long() % self.rows + self.first, self.tables)

    def multi_hot(self, ids, offsets):
        """ids of all features one after another, each feature's in its own table's range; offsets [26 * B + 1]"""
        # A captured graph has one shape: every bag is filled up to the longest.
        at = offsets[:-1, None].long() + self.places
        ids = ids[at.clamp(max=ids.numel() - 1)]
        ids = torch.where(at < offsets[1:, None], ids, self.nothing)
        bags = F.embedding_bag(ids, self.tables, mode="sum", padding_idx=self.nothing)
        return bags.view(SPARSE, BATCH, DIM).transpose(0, 1)

    def scores(self, dense, bags):
        """dense [13, B] fp32 with NaN for null"""
        x = torch.log1p(torch.nan_to_num(dense.T, nan=0.0)).bfloat16()
        for weight, bias in self.bottom:
            x = F.relu(F.linear(x, weight, bias))
        vectors = torch.cat([x.unsqueeze(1), bags], 1)
        products = torch.bmm(vectors, vectors.transpose(1, 2)).flatten(1)
        x = torch.cat([x, products[:, self.pairs]], 1)
        for weight, bias in self.top[:-1]:
            x = F.relu(F.linear(x, weight, bias))
        return torch.sigmoid(F.linear(x, *self.top[-1]).float()).flatten()


class Graph:
    """A captured batch with pinned memory on both sides."""

    def __init__(self, model, multi_hot):
        self.dense = torch.zeros(DENSE, BATCH).pin_memory()
        self.scores = torch.zeros(BATCH).pin_memory()
        if multi_hot:
            self.ids = torch.zeros(SPARSE * BATCH * LONGEST_BAG, dtype=torch.int32).pin_memory()
            self.offsets = torch.zeros(SPARSE * BATCH + 1, dtype=torch.int32).pin_memory()
            offsets = self.offsets.cuda()
            self.device_offsets = offsets
        else:
            self.ids = torch.zeros(SPARSE, BATCH, dtype=torch.int32).pin_memory()
        dense, ids = self.dense.cuda(), self.ids.cuda()
        self.device_inputs = dense, ids  # the graph has their addresses alone
        self.stream = torch.cuda.Stream()
        self.graph = torch.cuda.CUDAGraph()

        def step():
            dense.copy_(self.dense, non_blocking=True)
            ids.copy_(self.ids, non_blocking=True)
            if multi_hot:
                offsets.copy_(self.offsets, non_blocking=True)
                bags = model.multi_hot(ids, offsets)
            else:
                bags = model.one_hot(ids)
            self.scores.copy_(model.scores(dense, bags), non_blocking=True)

        with torch.cuda.stream(self.stream), torch.no_grad():
            for _ in range(3):
                step()
            self.stream.synchronize()
            with torch.cuda.graph(self.graph, stream=self.stream):
                step()


def numpy(column):
    """Of a column or a table's; floats that are null become NaN."""
    return column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()


def fill_dense(graph, rows, source, columns):
    for i in columns:
        graph.dense.numpy()[i - 1, :rows] = source(f"I{i}")


def fill_ids(graph, rows, source, columns):
    for i in columns:
        graph.ids.numpy()[i - 1, :rows] = source(f"C{i}")


class Flat:
    def fill(self, graph, batch):
        source = lambda name: numpy(batch.column(name))
        fill_dense(graph, batch.num_rows, source, range(1, 14))
        fill_ids(graph, batch.num_rows, source, range(1, 27))


class MultiHot:
    def __init__(self, table_rows):
        self.table_rows = table_rows

    def fill(self, graph, batch):
        rows = batch.num_rows
        fill_dense(graph, rows, lambda name: numpy(batch.column(name)), range(1, 14))
        ids, offsets = graph.ids.numpy(), graph.offsets.numpy()
        at = 0
        for i in range(SPARSE):
            bags = batch.column(f"C{i + 1}")
            values, starts = bags.flatten().to_numpy(), bags.offsets.to_numpy()
            np.add(starts[:-1], at - starts[0], out=offsets[i * BATCH:i * BATCH + rows])
            # The ids of the set are below the tables' rows.
            np.add(values, i * self.table_rows, out=ids[at:at + len(values)])
            at += len(values)
            offsets[i * BATCH + rows:(i + 1) * BATCH] = at
        offsets[SPARSE * BATCH] = at


class Joined:
    def __init__(self, folder):
        self.users = self.table(folder / "joined/users", "user_id")
        self.items = self.table(folder / "joined/items", "item_id")

    @staticmethod
    def table(folder, key):
        table = pq.read_table(folder).sort_by(key)
        return {name: numpy(table.column(name)) for name in table.column_names}

    def fill(self, graph, batch):
        rows = batch.num_rows
        ours = lambda name: numpy(batch.column(name))
        user = np.searchsorted(self.users["user_id"], ours("user_id"))
        item = np.searchsorted(self.items["item_id"], ours("item_id"))
        of_user = lambda name: self.users[name][user]
        of_item = lambda name: self.items[name][item]
        for source, dense, ids in ((of_user, range(1, 7), range(1, 14)),
                                   (of_item, range(7, 12), range(14, 25)),
                                   (ours, range(12, 14), range(25, 27))):
            fill_dense(graph, rows, source, dense)
            fill_ids(graph, rows, source, ids)


def turn(filler, graphs, driving, out):
    files = queue.Queue()
    for file in sorted(driving.glob("*.parquet")):
        files.put(file)
    counts, failures = [], []

    def reader():
        try:
            while True:
                try:
                    file = files.get_nowait()
                except queue.Empty:
                    return
                counts.append(score_file(filler, graphs, file, out / file.name))
        except Exception as e:
            failures.append(e)

    start = time.perf_counter()
    threads = [threading.Thread(target=reader) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    return sum(counts), seconds


def score_file(filler, graphs, file, to):
    source = pq.ParquetFile(file)
    total = 0
    with pq.ParquetWriter(to, pa.schema([("row_id", pa.int64()), ("score", pa.float32())]),
                          compression="zstd") as writer:
        for batch in source.iter_batches(BATCH, use_threads=False):
            rows = batch.num_rows
            graph = graphs.get()
            try:
                filler.fill(graph, batch)
                with torch.cuda.stream(graph.stream):
                    graph.graph.replay()
                graph.stream.synchronize()
                scores = graph.scores[:rows].numpy().copy()
            finally:
                graphs.put(graph)
            writer.write_table(pa.table({"row_id": batch.column("row_id"), "score": scores}))
            total += rows
    return total


def main(name, folder, driving, table_rows):
    filler = {"flat": Flat, "multi-hot": lambda: MultiHot(table_rows), "joined": lambda: Joined(folder)}[name]()
    model = Model(folder / "model-whole", table_rows)
    graphs = queue.Queue()
    for _ in range(READERS):
        graphs.put(Graph(model, name == "multi-hot"))
    out = folder / "baseline"
    out.mkdir(exist_ok=True)
    print("ready", flush=True)
    for _ in sys.stdin:
        print("scored", *turn(filler, graphs, driving, out), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
