"""Makes the golden model directories that PyTorch's own scores are checked against.

    python3 make_goldens.py --out DIR

Each holds model.json, weights as safetensors, examples.parquet (row_id and the inputs) and
expected.parquet (row_id, logit, score). The scores are computed by PyTorch in float64 from the
weights and inputs as they are stored. Needs torch and pyarrow; the safetensors format is simple
enough to be written here.
"""

import argparse
import json
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import nn

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def mlp(sizes, last_relu):
    """Linear layers, each followed by ReLU; the last one only if last_relu."""
    layers = []
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(n_in, n_out)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.normal_(linear.bias, std=0.2)
        layers.append(linear)
        if last_relu or i < len(sizes) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


class Cross(nn.Module):
    """Low-rank cross network, as TorchRec's LowRankCrossNet."""

    def __init__(self, size, layers, rank):
        super().__init__()
        scale = size**-0.5
        self.W_kernels = nn.ParameterList(nn.Parameter(torch.randn(size, rank) * scale) for _ in range(layers))
        self.V_kernels = nn.ParameterList(nn.Parameter(torch.randn(rank, size) * scale) for _ in range(layers))
        self.bias = nn.ParameterList(nn.Parameter(torch.randn(size) * 0.1) for _ in range(layers))

    def forward(self, first):
        x = first
        for w, v, b in zip(self.W_kernels, self.V_kernels, self.bias):
            x = first * (x @ v.T @ w.T + b) + x
        return x


class Dlrm(nn.Module):
    """A DLRM of the shape that `config`, the content of model.json, describes."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        tables = config["tables"]
        self.tables = nn.ModuleList(
            nn.EmbeddingBag(t["num_embeddings"], t["embedding_dim"], mode=t["pooling"]) for t in tables
        )
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.4)
        names = [t["name"] for t in tables]
        self.table_of = [names.index(f["table"]) for f in config["sparse_features"]]
        dense = len(config["dense_features"])
        self.bottom = mlp([dense] + config["bottom_mlp"], True) if dense else None
        dims = config["bottom_mlp"][-1:] + [tables[t]["embedding_dim"] for t in self.table_of]
        interaction = config["interaction"]
        size = sum(dims)
        self.cross = None
        if interaction["type"] == "cross":
            self.cross = Cross(size, interaction["layers"], interaction["rank"])
        elif interaction["type"] == "dot":
            n = len(dims)
            corner = {"lower": torch.tril_indices, "upper": torch.triu_indices}[interaction["pairs"]]
            self.pairs = corner(n, n, offset=-1 if interaction["pairs"] == "lower" else 1)
            size = (dims[0] if dense else 0) + n * (n - 1) // 2
        self.top = mlp([size] + config["top_mlp"], False)

    def forward(self, dense, bags):
        like = self.top[0].weight  # tables may be of another type
        vectors = [self.bottom(dense)] if self.bottom else []
        for table, feature in zip(self.table_of, bags):
            ids = torch.tensor([i for bag in feature for i in bag], dtype=torch.int64)
            lengths = torch.tensor([0] + [len(bag) for bag in feature[:-1]])
            offsets = torch.cumsum(lengths, 0)
            pooled = self.tables[table](ids.to(like.device), offsets.to(like.device))
            vectors.append(pooled.to(like.dtype))
        if self.config["interaction"]["type"] == "dot":
            stacked = torch.stack(vectors, 1)
            products = torch.bmm(stacked, stacked.transpose(1, 2))
            pairs = products[:, self.pairs[0], self.pairs[1]]
            x = torch.cat(vectors[:1] + [pairs] if self.bottom else [pairs], 1)
        else:
            x = torch.cat(vectors, 1)
            x = self.cross(x) if self.cross else x
        return self.top(x).squeeze(1)

    def weights(self):
        """The state dict, under the names of the model's family."""
        torchrec = self.config["family"] == "torchrec"
        named = {}
        for t, table in zip(self.config["tables"], self.tables):
            prefix = "sparse_arch.embedding_bag_collection.embedding_bags." if torchrec else ""
            named[prefix + t["name"] + ".weight"] = table.weight
        for part, layers in (("bottom", self.bottom), ("top", self.top)):
            linears = [m for m in layers or [] if isinstance(m, nn.Linear)]
            for i, linear in enumerate(linears):
                if not torchrec:
                    prefix = f"{part[:3]}_l.{2 * i}"
                elif part == "bottom":
                    prefix = f"dense_arch.model._mlp.{i}._linear"
                elif i < len(linears) - 1:
                    prefix = f"over_arch.model.0._mlp.{i}._linear"
                else:
                    prefix = "over_arch.model.1"
                named[prefix + ".weight"] = linear.weight
                named[prefix + ".bias"] = linear.bias
        if self.cross:
            for name, weight in self.cross.named_parameters():
                named["inter_arch.crossnet." + name] = weight
        return {name: weight.detach() for name, weight in named.items()}


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()
        header[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_weights(folder, tensors, shards):
    if shards == 1:
        write_safetensors(folder / "model.safetensors", tensors)
        return
    names = sorted(tensors)
    weight_map = {}
    for s in range(shards):
        file = f"model-{s + 1:05d}-of-{shards:05d}.safetensors"
        part = {name: tensors[name] for name in names[s::shards]}
        write_safetensors(folder / file, part)
        weight_map.update({name: file for name in part})
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))


def random_bags(feature, table, rows, longest):
    """Bags of row ids, skewed to small ids; every 7th bag is null, every 11th empty."""
    bags = []
    for row in range(rows):
        u = torch.rand(1 if longest is None else int(torch.randint(1, longest + 1, ())))
        bag = (u**3 * table["num_embeddings"]).to(torch.int64).tolist()
        if row % 5 == 0:
            bag[0] = table["num_embeddings"] - 1
        if (row + feature) % 7 == 0:
            bag = None
        elif (row + feature) % 11 == 0 and longest is not None:
            bag = []
        bags.append(bag)
    return bags


def make(out, config, rows, longest, table_dtype=torch.float32, prefix="", shards=1):
    """Writes one golden. longest: for each sparse feature the longest bag, or None for a scalar."""
    torch.manual_seed(sum(config["name"].encode()))
    folder = out / config["name"]
    folder.mkdir(parents=True)
    config = {"format": "nightjar-dlrm", "version": 1, **config, "output": "sigmoid"}
    (folder / "model.json").write_text(json.dumps(config, indent=1) + "\n")

    model = Dlrm(config)
    stored = {}
    for name, weight in model.weights().items():
        is_table = any(weight.data_ptr() == t.weight.data_ptr() for t in model.tables)
        stored[prefix + name] = weight.to(table_dtype if is_table else torch.float32)
        weight.copy_(stored[prefix + name])  # what is scored is what was stored
    write_weights(folder, stored, shards)

    dense = torch.randn(rows, len(config["dense_features"]))
    tables = {t["name"]: t for t in config["tables"]}
    features = config["sparse_features"]
    bags = [random_bags(i, tables[f["table"]], rows, longest[i]) for i, f in enumerate(features)]
    columns = {"row_id": pa.array(range(rows), pa.int64())}
    for i, name in enumerate(config["dense_features"]):
        columns[name] = pa.array(dense[:, i].tolist(), pa.float32())
    for feature, values, length in zip(features, bags, longest):
        if length is None:
            columns[feature["name"]] = pa.array([v and v[0] for v in values], pa.int32())
        else:
            columns[feature["name"]] = pa.array(values, pa.list_(pa.int64()))
    pq.write_table(pa.table(columns), folder / "examples.parquet", row_group_size=100)

    with torch.no_grad():
        logits = model.double()(dense.double(), [[bag or [] for bag in values] for values in bags])
    expected = {
        "row_id": columns["row_id"],
        "logit": pa.array(logits.tolist(), pa.float64()),
        "score": pa.array(torch.sigmoid(logits).tolist(), pa.float64()),
    }
    pq.write_table(pa.table(expected), folder / "expected.parquet")
    print(f"{config['name']}: {rows} rows, logits {logits.min():.3f} to {logits.max():.3f}")


def table(name, rows, dim, pooling="sum"):
    return {"name": name, "num_embeddings": rows, "embedding_dim": dim, "pooling": pooling}


def features(*tables):
    return [{"name": f"s{i}", "table": name} for i, name in enumerate(tables)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out

    make(
        out,
        {
            "name": "dlrm-mean-shared",
            "family": "dlrm",
            "dense_features": ["d0", "d1", "d2"],
            "sparse_features": features("emb_l.1", "emb_l.0", "emb_l.1", "emb_l.2"),
            "tables": [table("emb_l.0", 40, 16), table("emb_l.1", 700, 16, "mean"), table("emb_l.2", 9, 16, "mean")],
            "bottom_mlp": [24, 16],
            "interaction": {"type": "dot", "pairs": "lower"},
            "top_mlp": [32, 1],
        },
        rows=301,
        longest=[9, 3, 40, None],
    )
    make(
        out,
        {
            "name": "dlrm-fp16-no-dense",
            "family": "dlrm",
            "dense_features": [],
            "sparse_features": features("emb_l.0", "emb_l.1", "emb_l.2"),
            "tables": [table("emb_l.0", 500, 24), table("emb_l.1", 33, 24, "mean"), table("emb_l.2", 5, 24)],
            "bottom_mlp": [],
            "interaction": {"type": "dot", "pairs": "lower"},
            "top_mlp": [20, 12, 1],
        },
        rows=257,
        longest=[6, 12, None],
        table_dtype=torch.float16,
    )
    make(
        out,
        {
            "name": "torchrec-bf16-shards",
            "family": "torchrec",
            "dense_features": ["d0", "d1", "d2", "d3", "d4"],
            "sparse_features": features("t_user", "t_item", "t_shop"),
            "tables": [table("t_user", 900, 32), table("t_item", 400, 32, "mean"), table("t_shop", 17, 32)],
            "bottom_mlp": [40, 32],
            "interaction": {"type": "dot", "pairs": "upper"},
            "top_mlp": [48, 16, 1],
        },
        rows=256,
        longest=[None, 8, 3],
        table_dtype=torch.bfloat16,
        prefix="_dmp_wrapped_module.module.model.",
        shards=3,
    )
    make(
        out,
        {
            "name": "torchrec-dcn-no-dense",
            "family": "torchrec",
            "dense_features": [],
            "sparse_features": features("t_a", "t_b", "t_a"),
            "tables": [table("t_a", 300, 12), table("t_b", 60, 20, "mean")],
            "bottom_mlp": [],
            "interaction": {"type": "cross", "layers": 2, "rank": 7},
            "top_mlp": [30, 1],
        },
        rows=200,
        longest=[5, 6, None],
        prefix="module._orig_mod.",
    )


if __name__ == "__main__":
    main()
