// Checks the kernels against plain loops in double, on a CPU. See emulator.hpp.
#include "check_embedding.hpp"
#include "check_interaction.hpp"
#include "check_linear.hpp"
#include "check_pipeline.hpp"
#include "check_variants.hpp"

int main() {
    using namespace checks;
    check_ids_unpacks_and_reports();
    check_ids_hashes();
    check_ids_checks_offsets();
    check_rename_ids();
    check_widen_ints();
    check_embedding_bags();
    check_variants();
    check_pack<F16>("bf16", pack_dense_bf16, pack_weight_bf16);
    check_pack<SplitF16>("f32", pack_dense_f32, pack_weight_f32);
    check_dot_interactions();
    check_wide_dot_interactions();
    check_concatenates();
    check_score<F16>("bf16", score_bf16);
    check_score<SplitF16>("f32", score_f32);
    check_linears();
    check_pipelines();
    std::printf(failures == 0 ? "kernels: all right on the emulator\n" : "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
