#include "cost_slots.h"

namespace convx::cost {
namespace {

// Fitted to the times of benchmarks/sweep_algorithms.py, by fit_costs.py: the ones of up to 32 bytes on Zen 3, of 64 on
// Zen 4. By name, as a list would silently be out of step with the struct.
constexpr Slots up_to_32_bytes() {
    Slots s{};
    s.latency = 8;
    s.tile = 12;
    s.direct_tile = 5.64;
    s.pixel_tile = 4.52;
    s.pixel_channel = 3.58;
    s.point_tile = 72.9;
    s.weight_far = 3.53;
    s.turn_vector = 28.5;
    s.direct_far = 0.433;
    s.direct_far_taps = 3.72;
    s.direct_strided = 4.89;
    s.direct_pack = 6.21;
    s.sum_vector = 0.333;
    s.pack_term = 5.82;
    s.pack_vector = 3.43;
    s.pack_place = 2.88;
    s.input_byte = 0.055;
    s.remote_byte = 0.197;
    s.copy_vector = 4.24;
    s.copy_row = 50.2;
    s.pack_weight = 1.2;
    s.pixel_far = 1.15;
    s.pixel_vector = 3.7;
    s.input_point = 7.5;
    s.input_pixel = 10;
    s.far_point = 3.5;
    s.memory_point = 3.5;
    s.output_point = 7;
    s.output_pixel = 8;
    s.cached_vector = 3.2;
    s.memory_vector = 4;
    s.bare_vector = 6.4;
    s.cold_vector = 4.83;
    s.winograd = 0.972;
    s.input_phases = 1.12;
    s.output_phases = 1.06;
    s.scattered = 5;
    s.join_vector = 12;
    s.pack_point = 10;
    s.cached_byte = 0.00819;
    s.memory_byte = 0.0224;
    s.fft = 0.8;
    s.fft_product = 14.2;
    s.spectra_byte = 0.0447;
    s.spectra_far = 0.348;
    s.depthwise_tap = 1.35;
    s.depthwise_held = 1.15;
    s.depthwise_wide = 1.6;
    s.depthwise_row = 3.09;
    s.turn_pixel = 5.97;
    s.channel_tap = 1.05;
    s.channel_any_tap = 2.12;
    s.tap_row = 12.4;
    s.channel_row = 32.1;
    s.last_vector = 16;
    s.stage_vector = 40;
    return s;
}

constexpr Slots of_64_bytes() {
    Slots s = up_to_32_bytes();
    s.latency = 4;
    s.tile = 4.49;
    s.pixel_channel = 0.0522;
    s.point_tile = 63.1;
    s.weight_far = 1.06;
    s.turn_vector = 11.2;
    s.direct_far = 0.522;
    s.direct_strided = 0.174;
    s.direct_pack = 9.97;
    s.sum_vector = 2.71;
    s.pack_term = 14.5;
    s.pack_vector = 0.268;
    s.pack_place = 4.08;
    s.input_byte = 0.0237;
    s.remote_byte = 0.115;
    s.copy_vector = 9.14;
    s.copy_row = 18.8;
    s.pixel_far = 0.683;
    s.pixel_vector = 3.15;
    s.memory_vector = 3.69;
    s.bare_vector = 4.8;
    s.cold_vector = 2.3;
    s.input_pixel = 7.18;
    s.far_point = 9.64;
    s.pack_point = 0.8;
    s.winograd = 1.07;
    s.input_phases = 1.09;
    s.output_phases = 1.11;
    s.channel_tap = 1.11;
    s.channel_any_tap = 3;
    s.tap_row = 4.69;
    s.cached_byte = 0.0511;
    s.fft_product = 6.79;
    s.spectra_byte = 0.0392;
    s.spectra_far = 0.168;
    s.direct_tile = 5.05;
    s.pixel_tile = 5.56;
    s.direct_far_taps = 2.1;
    s.memory_byte = 0.0346;
    s.depthwise_tap = 0.99;
    s.depthwise_wide = 1.62;
    s.depthwise_row = 5.19;
    s.turn_pixel = 11.1;
    s.channel_row = 53;
    s.last_vector = 15.9;
    s.input_point = 5.66;
    s.output_point = 5.88;
    s.output_pixel = 8.1;
    s.cached_vector = 2.01;
    s.join_vector = 9.01;
    s.fft = 0.766;
    s.depthwise_held = 1.31;
    s.scattered = 3.17;
    s.memory_point = 25;
    return s;
}

constexpr Slots UP_TO_32_BYTES = up_to_32_bytes(), OF_64_BYTES = of_64_bytes();

}  // namespace

const Slots& slots_of(double vector_bytes) { return vector_bytes > 32 ? OF_64_BYTES : UP_TO_32_BYTES; }

}  // namespace convx::cost
