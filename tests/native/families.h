// What the driver checks: each runs that many random cases and prints its lines. False when anything was wrong.
#pragma once
#include <cstdint>

namespace convx::native {

struct Plan {
    int64_t cases;
    uint64_t seed;
};

bool check_conv(const Plan& plan);
bool check_transposed(const Plan& plan);
bool check_integer(const Plan& plan);
bool check_quantized(const Plan& plan);
bool check_weight_gradient(const Plan& plan);
bool check_pool(const Plan& plan);
bool check_pool_indices(const Plan& plan);
bool check_pool_gradient(const Plan& plan);
bool check_columns(const Plan& plan);
bool check_deform(const Plan& plan);
bool check_oversubscription(const Plan& plan);
bool check_team(const Plan& plan);

}  // namespace convx::native
