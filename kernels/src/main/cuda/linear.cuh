// linear: output = epilogue(input * weight transposed + bias), the layers of both MLPs.
//
//   input    [*rows, inputs] operand, see operand.cuh; whole tiles of 128 rows lie in its memory
//   weight   [outputs, inputs] operand that pack_weight made
//   bias     [outputs, rounded up to 64] fp32, 16-byte aligned, zeros past outputs; or null
//   output   [*rows, outputs], as the epilogue says
//   rows     [1] number of rows
//   unscale  1 / (scale of input * scale of weight), scale: of the output. Powers of two
//   overflow [1] as in operand.cuh
//
// The epilogues:
//   linear_relu          max(x, 0), NaN kept, to an operand: what the next layer takes
//   linear_plain         x, to an operand: the cross network's projection
//   linear_relu_vectors  max(x, 0) to vectors [*rows, stride], stride being outputs rounded up to 8,
//                        what is past outputs zero: the bottom MLP's last layer
//   linear_cross         x0 * x + xl, to an operand: the cross network's layer, x0 its first input
//                        and xl this layer's, both [*rows, outputs] operands of scale `scale`
//   linear_score         the top MLP's last two layers: max(x, 0) is not rounded but meets the last
//                        weight at once; to logits and scores as in score.cuh. bf16 only, and
//                        outputs at most kScoreOutputs
//
// A row's result does not depend on the other rows nor on where it lies: every output element is
// summed by one thread, over inputs in one order. linear_sm90.cuh and linear_sm80.cuh say which.
// Launch: on sm_90a kLinearThreadsSm90 threads a block and kLinearSharedSm90 bytes of dynamic shared
// memory, an even number of blocks (clusters of two), at best one a multiprocessor; elsewhere
// kLinearThreadsSm80 and linear_shared_sm80, any number of blocks.
#pragma once

#include "elements.cuh"
#include "operand.cuh"
#include "score.cuh"

constexpr int kScoreOutputs = 256;

struct LinearArguments {
    const void* input;
    const void* weight;
    const float* bias;
    void* output;
    int inputs;
    int outputs;
    const int* rows;
    float unscale;
    float scale;
    unsigned* overflow;
    const void* x0 = nullptr;  // of linear_cross
    const void* xl = nullptr;
    LastLayer last = {};  // of linear_score
};

// The last chunk of the outputs' 64s stands for those past it, which are not written: that costs
// less than to ask for each whether it is there. Chunks past the outputs themselves come out as
// zeros, as such rows of the weight are zeros and so is the bias; in a row of NaN as NaN.
__device__ __forceinline__ int chunk_there(const LinearArguments& arguments, int chunk) {
    return min(chunk, divide_up(arguments.outputs, kTileColumns) * (kTileColumns / kChunk) - 1);
}

// The bias of eight neighbouring outputs.
struct Bias {
    float values[kChunk];

    __device__ __forceinline__ Bias(const LinearArguments& arguments, int chunk, float scale)
        : values{} {
        if (arguments.bias != nullptr) {
            load_elements(values, arguments.bias + chunk_there(arguments, chunk) * kChunk);
        }
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            values[i] *= scale;
        }
    }
};

// Eight neighbouring outputs of a row, of a scale: what the tensor cores summed, plus bias.
__device__ __forceinline__ void add_bias(const LinearArguments& arguments, const Bias& bias,
                                         float scale, float (&values)[kChunk]) {
    const float factor = arguments.unscale * scale;
#pragma unroll
    for (int i = 0; i < kChunk; i++) {
        values[i] = values[i] * factor + bias.values[i];
    }
}

__device__ __forceinline__ void relu(float (&values)[kChunk]) {
#pragma unroll
    for (int i = 0; i < kChunk; i++) {
        values[i] = positive_part(values[i]);
    }
}

// Epilogues: chunks(outputs) is how many chunks of a row they write; finish makes the values of one
// of them out of what the tensor cores summed, the bias and Inputs, both of which are read
// beforehand so that many loads are under way; store writes it. Those with kToOperand write an
// operand, and their values are of its scale. None of them branches: that would hold up the loads.

struct NoInputs {};

template <typename OperandType, bool kRelu>
struct ToOperand {
    using Operand = OperandType;
    static constexpr bool kToOperand = true;
    static constexpr bool kToScore = false;

    static __device__ __forceinline__ int chunks(int outputs) {
        return divide_up(outputs, kTileColumns) * (kTileColumns / kChunk);
    }
    using Inputs = NoInputs;
    static __device__ __forceinline__ NoInputs read(const LinearArguments&, int, int) { return {}; }
    static __device__ __forceinline__ Bias bias(const LinearArguments& arguments, int chunk) {
        return {arguments, chunk, arguments.scale};
    }
    static __device__ __forceinline__ void finish(const LinearArguments& arguments,
                                                  const Bias& bias, NoInputs,
                                                  float (&values)[kChunk]) {
        add_bias(arguments, bias, arguments.scale, values);
        if constexpr (kRelu) {
            relu(values);
        }
    }
    static __device__ __forceinline__ void store(const LinearArguments& arguments, int row,
                                                 int chunk, const float (&values)[kChunk]) {
        Operand::write(matrix_chunk<Operand::kTiles>(
                           arguments.output, divide_up(arguments.outputs, kTileColumns), row, chunk),
                       values, arguments.overflow);
    }
};

template <typename Operand>
struct Cross : ToOperand<Operand, false> {
    struct Inputs {
        typename Operand::Raw x0;
        typename Operand::Raw xl;
    };
    static __device__ __forceinline__ Inputs read(const LinearArguments& arguments, int row,
                                                  int chunk) {
        const int k_blocks = divide_up(arguments.outputs, kTileColumns);
        const int there = chunk_there(arguments, chunk);
        return {Operand::read(arguments.x0, k_blocks, row, there),
                Operand::read(arguments.xl, k_blocks, row, there)};
    }
    static __device__ __forceinline__ Bias bias(const LinearArguments& arguments, int chunk) {
        return {arguments, chunk, 1.0f};
    }
    static __device__ __forceinline__ void finish(const LinearArguments& arguments,
                                                  const Bias& bias, const Inputs& inputs,
                                                  float (&values)[kChunk]) {
        add_bias(arguments, bias, 1.0f, values);
        float x0[kChunk];
        float xl[kChunk];
        Operand::unpack(x0, inputs.x0);
        Operand::unpack(xl, inputs.xl);
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            values[i] = x0[i] * values[i] + xl[i];
        }
    }
};

template <typename Element>
struct ReluToVectors {
    static constexpr bool kToOperand = false;
    static constexpr bool kToScore = false;

    static __device__ __forceinline__ int chunks(int outputs) { return divide_up(outputs, kChunk); }
    using Inputs = NoInputs;
    static __device__ __forceinline__ NoInputs read(const LinearArguments&, int, int) { return {}; }
    static __device__ __forceinline__ Bias bias(const LinearArguments& arguments, int chunk) {
        return {arguments, chunk, 1.0f};
    }
    static __device__ __forceinline__ void finish(const LinearArguments& arguments,
                                                  const Bias& bias, NoInputs,
                                                  float (&values)[kChunk]) {
        add_bias(arguments, bias, 1.0f, values);
        relu(values);
    }
    static __device__ __forceinline__ void store(const LinearArguments& arguments, int row,
                                                 int chunk, const float (&values)[kChunk]) {
        store_elements(static_cast<Element*>(arguments.output) +
                           (static_cast<long long>(row) * chunks(arguments.outputs) + chunk) *
                               kChunk,
                       values);
    }
};

// Its outputs never leave the registers: dot is what eight of them add to their row's logit.
struct ReluToScore {
    static constexpr bool kToOperand = false;
    static constexpr bool kToScore = true;
    using Inputs = NoInputs;

    static __device__ __forceinline__ float dot(const LinearArguments& arguments, int chunk,
                                                float (&values)[kChunk]) {
        if (chunk * kChunk >= arguments.outputs) {
            return 0.0f;
        }
        add_bias(arguments, {arguments, chunk, 1.0f}, 1.0f, values);
        relu(values);
        float weights[kChunk];
        load_elements(weights, arguments.last.weight + chunk * kChunk);
        float sum = 0.0f;
#pragma unroll
        for (int i = 0; i < kChunk; i++) {
            sum = fmaf(values[i], weights[i], sum);
        }
        return sum;
    }
};

#include "linear_sm80.cuh"
#include "linear_sm90.cuh"

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define LINEAR_KERNEL(entry, ...)                                     \
    extern "C" __global__ void __cluster_dims__(kLinearCluster, 1, 1) \
        __launch_bounds__(kLinearThreadsSm90, 1) entry(__VA_ARGS__)
#define LINEAR linear_sm90
#else
#define LINEAR_KERNEL(entry, ...) \
    extern "C" __global__ void __launch_bounds__(kLinearThreadsSm80, 1) entry(__VA_ARGS__)
#define LINEAR linear_sm80
#endif

#define LINEAR_ENTRY(entry, Operand, ...)                                                        \
    LINEAR_KERNEL(entry, const void* input, const void* weight, const float* bias, void* output, \
                  int inputs, int outputs, const int* rows, float unscale, float scale,          \
                  unsigned* overflow) {                                                          \
        LINEAR<Operand, __VA_ARGS__>({input, weight, bias, output, inputs, outputs, rows,        \
                                      unscale, scale, overflow});                                \
    }

#define LINEAR_CROSS_ENTRY(entry, Operand)                                                       \
    LINEAR_KERNEL(entry, const void* input, const void* weight, const float* bias, void* output, \
                  int inputs, int outputs, const int* rows, float unscale, float scale,          \
                  unsigned* overflow, const void* x0, const void* xl) {                          \
        LINEAR<Operand, Cross<Operand>>({input, weight, bias, output, inputs, outputs, rows,     \
                                         unscale, scale, overflow, x0, xl});                     \
    }

#define LINEAR_SCORE_ENTRY(entry, Operand)                                                        \
    LINEAR_KERNEL(entry, const void* input, const void* weight, const float* bias, int inputs,    \
                  int outputs, const int* rows, float unscale, const float* last_weight,          \
                  const float* last_bias, float* logits, float* scores) {                         \
        LINEAR<Operand, ReluToScore>({input, weight, bias, nullptr, inputs, outputs, rows,        \
                                      unscale, 1.0f, nullptr, nullptr, nullptr,                   \
                                      {last_weight, last_bias, logits, scores}});                 \
    }

//           entry                     operands  epilogue
LINEAR_ENTRY(linear_relu_bf16,         F16,      ToOperand<F16, true>)
LINEAR_ENTRY(linear_relu_f32,          SplitF16, ToOperand<SplitF16, true>)
LINEAR_ENTRY(linear_plain_bf16,        F16,      ToOperand<F16, false>)
LINEAR_ENTRY(linear_plain_f32,         SplitF16, ToOperand<SplitF16, false>)
LINEAR_ENTRY(linear_relu_vectors_bf16, F16,      ReluToVectors<__nv_bfloat16>)
LINEAR_ENTRY(linear_relu_vectors_f32,  SplitF16, ReluToVectors<float>)
LINEAR_CROSS_ENTRY(linear_cross_bf16,  F16)
LINEAR_CROSS_ENTRY(linear_cross_f32,   SplitF16)
LINEAR_SCORE_ENTRY(linear_score_bf16,  F16)
