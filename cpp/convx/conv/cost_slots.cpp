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
    s.tile = 4.72;
    s.pixel_channel = 0.0506;
    s.point_tile = 60;
    s.weight_far = 0.485;
    s.turn_vector = 10;
    s.direct_far = 0.522;
    s.direct_strided = 0.2;
    s.direct_pack = 9.97;
    s.sum_vector = 2.39;
    s.pack_term = 13.5;
    s.pack_vector = 0.264;
    s.pack_place = 4.22;
    s.input_byte = 0.0227;
    s.remote_byte = 0.103;
    s.copy_vector = 8.84;
    s.copy_row = 17.6;
    s.pixel_far = 0.62;
    s.pixel_vector = 2.63;
    s.memory_vector = 3.99;
    s.bare_vector = 4.8;
    s.cold_vector = 3.29;
    s.input_pixel = 7.77;
    s.far_point = 9.81;
    s.pack_point = 0.8;
    s.winograd = 1.05;
    s.input_phases = 1.01;
    s.output_phases = 1.07;
    s.channel_tap = 1.16;
    s.channel_any_tap = 3;
    s.tap_row = 4.48;
    s.cached_byte = 0.0503;
    s.fft_product = 7.01;
    s.spectra_byte = 0.0382;
    s.spectra_far = 0.19;
    s.direct_tile = 5.04;
    s.pixel_tile = 5.5;
    s.direct_far_taps = 2.1;
    s.memory_byte = 0.0454;
    s.depthwise_tap = 0.978;
    s.depthwise_wide = 1.62;
    s.depthwise_row = 4.98;
    s.turn_pixel = 10.7;
    s.channel_row = 49;
    s.last_vector = 15.9;
    s.input_point = 5.72;
    s.output_point = 5.64;
    s.output_pixel = 8.03;
    s.cached_vector = 2.14;
    s.join_vector = 9.99;
    s.fft = 0.733;
    s.depthwise_held = 1.33;
    s.scattered = 2.63;
    s.memory_point = 25;
    return s;
}

constexpr Slots UP_TO_32_BYTES = up_to_32_bytes(), OF_64_BYTES = of_64_bytes();

}  // namespace

const Slots& slots_of(double vector_bytes) { return vector_bytes > 32 ? OF_64_BYTES : UP_TO_32_BYTES; }

}  // namespace convx::cost
