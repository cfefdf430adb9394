"""How fast this GPU reads again and again what fits, or does not fit, in its L2 cache."""

import torch
import triton
import triton.language as tl

BLOCK = 4096  # elements of 4 bytes
READS = 64  # blocks a program


@triton.jit
def read_blocks(data, out, blocks, BLOCK: tl.constexpr, READS: tl.constexpr):
    lane = tl.arange(0, BLOCK)
    total = tl.zeros((BLOCK,), tl.int32)
    at = tl.program_id(0) % blocks
    for _ in range(READS):
        total ^= tl.load(data + at.to(tl.int64) * BLOCK + lane, cache_modifier=".cg")
        at = (at + tl.num_programs(0) + 1) % blocks
    tl.store(out + tl.program_id(0) * BLOCK + lane, total)


def read_rate(footprint):
    """(run, bytes it reads): past L1, from a footprint of that many bytes."""
    programs = 132 * 16
    data = torch.randint(-2**31, 2**31 - 1, (footprint // 4,), dtype=torch.int32, device="cuda")
    out = torch.empty(programs * BLOCK, dtype=torch.int32, device="cuda")

    def run():
        read_blocks[(programs,)](data, out, footprint // 4 // BLOCK, BLOCK, READS, num_warps=8)

    return run, programs * READS * BLOCK * 4
