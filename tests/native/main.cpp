// convx_native [cases of each family] [seed]: exit status 1 when any result is wrong.
#include <cstdio>
#include <cstdlib>

#include "../../cpp/convx/runtime/isa.h"
#include "../../cpp/convx/runtime/threads.h"
#include "families.h"

int main(int argc, char** argv) {
    using namespace convx::native;
    const Plan plan{argc > 1 ? std::atoll(argv[1]) : 60, argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1};
    std::printf("instruction sets:");
    for (const convx::Isa* isa : convx::usable_isas()) std::printf(" %s", isa->name);
    std::printf("; OpenMP: %s\n", *convx::openmp_version() ? convx::openmp_version() : "none");
    bool right = true;
    for (const auto check :
         {check_conv, check_transposed, check_integer, check_quantized, check_weight_gradient, check_pool,
          check_pool_indices, check_pool_gradient, check_columns, check_deform, check_oversubscription, check_team})
        right = check(plan) && right;
    std::puts(right ? "all right" : "WRONG RESULTS");
    return right ? 0 : 1;
}
