// Winograd's transforms, bytes read and written a second, and its products.
#include "../../tests/kernels/cases.h"

namespace convx::CONVX_ISA {

using kernel_bench::Array;
using kernel_bench::levels;
using kernel_bench::no_epilogue;

namespace {

constexpr int64_t N = 6, M = 4, R = 3;  // F(4x4, 3x3)

// A row of tiles, `taps` of the inputs of each along an axis, that share none of them.
template <class T>
void tiles(Bench& bench, const Kernels<T>& k, int64_t taps, void (*kernel)(const WinogradInput<T>&)) {
    constexpr int64_t CHANNELS = 64;
    for (const Level& level : levels()) {
        const int64_t each = (taps * taps + N * N) * CHANNELS;
        const int64_t count = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1);
        const int64_t x_tap = count * taps * CHANNELS, v_point = count * CHANNELS + k.nr;
        Array<T> x(taps * x_tap), v(N * N * v_point);
        bench.bytes(level, double(count * each * int64_t(sizeof(T))),
                    [&] { kernel({x, v, 1, count, CHANNELS, 0, x_tap, CHANNELS, taps, CHANNELS, v_point, N, N}); });
    }
}

}  // namespace

template <class T>
void Float<T>::winograd_input(Bench& bench, const Kernels<T>& k) {
    tiles(bench, k, N, k.winograd_input);
}
template <class T>
void Float<T>::winograd_grad_output(Bench& bench, const Kernels<T>& k) {
    tiles(bench, k, M, k.winograd_grad_output);
}

template <class T>
void Float<T>::winograd_products(Bench& bench, const Kernels<T>& k) {
    constexpr int64_t TILES = 48;
    for (const Level& level : levels()) {
        const int64_t each = (TILES + k.nr) * int64_t(sizeof(T));
        const int64_t channels = std::max<int64_t>(level.bytes / each / k.lanes * k.lanes, k.lanes),
                      v_tile = channels + 16;
        Array<T> v(TILES * v_tile), u(channels * k.nr), m(TILES * k.nr);
        bench.operations(level, 2.0 * double(TILES * channels * k.nr), [&] {
            k.winograd_products({v, u, m, nullptr, TILES, 1, channels, 0, v_tile, 0, k.nr, k.nr, true});
        });
    }
}

template <class T>
void Float<T>::winograd_weight(Bench& bench, const Kernels<T>& k) {
    Array<double> g(N * R);
    for (const Level& level : levels()) {
        const int64_t each = (R * R + N * N) * k.nr;
        const int64_t channels = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1);
        Array<T> w(channels * R * R * k.nr), u(N * N * channels * k.nr);
        bench.bytes(level, double(channels * each * int64_t(sizeof(T))),
                    [&] { k.winograd_weight({w, u, g, g, channels, R * R * k.nr, channels * k.nr, N, N, R, R}); });
    }
}

template <class T>
void Float<T>::winograd_output(Bench& bench, const Kernels<T>& k) {
    for (const Level& level : levels()) {
        const int64_t each = (N * N + M * M) * k.nr;
        const int64_t tiles = std::max<int64_t>(level.bytes / (each * int64_t(sizeof(T))), 1), width = tiles * M;
        Array<T> m(N * N * (tiles * k.nr + 16)), out(k.nr * M * width);
        bench.bytes(level, double(tiles * each * int64_t(sizeof(T))), [&] {
            k.winograd_output({m, out, tiles, width, M, tiles * k.nr + 16, k.nr, M * width, width, 1, 1, k.nr, N, N, M,
                               M, no_epilogue<T>()});
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
