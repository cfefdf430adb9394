// All kernels of Nightjar in one module: each file below is one step of the pipeline.
#include "check_ids.cuh"
#include "dot_interaction.cuh"
#include "embedding_bag.cuh"
#include "pack.cuh"
