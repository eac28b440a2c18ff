// Winograd's transforms: bytes read and written a second.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;
using kernel_bench::no_epilogue;

namespace {

constexpr int64_t N = 6, M = 4, R = 3;  // F(4x4, 3x3)

// Rows of 16 tiles, `taps` elements of each.
template <class T>
void tiles(Bench& bench, int64_t taps, void (*kernel)(const WinogradInput<T>&)) {
    constexpr int64_t TILES = 16;
    std::vector<int64_t> tap;
    for (int64_t t = 0; t < taps; ++t) tap.push_back(t * TILES);
    for (const Level& level : levels()) {
        const int64_t each = (taps + N * N) * TILES, x_channel = taps * TILES;
        const int64_t channels = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1);
        Array<T> x(channels * x_channel), v(N * N * (channels * TILES + 16));
        bench.bytes(level, double(channels * each * int64_t(sizeof(T))), [&] {
            kernel({x, v, tap.data(), channels, 1, TILES, x_channel, 0, TILES, channels * TILES + 16, N});
        });
    }
}

}  // namespace

template <class T>
void Float<T>::winograd_input(Bench& bench, const Kernels<T>& k) {
    tiles(bench, N * N, k.winograd_input);
}
template <class T>
void Float<T>::winograd_grad_output(Bench& bench, const Kernels<T>& k) {
    tiles(bench, M * M, k.winograd_grad_output);
}

template <class T>
void Float<T>::winograd_weight(Bench& bench, const Kernels<T>& k) {
    Array<double> g(N * R);
    for (const Level& level : levels()) {
        const int64_t each = (R * R + N * N) * k.nr;
        const int64_t channels = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1);
        Array<T> w(channels * R * R * k.nr), u(N * N * channels * k.nr);
        bench.bytes(level, double(channels * each * int64_t(sizeof(T))),
                    [&] { k.winograd_weight({w, u, g, channels, channels * k.nr, N, R}); });
    }
}

template <class T>
void Float<T>::winograd_output(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t each = (N * N + M * M) * k.nr;
        const int64_t tiles = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1), width = tiles * M;
        Array<T> m(N * N * (tiles * k.nr + 16)), out(k.nr * M * width);
        bench.bytes(level, double(tiles * each * int64_t(sizeof(T))), [&] {
            k.winograd_output(
                {m, out, tiles, width, M, tiles * k.nr + 16, k.nr, M * width, width, 1, k.nr, N, M, no_epilogue<T>()});
        });
    }
}

template <class T>
void Float<T>::winograd_grad_weight(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t channels = std::max<int64_t>(level.bytes / ((N * N + R * R) * 64), 1) * 64 / int64_t(sizeof(T));
        Array<T> m(N * N * channels), w(R * R * channels);
        bench.bytes(level, double(channels * (N * N + R * R) * int64_t(sizeof(T))),
                    [&] { k.winograd_grad_weight({m, w, channels, channels, channels}); });
    }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
