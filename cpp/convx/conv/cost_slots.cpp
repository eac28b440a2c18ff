#include "cost_slots.h"

namespace convx::cost {
namespace {

// Fitted to the times of benchmarks/sweep_algorithms.py on Zen 4.
constexpr Slots UP_TO_32_BYTES = {
    /* latency */ 11.2,
    /* tile */ 23.6,
    /* turn_vector */ 27.1,
    /* direct_far */ 0.501,
    /* sum_vector */ 0.5,
    /* pack_vector */ 7.3,
    /* pack_place */ 0.375,
    /* input_byte */ 0.123,
    /* copy_vector */ 11.1,
    /* copy_row */ 52.7,
    /* pack_weight */ 1.2,
    /* pixel_far */ 1.51,
    /* pixel_vector */ 5.14,
    /* input_point */ 15.7,
    /* input_pixel */ 6.21,
    /* output_point */ 11.1,
    /* output_pixel */ 3.44,
    /* pack_point */ 0.8,
    /* cached_byte */ 0.0386,
    /* memory_byte */ 0.657,
    /* depthwise_tap */ 1.35,
    /* depthwise_wide */ 3.06,
    /* depthwise_row */ 7.5,
    /* turn_pixel */ 19,
    /* channel_tap */ 0.577,
    /* channel_row */ 50.6,
    /* stage_vector */ 40,
};
constexpr Slots OF_64_BYTES = {
    /* latency */ 11.2,
    /* tile */ 23.6,
    /* turn_vector */ 27.1,
    /* direct_far */ 0.501,
    /* sum_vector */ 0.5,
    /* pack_vector */ 7.3,
    /* pack_place */ 0.375,
    /* input_byte */ 0.123,
    /* copy_vector */ 11.1,
    /* copy_row */ 52.7,
    /* pack_weight */ 1.2,
    /* pixel_far */ 1.51,
    /* pixel_vector */ 5.14,
    /* input_point */ 15.7,
    /* input_pixel */ 6.21,
    /* output_point */ 11.1,
    /* output_pixel */ 3.44,
    /* pack_point */ 0.8,
    /* cached_byte */ 0.0386,
    /* memory_byte */ 0.657,
    /* depthwise_tap */ 1.35,
    /* depthwise_wide */ 3.06,
    /* depthwise_row */ 7.5,
    /* turn_pixel */ 19,
    /* channel_tap */ 0.577,
    /* channel_row */ 50.6,
    /* stage_vector */ 40,
};

}  // namespace

const Slots& slots_of(double vector_bytes) { return vector_bytes > 32 ? OF_64_BYTES : UP_TO_32_BYTES; }

}  // namespace convx::cost
