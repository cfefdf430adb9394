"""A whole DLRM out of the kernels, and the same model in PyTorch, for the bench."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from driver import *


@dataclass
class Shape:
    dense: int
    rows: list  # of each table
    lengths: list  # ids a bag of each feature
    dim: int
    bottom: list
    top: list
    batch: int
    cross: tuple = None  # (layers, rank) instead of pairs


class Weights:
    """fp32 weights and tables, the latter in the precision of the rows."""

    def __init__(self, shape, row_type):
        self.shape = shape
        generator = torch.Generator("cuda").manual_seed(3)

        def linear(inputs, outputs, bias=True):
            weight = torch.randn(outputs, inputs, device="cuda", generator=generator)
            b = torch.randn(outputs, device="cuda", generator=generator) * 0.1 if bias else None
            return weight * (2 / inputs) ** 0.5, b

        # Rows of about unit length, as trained rows are: pooled vectors then stay near 1. All tables
        # lie one after another, which is what the best PyTorch wants; each is a view.
        self.table = torch.empty(sum(shape.rows), shape.dim, dtype=row_type, device="cuda")
        self.tables = list(self.table.split(shape.rows))
        for table, length in zip(self.tables, shape.lengths):
            table.copy_(torch.randn(table.shape, device="cuda", generator=generator) /
                        (shape.dim * length) ** 0.5)
        sizes = [shape.dense, *shape.bottom]
        self.bottom = [linear(a, b) for a, b in zip(sizes, sizes[1:])]
        vectors = len(shape.rows) + 1
        columns = vectors * shape.dim
        self.cross = []
        if shape.cross:
            layers, rank = shape.cross
            for _ in range(layers):
                v, _ = linear(columns, rank, False)
                w, b = linear(rank, columns)
                self.cross.append((v * 0.5, w * 0.5, b))
        else:
            columns = shape.dim + vectors * (vectors - 1) // 2
        sizes = [columns, *shape.top]
        self.top = [linear(a, b) for a, b in zip(sizes, sizes[1:])]


class Batch:
    """Ids follow u^3 * rows, or are uniform."""

    def __init__(self, shape, seed, uniform=False):
        generator = torch.Generator("cuda").manual_seed(seed)
        self.dense = torch.randn(shape.dense, shape.batch, device="cuda", generator=generator)
        self.ids, self.offsets = [], []
        for rows, length in zip(shape.rows, shape.lengths):
            u = torch.rand(shape.batch * length, device="cuda", generator=generator)
            ids = ((u if uniform else u**3) * rows).int().clamp(max=rows - 1)
            # The hot ids lie anywhere in the table: a permutation by an odd factor coprime to rows.
            factor = 2654435761 % rows | 1
            while torch.gcd(torch.tensor(factor), torch.tensor(rows)) != 1:
                factor += 2
            self.ids.append((ids.long() * factor % rows).int())
            self.offsets.append(torch.arange(0, shape.batch * length + 1, length,
                                             dtype=torch.int32, device="cuda"))


class Arrival:
    """A batch that crosses from pinned memory: row ids of id_bytes each, dense features, and offsets
    that were there before, as every bag has as many ids."""

    def __init__(self, batch, id_bytes):
        self.id_bytes = id_bytes
        pieces = [ids.view(torch.uint8).view(-1, 4)[:, :id_bytes].reshape(-1) for ids in batch.ids]
        pieces.append(batch.dense.view(torch.uint8).view(-1))
        self.pinned = torch.cat(pieces).cpu().pin_memory()
        self.arrived = poisoned(len(self.pinned), torch.uint8)
        *self.packed, dense = self.arrived.split([len(piece) for piece in pieces])
        self.dense = dense.view(torch.float32).view(batch.dense.shape)
        self.ids = [poisoned(len(ids), torch.int32) for ids in batch.ids]

    def copy(self):
        self.arrived.copy_(self.pinned, non_blocking=True)


class Scorer:
    """Scratch memory for a batch, and one launch after another. The ids are those of the batch, or
    those that an Arrival brings."""

    def __init__(self, module, precision, weights, batch, arrival=None):
        shape = weights.shape
        self.module, self.precision, self.shape = module, precision, shape
        b, p = shape.batch, precision
        self.rows = torch.tensor([b], dtype=torch.int32, device="cuda")
        self.overflow = torch.zeros(1, dtype=torch.int32, device="cuda")
        self.bad_id = torch.full((1,), BAD_ID_NONE, dtype=torch.int64, device="cuda")
        self.bottom = [Linear(module, p, w, c, i == 0) for i, (w, c) in enumerate(weights.bottom)]
        self.cross = [(Linear(module, p, v, None), Linear(module, p, w, c))
                      for v, w, c in weights.cross]
        self.top = [Linear(module, p, w, c) for w, c in weights.top[:-1]]
        last, bias = weights.top[-1]
        self.last = torch.zeros(divide_up(last.shape[1], 64) * 64, device="cuda")
        self.last[: last.shape[1]] = last[0]
        self.last_bias = bias
        self.inputs = [p.matrix(b, layer.inputs) for layer in self.bottom]
        self.vectors = poisoned((b, shape.dim), p.vector)
        self.top_inputs = [p.matrix(b, layer.inputs) for layer in self.top]
        self.top_inputs.append(p.matrix(b, last.shape[1]))
        self.logits, self.scores = poisoned(b, torch.float32), poisoned(b, torch.float32)

        self.batch = batch if arrival is None else arrival
        checks, bags, sources = [], [], []
        sources.append(vector_source(self.vectors, None, None, shape.dim, shape.dim, 0))
        self.keep = []
        for f, table in enumerate(weights.tables):
            ids = self.batch.ids[f]
            packed, id_bytes = (ids, 4) if arrival is None else (arrival.packed[f], arrival.id_bytes)
            checks.append(id_feature(packed, ids, batch.offsets[f], self.rows, len(table), id_bytes))
            column = (f + 1) * shape.dim
            if shape.lengths[f] == 1 and table.dtype == p.vector:
                sources.append(vector_source(table, ids, None, shape.dim, shape.dim,
                                             column))
            else:
                pooled = poisoned((b, shape.dim), p.vector)
                self.keep.append(pooled)
                bags.append(bag_feature(table, ids, batch.offsets[f], self.rows, pooled,
                                        shape.dim, shape.dim, 0))
                sources.append(vector_source(pooled, None, None, shape.dim, shape.dim, column))
        self.row_type = {torch.float32: "f32", torch.bfloat16: "bf16"}[weights.tables[0].dtype]
        self.checks, self.bags, self.sources = structs(checks), None, structs(sources)
        if bags:
            self.bags = structs(bags)
        self.bag_count, self.vector_count = len(bags), len(sources)
        pooled_lengths = [length for length in shape.lengths if length > 1]
        long_bags = bool(pooled_lengths) and sum(pooled_lengths) >= 64 * len(pooled_lengths)
        self.bag_kind = "long_" if long_bags else ""
        self.feature_count = torch.tensor([len(checks)], dtype=torch.int32, device="cuda")
        if self.cross:
            columns = self.vector_count * shape.dim
            self.hidden = [p.matrix(b, layer[0].outputs) for layer in self.cross]
            self.crossed = [p.matrix(b, columns) for _ in self.cross] + [self.top_inputs[0]]

    def steps(self):
        """(name, launch) of each step."""
        shape, p, module, rows = self.shape, self.precision, self.module, self.rows
        b = shape.batch
        most = b * max(shape.lengths)
        yield "check ids", lambda: module.launch(
            "check_ids", (min(divide_up(most, 1024), 512), len(shape.rows)), 256,
            [self.checks, self.feature_count, self.bad_id])
        if self.bags is not None:
            pieces = shape.dim // {"f32": 4, "bf16": 8}[self.row_type]
            blocks = divide_up(b * pieces, 256)
            yield "embedding bags", lambda: module.launch(
                f"embedding_bag_{self.bag_kind}{self.row_type}_{p.name}",
                (blocks, self.bag_count), 256,
                [self.bags])
        yield "pack dense", lambda: module.launch(
            f"pack_dense_{p.name}", (divide_up(b, 256), divide_up(shape.dense, 64) * 8), 256,
            [self.batch.dense, shape.dense, b, None, self.inputs[0], rows, p.scale,
             self.overflow])
        for i, layer in enumerate(self.bottom):
            final = i + 1 == len(self.bottom)
            yield f"bottom {layer.inputs}->{layer.outputs}", lambda i=i, layer=layer, final=final: (
                layer.launch("relu_vectors" if final else "relu", self.inputs[i],
                             self.vectors if final else self.inputs[i + 1], rows))
        if self.cross:
            columns = self.vector_count * shape.dim
            chunks = columns // 8
            yield "concatenate", lambda: module.launch(
                f"concatenate_{p.name}", (1320, divide_up(chunks, 256)), 256,
                [self.sources, self.vector_count, columns, self.crossed[0], rows, p.scale,
                 self.overflow])
            for i, (v, w) in enumerate(self.cross):
                yield f"cross {v.inputs}->{v.outputs}", lambda i=i, v=v: v.launch(
                    "plain", self.crossed[i], self.hidden[i], rows)
                yield f"cross {w.inputs}->{w.outputs}", lambda i=i, w=w: w.launch(
                    "cross", self.hidden[i], self.crossed[i + 1], rows,
                    [self.crossed[0], self.crossed[i]])
        else:
            yield "dot interaction", lambda: dot_interaction(
                module, p, "lower", self.sources, self.vector_count, shape.dim, shape.dim,
                self.top_inputs[0], rows, self.overflow)
        for i, layer in enumerate(self.top):
            if i + 1 == len(self.top) and layer.scores():
                yield f"top {layer.inputs}->{layer.outputs}->1", lambda: self.top[-1].launch_score(
                    self.top_inputs[-2], rows, self.last, self.last_bias, self.logits, self.scores)
                return
            yield f"top {layer.inputs}->{layer.outputs}", lambda i=i, layer=layer: layer.launch(
                "relu", self.top_inputs[i], self.top_inputs[i + 1], rows)
        yield "score", lambda: module.launch(
            f"score_{p.name}", 1056, 256,
            [self.top_inputs[-1], self.last, self.last_bias, self.logits, self.scores,
             shape.top[-2], rows, 1.0 / p.scale])

    def run(self):
        """All steps, the check of the ids beside the bottom MLP."""
        main, side = torch.cuda.current_stream(), torch.cuda.Stream()
        side.wait_stream(main)
        steps = list(self.steps())
        late = [step for step in steps if step[0] == "embedding bags"]
        for name, launch in steps:
            if name == "check ids":
                with torch.cuda.stream(side):
                    launch()
            elif name != "embedding bags":
                if name in ("dot interaction", "concatenate"):
                    main.wait_stream(side)
                    for _, bags in late:
                        bags()
                launch()


class Torch:
    """The model as PyTorch's users write it: a module's call a table, a product a layer."""

    def __init__(self, weights, dtype):
        self.weights, self.shape, self.dtype = weights, weights.shape, dtype

        def cast(pair):
            return [None if t is None else t.to(dtype) for t in pair]

        self.bottom = [cast(pair) for pair in weights.bottom]
        self.top = [cast(pair) for pair in weights.top]
        self.cross = [cast(three) for three in weights.cross]
        vectors = len(weights.tables) + 1
        self.lower = torch.tril_indices(vectors, vectors, -1, device="cuda")

    def logits(self, batch, count=None):
        count = self.shape.batch if count is None else count
        x = batch.dense[:, :count].t().to(self.dtype)
        for w, b in self.bottom:
            x = F.relu(F.linear(x, w, b))
        vectors = [x]
        for table, ids, offsets, length in zip(self.weights.tables, batch.ids, batch.offsets,
                                               self.shape.lengths):
            part = ids[: count * length]
            if self.dtype == torch.float64:
                rows = table[part.long()].double().view(count, length, -1)
                vectors.append(rows.sum(1))
            else:
                vectors.append(F.embedding_bag(part, table, offsets[:count], mode="sum")
                               .to(self.dtype))
        if self.cross:
            x = x0 = torch.cat(vectors, 1)
            for v, w, b in self.cross:
                x = x0 * F.linear(F.linear(x, v), w, b) + x
        else:
            stacked = torch.stack(vectors, 1)
            gram = torch.bmm(stacked, stacked.transpose(1, 2))
            x = torch.cat([x, gram[:, self.lower[0], self.lower[1]]], 1)
        for w, b in self.top[:-1]:
            x = F.relu(F.linear(x, w, b))
        w, b = self.top[-1]
        return F.linear(x, w, b)[:, 0]


class BestTorch:
    """The same model as well as PyTorch can be made to run it, for torch.compile: all tables in one,
    int32 row ids, inputs of products padded to multiples of 8 and the pair products to whole
    vectors, bias and ReLU in the product's epilogue, weights as it wants them. Bags are pooled by
    one call of embedding_bag, or gathered and summed, features of one length together, which
    torch.compile makes one kernel of."""

    def __init__(self, weights, dtype, one_call):
        self.shape, self.table, self.dtype = weights.shape, weights.table, dtype
        shape = self.shape
        starts = torch.tensor([0, *shape.rows[:-1]], device="cuda").cumsum(0)
        self.starts = starts.int()
        features = range(len(shape.rows))
        self.one_call = one_call
        # Features in the order in which their ids lie side by side.
        self.order = list(features) if one_call else sorted(features, key=lambda f: shape.lengths[f])
        vectors = len(shape.rows) + 1
        self.padding = -vectors % 8
        lower = torch.tril_indices(vectors, vectors, -1, device="cuda")
        self.lower = (lower[0] * (vectors + self.padding) + lower[1]).int()

        def padded(weight):
            columns = divide_up(weight.shape[1], 8) * 8
            return F.pad(weight, (0, columns - weight.shape[1])).to(dtype).t().contiguous()

        self.bottom = [(padded(w), b.to(dtype)) for w, b in weights.bottom]
        self.top = [(padded(w), b.to(dtype)) for w, b in weights.top]
        self.cross = [(padded(v), padded(w), b.to(dtype)) for v, w, b in weights.cross]

    def prepare(self, batch):
        """Rows of the one table as [batch, ids of a row] and where bags begin: the input's layout."""
        shape = self.shape
        ids = torch.cat([(batch.ids[f] + self.starts[f]).view(shape.batch, shape.lengths[f])
                         for f in self.order], 1).contiguous()
        lengths = torch.tensor(shape.lengths, device="cuda").repeat(shape.batch)
        return batch.dense, ids, (lengths.cumsum(0) - lengths).int()

    def pooled(self, ids, offsets):
        """[batch, features, dim]"""
        shape = self.shape
        if self.one_call:
            rows = F.embedding_bag(ids.view(-1), self.table, offsets, mode="sum")
            return rows.view(len(ids), -1, shape.dim).to(self.dtype)
        found, column = {}, 0
        for length in sorted(set(shape.lengths)):
            features = [f for f in self.order if shape.lengths[f] == length]
            part = ids[:, column: column + length * len(features)]
            column += length * len(features)
            # Compiled, int32 ids would overflow in a table of more than 2^31 elements.
            rows = F.embedding(part.long(), self.table)
            if length > 1:
                rows = rows.view(len(ids), len(features), length, shape.dim)
                rows = rows.sum(2, dtype=torch.float32)
            if len(features) == len(shape.rows):
                return rows.to(self.dtype)
            found.update({f: rows[:, i].to(self.dtype) for i, f in enumerate(features)})
        return torch.stack([found[f] for f in sorted(found)], 1)

    def logits(self, dense, ids, offsets):
        x = F.pad(dense.t().to(self.dtype), (0, self.bottom[0][0].shape[0] - dense.shape[0]))
        for w, b in self.bottom:
            x = torch._addmm_activation(b, x, w)
        vectors = [x[:, None], self.pooled(ids, offsets)]
        if self.cross:
            x = x0 = torch.cat(vectors, 1).flatten(1)
            for v, w, b in self.cross:
                x = x0 * torch.addmm(b, x @ v, w) + x
        else:
            if self.padding:
                vectors.append(x.new_zeros(1, 1, 1).expand(len(x), self.padding, self.shape.dim))
            stacked = torch.cat(vectors, 1)
            gram = torch.bmm(stacked, stacked.transpose(1, 2)).flatten(1)
            pairs = gram.index_select(1, self.lower)
            pad = self.top[0][0].shape[0] - x.shape[1] - pairs.shape[1]
            x = torch.cat([x, pairs, x.new_zeros(1).expand(len(x), pad)], 1)
        for w, b in self.top[:-1]:
            x = torch._addmm_activation(b, x, w)
        w, b = self.top[-1]
        return torch.addmm(b, x, w)[:, 0]
