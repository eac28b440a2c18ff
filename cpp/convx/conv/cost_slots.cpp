#include "cost_slots.h"

namespace convx::cost {
namespace {

// Fitted to the times of benchmarks/sweep_algorithms.py on Zen 4.
constexpr Slots UP_TO_32_BYTES = {6,  60, 8, 0.3, 4,   2,    3,    4,   12, 1.2, 0.3, 2, 7.5,
                                  16, 7,  8, 0.8, 0.1, 0.25, 1.05, 1.6, 3,  5,   1,   4, 40};
constexpr Slots OF_64_BYTES = {6,  60, 8, 0.3, 4,   2,    3,    4,   12, 1.2, 0.3, 2, 7.5,
                               16, 7,  8, 0.8, 0.1, 0.25, 1.05, 1.6, 3,  5,   1,   4, 40};

}  // namespace

const Slots& slots_of(double vector_bytes) { return vector_bytes > 32 ? OF_64_BYTES : UP_TO_32_BYTES; }

}  // namespace convx::cost
