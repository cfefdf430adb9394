"""What people write today: pyarrow -> PyTorch in a CUDA graph -> pyarrow. Also makes the bench's model.

    baseline.py model FOLDER TABLE_ROWS      writes FOLDER/model: 26 tables of bf16 rows
    baseline.py score FOLDER TABLE_ROWS      scores FOLDER/flat* into FOLDER/baseline
"""

import json
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
from safetensors.torch import load_file, save_file

DENSE, SPARSE, DIM = 13, 26, 128
BOTTOM, TOP = [512, 256, 128], [1024, 1024, 512, 256, 1]
BATCH, READERS = 65_536, 14


def make_model(folder, rows):
    generator = torch.Generator("cuda").manual_seed(3)
    random = lambda *shape: torch.randn(*shape, device="cuda", generator=generator)
    weights = {f"emb_l.{i}.weight": (random(rows, DIM) / DIM**0.5).bfloat16().cpu()
               for i in range(SPARSE)}
    for name, sizes in (("bot_l", [DENSE, *BOTTOM]),
                        ("top_l", [DIM + (SPARSE + 1) * SPARSE // 2, *TOP])):
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            weights[f"{name}.{2 * i}.weight"] = (random(b, a) * (2 / a) ** 0.5).cpu()
            weights[f"{name}.{2 * i}.bias"] = (random(b) * 0.1).cpu()
    (folder / "model").mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "model" / "model.safetensors")
    (folder / "model" / "model.json").write_text(json.dumps({
        "format": "nightjar-dlrm", "version": 1, "name": "bench", "family": "dlrm",
        "dense_features": [f"d{i}" for i in range(DENSE)],
        "sparse_features": [{"name": f"s{i}", "table": f"emb_l.{i}"} for i in range(SPARSE)],
        "tables": [{"name": f"emb_l.{i}", "num_embeddings": rows, "embedding_dim": DIM,
                    "pooling": "sum"} for i in range(SPARSE)],
        "bottom_mlp": BOTTOM, "interaction": {"type": "dot", "pairs": "lower"}, "top_mlp": TOP,
        "output": "sigmoid"}))


class Model:
    """The model in bf16; ids are taken modulo the tables' rows, dense values through log1p."""

    def __init__(self, path, rows):
        weights = load_file(path, device="cuda")
        self.rows = rows
        self.tables = torch.cat([weights[f"emb_l.{i}.weight"] for i in range(SPARSE)])
        self.first = torch.arange(SPARSE, device="cuda") * rows
        layer = lambda name, i: (weights[f"{name}.{2 * i}.weight"].bfloat16(),
                                 weights[f"{name}.{2 * i}.bias"].bfloat16())
        self.bottom = [layer("bot_l", i) for i in range(len(BOTTOM))]
        self.top = [layer("top_l", i) for i in range(len(TOP))]
        pairs = [(i, j) for i in range(SPARSE + 1) for j in range(i)]
        self.pairs = torch.tensor([i * (SPARSE + 1) + j for i, j in pairs], device="cuda")

    def __call__(self, dense, ids):
        """dense [B, 13] fp32 with NaN for null, ids [B, 26] int32."""
        x = torch.log1p(torch.nan_to_num(dense, nan=0.0)).bfloat16()
        for weight, bias in self.bottom:
            x = F.relu(F.linear(x, weight, bias))
        bags = F.embedding(ids.long() % self.rows + self.first, self.tables)
        vectors = torch.cat([x.unsqueeze(1), bags], 1)
        products = torch.bmm(vectors, vectors.transpose(1, 2)).flatten(1)
        x = torch.cat([x, products[:, self.pairs]], 1)
        for weight, bias in self.top[:-1]:
            x = F.relu(F.linear(x, weight, bias))
        return torch.sigmoid(F.linear(x, *self.top[-1]).float()).flatten()


class Graph:
    """A captured batch with pinned memory on both sides."""

    def __init__(self, model):
        self.dense = torch.zeros(DENSE, BATCH).pin_memory()
        self.ids = torch.zeros(SPARSE, BATCH, dtype=torch.int32).pin_memory()
        self.scores = torch.zeros(BATCH).pin_memory()
        dense, ids = self.dense.cuda(), self.ids.cuda()
        self.stream = torch.cuda.Stream()
        self.graph = torch.cuda.CUDAGraph()

        def step():
            dense.copy_(self.dense, non_blocking=True)
            ids.copy_(self.ids, non_blocking=True)
            self.scores.copy_(model(dense.T, ids.T), non_blocking=True)

        with torch.cuda.stream(self.stream), torch.no_grad():
            for _ in range(3):
                step()
            self.stream.synchronize()
            with torch.cuda.graph(self.graph, stream=self.stream):
                step()


def score(folder, rows):
    model = Model(folder / "model" / "model.safetensors", rows)
    out = folder / "baseline"
    out.mkdir(exist_ok=True)
    graphs = queue.Queue()
    for _ in range(READERS):
        graphs.put(Graph(model))
    files = queue.Queue()
    for file in sorted(folder.glob("flat*/*.parquet")):
        files.put(file)
    counts, failures = [], []

    def reader():
        try:
            while True:
                try:
                    file = files.get_nowait()
                except queue.Empty:
                    return
                counts.append(score_file(file, out / f"{file.parent.name}-{file.name}", graphs))
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


def score_file(file, to, graphs):
    source = pq.ParquetFile(file)
    total = 0
    with pq.ParquetWriter(to, pa.schema([("row_id", pa.int64()), ("score", pa.float32())]),
                          compression="zstd") as writer:
        for batch in source.iter_batches(BATCH, use_threads=False):
            rows = batch.num_rows
            graph = graphs.get()
            try:
                for i in range(DENSE):
                    graph.dense[i, :rows] = torch.from_numpy(
                        batch.column(f"I{i + 1}").to_numpy(zero_copy_only=False))
                for i in range(SPARSE):
                    graph.ids[i, :rows] = torch.from_numpy(batch.column(f"C{i + 1}").to_numpy())
                with torch.cuda.stream(graph.stream):
                    graph.graph.replay()
                graph.stream.synchronize()
                scores = graph.scores[:rows].numpy().copy()
            finally:
                graphs.put(graph)
            writer.write_table(pa.table({"row_id": batch.column("row_id"), "score": scores}))
            total += rows
    return total


if __name__ == "__main__":
    what, folder, table_rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if what == "model":
        start = time.perf_counter()
        make_model(folder, table_rows)
        print(f"made the model in {time.perf_counter() - start:.1f} s")
    else:
        for _ in range(3):
            rows, seconds = score(folder, table_rows)
            print(f"  d pyarrow, PyTorch      {seconds:6.2f} s {rows / seconds:14,.0f} rows/s", flush=True)
