#include "resample.h"

#include <algorithm>
#include <type_traits>

#include "../runtime/context.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"

namespace convx::elementwise {
namespace {

constexpr int64_t LONGEST_ROW = TASK_ELEMENTS / 2;

// Whole rows, each times a weight.
template <class T>
void blend(const ResampleArrays<T>& a, const Context& context) {
    const PixelKernels& k = context.pixels<T>();
    Workspace workspace(context.threads);
    const auto rows = workspace.own<const void*>(a.taps);
    const auto weights = workspace.own<T>(a.taps);
    workspace.allocate();
    const Pieces columns{a.inner, std::min(a.inner, LONGEST_ROW)};
    const Pieces bands = worth_a_task(a.outer * a.resized * columns.count(), (a.taps + 1) * columns.size);
    parallel_pieces(bands, context.threads, [&](const Range& some, int thread) {
        const void** const src = workspace.at(rows, thread);
        T* const w = workspace.at(weights, thread);
        for (int64_t i = some.begin; i < some.end; ++i) {
            const Range part = columns.at(i % columns.count());
            const int64_t row = i / columns.count(), r = row % a.resized;
            const T* const x = a.x + row / a.resized * a.length * a.inner + part.begin;
            for (int64_t t = 0; t < a.taps; ++t) {
                src[t] = x + a.index[t * a.resized + r] * a.inner;
                w[t] = a.weight[t * a.resized + r];
            }
            k.filter_columns(
                {src, w, a.y + row * a.inner + part.begin, 1, a.taps, part.size(), 0, std::is_same_v<T, double>, {}});
        }
    });
}

// Elements picked out of rows: whole vectors of them, into rows of scratch.
template <class T>
void sample(const ResampleArrays<T>& a, const Context& context) {
    const Kernels<T>& k = context.kernels<T>();
    const int64_t points = round_up(a.resized, k.lanes);
    const Pieces bands = worth_a_task(a.outer, 2 * points);
    Workspace workspace(context.threads);
    const auto offsets = workspace.shared<int64_t>(a.taps * points);
    const auto weights = workspace.shared<T>(a.taps * points);
    const auto sums = workspace.own<T>(bands.size * points);
    workspace.allocate();
    int64_t* const offset = workspace.at(offsets);
    T* const weight = workspace.at(weights);
    for (int64_t t = 0; t < a.taps; ++t)
        for (int64_t i = 0; i < points; ++i) {
            offset[t * points + i] = i < a.resized ? a.index[t * a.resized + i] : 0;
            weight[t * points + i] = i < a.resized ? a.weight[t * a.resized + i] : T(0);
        }
    parallel_pieces(bands, context.threads, [&](const Range& some, int thread) {
        T* const row = workspace.at(sums, thread);
        k.sample_rows({a.x + some.begin * a.length, row, offset, weight, some.size(), a.length, points, a.resized,
                       points, static_cast<int32_t>(a.taps)});
        for (int64_t r = 0; r < some.size(); ++r)
            std::copy_n(row + r * points, a.resized, a.y + (some.begin + r) * a.resized);
    });
}

}  // namespace

template <class T>
void resample(const ResampleArrays<T>& a) {
    const double count = static_cast<double>(a.outer) * static_cast<double>(a.resized) * static_cast<double>(a.inner);
    if (count == 0) return;
    const Context context = decide(count * static_cast<double>(a.taps) * 2);
    a.inner == 1 ? sample(a, context) : blend(a, context);
}

#define CONVX_INSTANTIATE(T) template void resample(const ResampleArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
