// All kernels of Nightjar in one module: each file below is one step of the pipeline.
#include "sigmoid.cuh"
