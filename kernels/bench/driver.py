"""The kernels from Python: loads a cubin or PTX beside PyTorch and launches its entries.

Launches go to PyTorch's current stream, so torch.cuda.graph captures them.
"""

import ctypes
import struct

import torch

cuda = ctypes.CDLL("libcuda.so.1")

TILE_BYTES = 128 * 64 * 2
BAD_ID_NONE = -1  # all ones


def check(result, what):
    if result != 0:
        name = ctypes.c_char_p()
        cuda.cuGetErrorName(result, ctypes.byref(name))
        raise RuntimeError(f"Cannot {what}: {name.value.decode() if name.value else result}")


class Module:
    """Loaded cubins or PTX; what an entry takes is in the head of its source file."""

    def __init__(self, *paths):
        torch.zeros(1, device="cuda")  # PyTorch's context is the one to load into
        self.hopper = "sm_90a" in str(paths[0])
        self.images = []
        for path in paths:
            handle = ctypes.c_void_p()
            image = open(path, "rb").read() + b"\0"
            check(cuda.cuModuleLoadData(ctypes.byref(handle), image), f"load {path}")
            self.images.append((handle, image))
        self.entries = {}

    def entry(self, name, shared):
        if name not in self.entries:
            function = ctypes.c_void_p()
            # Looking for what is not there would be an error in a sanitizer's eyes.
            handle = next((handle for handle, image in self.images[:-1]
                           if name.encode() + b"\0" in image), self.images[-1][0])
            check(cuda.cuModuleGetFunction(ctypes.byref(function), handle, name.encode()),
                  f"find {name}")
            self.entries[name] = function
        function = self.entries[name]
        if shared > 48 << 10:
            check(cuda.cuFuncSetAttribute(function, 8, shared), f"give {name} {shared} bytes")
        return function

    def launch(self, name, grid, block, args, shared=0):
        grid = grid if isinstance(grid, tuple) else (grid, 1)
        block = block if isinstance(block, tuple) else (block, 1)
        values = [argument(a) for a in args]
        pointers = (ctypes.c_void_p * len(values))(*[ctypes.addressof(v) for v in values])
        check(cuda.cuLaunchKernel(self.entry(name, shared), grid[0], grid[1], 1, block[0],
                                  block[1], 1,
                                  shared, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream),
                                  pointers, None), f"launch {name}")


def argument(value):
    if isinstance(value, torch.Tensor):
        return ctypes.c_void_p(value.data_ptr())
    if isinstance(value, float):
        return ctypes.c_float(value)
    if isinstance(value, ctypes.c_longlong):
        return value
    if isinstance(value, bytes):  # a struct, by value
        return ctypes.create_string_buffer(value, len(value))
    if value is None:
        return ctypes.c_void_p(0)
    return ctypes.c_int(value)


def address(tensor):
    return 0 if tensor is None else tensor.data_ptr()


def structs(packed):
    """Structs in device memory, from a list of bytes."""
    return torch.frombuffer(bytearray(b"".join(packed)), dtype=torch.uint8).cuda()


def id_feature(packed, ids, offsets, count, num_embeddings, id_bytes, hash_rows=0):
    return struct.pack("<QQQQiiii", address(packed), address(ids), address(offsets),
                       address(count), num_embeddings, id_bytes, len(ids), hash_rows)


def dense_feature(instances, log1p):
    return struct.pack("<Qii", address(instances), log1p, 0)


def bag_feature(table, ids, offsets, count, pooled, table_stride, pooled_stride, mean):
    range_shift = max(0, (len(table) - 1).bit_length() - 3)
    return struct.pack("<QQQQQiiii", address(table), address(ids), address(offsets),
                       address(count), address(pooled), table_stride, pooled_stride, mean,
                       range_shift)


def launch_staged(module, entry, blocks_an_sm, features, tables, bags, element_bytes):
    """As many blocks as the device holds at once; where a table needs fewer, whole tables."""
    most = 132 * blocks_an_sm
    blocks = min(divide_up(bags, 8 * (4 // element_bytes)), most)  # of a table
    module.launch(entry, blocks * min(most // blocks, tables), 256, [features, tables])


def vector_source(vectors, ids, instances, stride, dim, column=0):
    return struct.pack("<QQQiiii", address(vectors), address(ids), address(instances), stride, dim,
                       column, 0)


def divide_up(value, by):
    return (value + by - 1) // by


def poisoned(size, dtype):
    """Memory as a batch finds it: every byte 0xFF, NaN in every float format."""
    width = torch.empty(0, dtype=dtype).element_size()
    count = size if isinstance(size, int) else int(torch.tensor(size).prod())
    memory = torch.full((count * width,), 255, dtype=torch.uint8, device="cuda").view(dtype)
    return memory if isinstance(size, int) else memory.view(size)


class Precision:
    """bf16 (one fp16 tile an operand) or f32 (two), scaled by powers of two."""

    def __init__(self, name):
        self.name = name
        self.tiles = {"bf16": 1, "f32": 2}[name]
        self.vector = {"bf16": torch.bfloat16, "f32": torch.float32}[name]
        self.scale = {"bf16": 1.0, "f32": 64.0}[name]

    def matrix(self, rows, columns):
        size = divide_up(rows, 128) * divide_up(columns, 64) * self.tiles * TILE_BYTES
        return poisoned(size, torch.uint8)

    def unpack(self, matrix, rows, columns, scale=None):
        """An operand as float64 [rows, columns rounded up to 64], by a formula of its own."""
        k_blocks = divide_up(columns, 64)
        tiles = matrix.view(torch.float16).view(-1, k_blocks, self.tiles, 128, 8, 8)
        row = torch.arange(128, device="cuda")
        chunk = torch.arange(8, device="cuda")
        tiles = tiles[:, :, :, row[:, None], chunk[None, :] ^ (row[:, None] % 8), :]
        values = tiles.double().sum(2)  # high + low
        values = values.permute(0, 2, 1, 3, 4).reshape(-1, k_blocks * 64)
        return values[:rows] / (self.scale if scale is None else scale)


class Linear:
    """A linear layer on the device, its weight packed once; `dense`: it takes dense features."""

    def __init__(self, module, precision, weight, bias, dense=False):
        self.module = module
        self.precision = precision
        self.outputs, self.inputs = weight.shape
        padded = 128 if self.outputs <= 128 else divide_up(self.outputs, 256) * 256
        self.matrix = precision.matrix(padded, self.inputs)
        top = float(weight.abs().max())
        self.scale = 1.0
        while top * self.scale < 8192:
            self.scale *= 2
        self.overflow = torch.zeros(1, dtype=torch.int32, device="cuda")
        module.launch(f"pack_weight_{precision.name}",
                      (divide_up(padded, 256), divide_up(self.inputs, 64) * 8), 256,
                      [weight.contiguous(), self.outputs, self.inputs, self.matrix, int(dense),
                       self.scale, self.overflow])
        self.bias = None
        if bias is not None:
            self.bias = torch.zeros(divide_up(self.outputs, 64) * 64, device="cuda")
            self.bias[: self.outputs] = bias

    def launch(self, kind, source, output, rows, more=()):
        self.launch_entry(kind, [source, self.matrix, self.bias, output, self.inputs, self.outputs,
                                 rows, self.unscale(), self.precision.scale, self.overflow, *more])

    def unscale(self):
        return 1.0 / (self.precision.scale * self.scale)

    def scores(self):
        """Whether this layer and the last one can be one launch."""
        return self.precision.name == "bf16" and self.outputs <= 256

    def launch_score(self, source, rows, last, last_bias, logits, scores):
        self.launch_entry("score", [source, self.matrix, self.bias, self.inputs, self.outputs, rows,
                                    self.unscale(), last, last_bias, logits, scores])

    def launch_entry(self, kind, args):
        if self.module.hopper:
            grid, block, shared = 132, 384, (224 << 10) + 128
        else:
            grid, block, shared = 264, 256, 96 << 10
        self.module.launch(f"linear_{kind}_{self.precision.name}", grid, block, args, shared)


def dot_shared(precision, dim, columns):
    pitch = divide_up(dim * precision.vector.itemsize, 128) * 128
    exchange = 3072 if precision.name == "f32" else 0
    return 2 * 32 * pitch + divide_up(columns, 64) * 64 * 4 + exchange


def dot_interaction(module, precision, pairs, sources, vectors, dim, prefix, matrix, rows,
                    overflow):
    columns = prefix + vectors * (vectors - 1) // 2
    args = [sources, vectors, dim, prefix, matrix, rows, precision.scale, overflow]
    if vectors <= 32:
        shared = dot_shared(precision, dim, columns)
        most, threads = (8, 32) if precision.name == "bf16" else (6, 64)
        blocks = divide_up((227 << 10) // shared, most)  # a multiprocessor
        block_rows = (227 << 10) // shared // blocks
        module.launch(f"dot_interaction_{pairs}_{precision.name}", 132 * blocks,
                      threads * block_rows, args, block_rows * shared)
    else:
        pitch = divide_up(dim * precision.vector.itemsize, 128) * 128
        shared = divide_up(vectors, 16) * 16 * pitch + 12288 * 4 + divide_up(vectors, 2) * 16
        module.launch(f"dot_interaction_wide_{pairs}_{precision.name}", 132, 256, args, shared)
