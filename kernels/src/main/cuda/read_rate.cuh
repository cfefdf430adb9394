// read_rate: reads memory again and again, for nothing but the time that it takes.
//
//   data  [pieces] 16-byte pieces
//   sum   [1] gets a number that depends on all of them, so that no read is left out
//
// The grid reads on from where it is, round and round; L1 is passed by.
#pragma once

extern "C" __global__ void __launch_bounds__(256) read_rate(const uint4* data, int pieces,
                                                            int times, unsigned* sum) {
    constexpr int kInFlight = 8;
    unsigned bits = 0;
    const unsigned threads = gridDim.x * blockDim.x;
    const unsigned count = static_cast<unsigned>(pieces);
    const unsigned step = threads % count;
    unsigned at = (blockIdx.x * blockDim.x + threadIdx.x) % count;
    for (long long left = static_cast<long long>(pieces) * times / threads; left > 0;
         left -= kInFlight) {
        uint4 read[kInFlight];
#pragma unroll
        for (int i = 0; i < kInFlight; i++) {
            read[i] = __ldcg(data + at);
            at += step;
            at -= at >= count ? count : 0;
        }
#pragma unroll
        for (int i = 0; i < kInFlight; i++) {
            bits ^= read[i].x ^ read[i].y ^ read[i].z ^ read[i].w;
        }
    }
    if (bits == 0x12345678u) {
        *sum = bits;
    }
}
