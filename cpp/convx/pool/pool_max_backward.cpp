// The gradient of a maximum goes to where the maximum was.
#include <atomic>

#include "../runtime/trace.h"
#include "pool_backward.h"
#include "pool_planes.h"

namespace convx::pool {
namespace {

// Whether all indices lie in [0, size): then neither an index nor its distance to the last element has its sign bit
// set.
bool fits(const int64_t* index, int64_t step, int64_t count, int64_t size) {
    const auto last = static_cast<uint64_t>(size) - 1;
    uint64_t bits = 0;
    const auto add = [&](int64_t i) { bits |= static_cast<uint64_t>(i) | (last - static_cast<uint64_t>(i)); };
    if (step == 1)
        for (int64_t q = 0; q < count; ++q) add(index[q]);
    else
        for (int64_t q = 0; q < count; ++q) add(index[q * step]);
    return !(bits >> 63);
}

// False at an index outside of [0, size). Each is read once: another thread may write to the caller's array meanwhile.
template <class T>
bool scatter(const T* gy, int64_t g_step, const int64_t* index, int64_t i_step, int64_t count, T* gx, int64_t size) {
    for (int64_t q = 0; q < count; ++q) {
        const int64_t i = __atomic_load_n(index + q * i_step, __ATOMIC_RELAXED);
        if (static_cast<uint64_t>(i) >= static_cast<uint64_t>(size)) return false;
        gx[i] += gy[q * g_step];
    }
    return true;
}

bool indices_fit(const PoolShape& s, const View<const int64_t>& indices, int threads) {
    std::atomic<bool> fit{true};
    for_each_item(s.n * s.c, plane_out(s), threads, [&](int64_t plane, int) {
        const int64_t* first = plane_of(indices, s.c, plane);
        Pace pace;
        for (int64_t d = 0; d < s.d.out; ++d)
            for (int64_t p = 0; p < s.h.out; ++p, pace.step(std::min(s.w.out, CHECKED_STEPS)))
                in_pieces(s.w.out, [&](int64_t q, int64_t n) {
                    const int64_t* row = first + d * indices.d + p * indices.h + q * indices.w;
                    if (!fits(row, indices.w, n, plane_in(s))) fit = false;
                });
    });
    return fit;
}

}  // namespace

template <class T>
bool run_backward(const MaxBackward<T>& call, bool check_first, const Context& context) {
    trace::ran("scatter");
    if (check_first && !indices_fit(call.shape, call.indices, context.threads)) return false;
    const PoolShape& s = call.shape;
    const int64_t size = plane_in(s);
    const bool rows_join = call.gy.w == 1 && call.gy.h == s.w.out && call.indices.w == 1 && call.indices.h == s.w.out;
    const int64_t rows = rows_join ? 1 : s.h.out, count = rows_join ? s.h.out * s.w.out : s.w.out;
    std::atomic<bool> fit{true};
    for_each_item(s.n * s.c, size + plane_out(s), context.threads, [&](int64_t plane, int) {
        T* gx = call.gx + plane * size;
        const T* gy = plane_of(call.gy, s.c, plane);
        const int64_t* indices = plane_of(call.indices, s.c, plane);
        fill(gx, size, T(0));
        Pace pace;
        for (int64_t d = 0; d < s.d.out; ++d)
            for (int64_t p = 0; p < rows; ++p, pace.step(std::min(count, CHECKED_STEPS)))
                in_pieces(count, [&](int64_t q, int64_t n) {
                    const int64_t* row = indices + d * call.indices.d + p * call.indices.h + q * call.indices.w;
                    const T* from = gy + d * call.gy.d + p * call.gy.h + q * call.gy.w;
                    if (!fit || !scatter(from, call.gy.w, row, call.indices.w, n, gx, size)) fit = false;
                });
    });
    return fit;
}

template <class T>
bool run_backward(const MaxBackward<T>& call, bool check_first) {
    const PoolShape& s = call.shape;
    const double elements = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(plane_in(s));
    return s.n == 0 || run_backward(call, check_first, decide(4 * elements));
}

#define CONVX_INSTANTIATE(T)                                 \
    template bool run_backward(const MaxBackward<T>&, bool); \
    template bool run_backward(const MaxBackward<T>&, bool, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::pool
