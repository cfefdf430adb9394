// All kernels of Nightjar in one module: each file below is one step of the pipeline.
#include "check_ids.cuh"
#include "concatenate.cuh"
#include "dot_interaction.cuh"
#include "dot_interaction_wide.cuh"
#include "embedding_bag.cuh"
#include "linear.cuh"
#include "pack.cuh"
#include "score.cuh"
