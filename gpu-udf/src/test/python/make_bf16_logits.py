"""Adds bf16.parquet to golden model directories: the logits of PyTorch's own bfloat16 on a GPU.

    python3 make_bf16_logits.py GOLDEN ...

Layers and vectors are bfloat16, tables stay as they are stored: what is asked of the kernels, too.
Needs a CUDA device, torch and pyarrow.
"""

import json
import struct
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from make_goldens import DTYPES, Dlrm


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    types = {name: dtype for dtype, name in DTYPES.items()}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + at for at in entry["data_offsets"])
            raw = torch.frombuffer(bytearray(data[start:end]), dtype=types[entry["dtype"]])
            tensors[name] = raw.reshape(entry["shape"])
    return tensors


def load(folder):
    config = json.loads((folder / "model.json").read_text())
    model = Dlrm(config)
    stored = {}
    for file in folder.glob("*.safetensors"):
        stored.update(read_safetensors(file))
    for name, weight in model.weights().items():
        weight.copy_(next(tensor for key, tensor in stored.items() if key.endswith(name)))
    return config, model


def main():
    for folder in map(Path, sys.argv[1:]):
        config, model = load(folder)
        examples = pq.read_table(folder / "examples.parquet").sort_by("row_id").to_pydict()
        dense = [examples[name] for name in config["dense_features"]]
        bags = []
        for feature in config["sparse_features"]:
            values = examples[feature["name"]]
            bags.append([v if isinstance(v, list) else [] if v is None else [v] for v in values])

        def logits(dtype, device):
            model.to(device)
            for part in (model.bottom, model.cross, model.top):
                if part:
                    part.to(dtype)
            inputs = torch.tensor(dense, dtype=torch.float32).t().to(device, dtype)
            return model(inputs, bags).double().cpu()

        with torch.no_grad():
            bf16 = logits(torch.bfloat16, "cuda")
            exact = torch.tensor(
                pq.read_table(folder / "expected.parquet").sort_by("row_id")["logit"].to_pylist(),
                dtype=torch.float64)
        columns = {"row_id": pa.array(examples["row_id"], pa.int64()),
                   "logit": pa.array(bf16.tolist(), pa.float64())}
        pq.write_table(pa.table(columns), folder / "bf16.parquet")
        print(f"{folder.name}: largest error {(bf16 - exact).abs().max() / exact.std():.2%} of the"
              " logits' deviation")


if __name__ == "__main__":
    main()
