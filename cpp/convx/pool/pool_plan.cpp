#include "pool_plan.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "../runtime/cache.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"

namespace convx::pool::strips {
namespace {

constexpr int64_t STRIP_BYTES = 12 * 1024;        // of reduced rows: the rest of L1 is for input and output
constexpr int64_t SMALL_STRIP_BYTES = 48 * 1024;  // where that is nearly always done in registers instead
constexpr int64_t TALL_STRIP_BYTES = 128 * 1024;  // where windows of many rows overlap from strip to strip: in L2
constexpr int64_t MOST = 256 * 1024;              // elements of a strip, whatever the window
constexpr int64_t PIECE_BYTES = 4 * 1024;         // of a longer row taken at a time
constexpr int64_t LONG_PIECE_BYTES = 16 * 1024;   // where rows are read as they lie
constexpr int64_t MOST_GROUPED = 10, GROUP = 4;   // rows of a window; windows of a group in pool_tall
constexpr int64_t TALL = 4, WIDE = 6;             // windows beyond are reduced at a cost that does not grow with them

bool is_flat(const PoolShape& s) { return s.d.in == 1 && s.d.kernel == 1 && s.d.out == 1 && s.h.dilation == 1; }

bool is_tall(const PoolShape& s) {
    const Axis h = trimmed(s.h);
    return h.kernel > TALL && h.kernel >= 3 * h.stride && is_flat(s);
}

// Windows so low that a few rows of them together are reduced in registers, along rows that are taken whole: rows that
// end alike do not lie in L1 for a walk down columns. Sums keep one order.
template <class T>
bool is_grouped(const PoolCall<T>& call) {
    const Axis h = trimmed(call.shape.h);
    const int64_t vector = call.kernels.lanes * static_cast<int64_t>(sizeof(T));
    const bool is_kernel =
        std::is_same_v<T, float> ? vector >= POOL_DOWN_BYTES : sizeof(T) < 4 && vector == POOL_DOWN_BYTES;
    return is_kernel && is_tall(call.shape) && call.kind != Kind::average && h.stride == 1 && h.kernel <= MOST_GROUPED;
}

Along along(const Axis& w) {
    if (w.stride == 2 && w.out > 1) return w.kernel == 2 ? Along::pairs : Along::triples;
    return w.kernel > WIDE && w.dilation == 1 ? Along::wide : Along::taps;
}

// The kernel masks the padding in the first and the last vector of a row, and in no other.
template <class T>
bool is_small(const PoolCall<T>& call, const Axis& w, Along how) {
    const PoolShape& s = call.shape;
    return std::is_floating_point_v<T> && call.pixel == 1 && is_flat(s) && w.lo <= call.kernels.lanes &&
           trimmed(s.h).kernel <= 3 && w.out > 1 &&
           (how == Along::pairs || how == Along::triples || (how == Along::taps && w.kernel == 3 && w.dilation == 1));
}

// Outputs of a row taken at a time. Of pixels, and of small windows that lie apart, about all that L1 holds: their rows
// are long enough for streams from beyond it. Pieces overlap by the window's extent.
int64_t piece(const Axis& w, int64_t pixel_bytes, int64_t bytes) {
    const int64_t usual = bytes / pixel_bytes;
    return std::max({usual / w.stride, std::min(4 * w.extent(), 16 * usual), w.extent()});
}

template <class T>
Across across(const PoolCall<T>& call) {
    const Axis w = trimmed(call.shape.w);
    const Along how = call.pixel > 1 ? Along::taps : along(w);
    const bool whole = call.pixel > 1 || (is_small(call, w, how) && how != Along::taps);
    const int64_t bytes = whole ? caches().l1 : is_grouped(call) ? LONG_PIECE_BYTES : PIECE_BYTES;
    const int64_t size = piece(w, call.pixel * static_cast<int64_t>(sizeof(T)), bytes);
    return {w, how, {w.out, even_part(w.out, size)}, 0, 0};
}

template <class T>
Way way_of(const PoolCall<T>& call, const Across& w) {
    const PoolShape& s = call.shape;
    const Axis& a = w.axis;
    if (is_tall(s)) return Way::tall;
    if (is_small(call, a, w.how)) return Way::small;
    return call.kind != Kind::average && a.kernel == 1 && a.stride == 1 && a.lo == 0 && a.in >= a.out ? Way::direct
                                                                                                      : Way::rows;
}

// Whether pool_small may go by columns: windows of 3x3 that move by one, and a small part of L1 holds the input of a
// row. Vectors of 64 bytes cross lines with every tap: what their ends take along rows soon is less than that.
template <class T>
bool goes_down(const PoolCall<T>& call, Way way, const Across& w, const Axis& h) {
    if constexpr (std::is_floating_point_v<T>) {
        const int64_t vector = call.kernels.lanes * static_cast<int64_t>(sizeof(T)),
                      bytes = w.columns(w.outputs.size) * static_cast<int64_t>(sizeof(T));
        return vector >= POOL_DOWN_BYTES && way == Way::small && w.how == Along::taps && h.kernel == w.axis.kernel &&
               h.stride == 1 && h.lo <= 1 && bytes <= caches().l1 / (vector > POOL_DOWN_BYTES ? 128 : 8);
    }
    return false;
}

// 1/n where that is exact, else 0.
template <class T>
T exact_reciprocal(T n) {
    int exponent;
    return std::is_floating_point_v<T> && std::abs(std::frexp(n, &exponent)) == 0.5 ? 1 / n : 0;
}

}  // namespace

template <class T>
StripPlan<T>::StripPlan(const PoolCall<T>& c)
    : call(c),
      s(c.shape),
      w(across(c)),
      h{trimmed(s.h), {s.d.out * s.h.out}, 1},
      way(way_of(c, w)),
      down(goes_down(c, way, w, h.axis)),
      workspace(c.threads) {
    lay_out_rows();
    cut_rows();
    const Range all = offsets_of(c.x, s.n, s.c, s.d.in, s.h.in, s.w.in * c.pixel);
    if ((all.end - all.begin) * static_cast<int64_t>(sizeof(T)) > caches().l3 / 4)
        ahead = round_up(caches().l1 / 2 / static_cast<int64_t>(sizeof(T)), 2 * std::max<int64_t>(std::abs(c.x.h), 1));
    begin = c.x.data + all.begin;
    end = c.x.data + all.end;
    const bool average = c.kind == Kind::average;
    windows = workspace.shared<WindowRows>(way == Way::tall ? 0 : h.rows.total);
    widths = workspace.shared<T>(average ? s.w.out + c.kernels.lanes : 0);
    heights = workspace.shared<T>(average ? h.rows.total : 0);
    scratch = workspace.own<T>(reduced() + spare());
}

template <class T>
void StripPlan<T>::fill() {
    if (way != Way::tall) list_windows(workspace.at(windows));
    if (call.kind == Kind::average) list_divisors(workspace.at(widths), workspace.at(heights));
    if (!dirty())
        for (int t = 0; t < call.threads; ++t) std::fill_n(workspace.at(scratch, t), reduced(), neutral());
}

// Padding and input of a row of windows, as much as one piece of it needs. Rows of a few vectors at least are aligned.
// Others lie close to each other: those of less than a vector are stored as a whole one, and wide windows walk over
// all.
template <class T>
void StripPlan<T>::lay_out_rows() {
    const int64_t pixel = call.pixel, most = w.columns(w.outputs.size) * pixel, lanes = call.kernels.lanes;
    w.origin = std::clamp<int64_t>(w.axis.lo * pixel, 0, most);
    if (way == Way::direct) {
        w.pitch = w.axis.out * pixel;
    } else if (w.axis.in * pixel < (w.how == Along::wide ? 4 * lanes : lanes)) {
        w.pitch = std::max(most, w.origin + lanes);
    } else {
        w.origin = round_up(w.origin, lanes);
        w.pitch = round_up(w.origin + most, lanes);
    }
}

template <class T>
void StripPlan<T>::cut_rows() {
    const bool tall = way == Way::tall;
    const int64_t bytes = tall                ? TALL_STRIP_BYTES
                          : down              ? caches().l1 / 2
                          : way == Way::small ? SMALL_STRIP_BYTES
                          : call.pixel > 1    ? caches().l1
                                              : STRIP_BYTES;
    const int64_t strip = bytes / static_cast<int64_t>(sizeof(T)), all = h.rows.total;
    const int64_t overlapping = tall ? std::min(2 * h.axis.kernel, MOST / w.pitch) : 1;
    h.rows.size = even_part(all, std::max({strip / w.pitch, overlapping, int64_t{1}}));
    if (h.rows.size < all && is_grouped(call)) h.rows.size = even_part(all, rows_of_groups());
    const bool whole = h.rows.count() * w.outputs.count() == 1;
    const int64_t together = tall ? STRIP_BYTES / static_cast<int64_t>(sizeof(T)) : strip;
    h.images = whole ? std::max<int64_t>(together / (w.pitch * all), 1) : 1;
}

// Whole groups, fewer than a window has rows, that fill half of L1.
template <class T>
int64_t StripPlan<T>::rows_of_groups() const {
    const int64_t fit = std::min(caches().l1 / 2 / (w.pitch * static_cast<int64_t>(sizeof(T))), h.axis.kernel - 1);
    return std::max(fit / GROUP * GROUP, GROUP);
}

template <class T>
int64_t StripPlan<T>::reduced() const {
    if (way == Way::direct) return 0;
    return (way == Way::small ? 1 : h.images) * h.rows.size * w.pitch + 2 * call.kernels.lanes;
}

template <class T>
bool StripPlan<T>::dirty() const {
    return way == Way::small || (way != Way::direct && w.outputs.count() > 1);
}

template <class T>
int64_t StripPlan<T>::spare() const {
    const int64_t lanes = call.kernels.lanes, tall = way == Way::tall ? POOL_TALL_VECTORS * lanes * h.axis.kernel : 0;
    if (w.how != Along::wide) return tall;
    int64_t levels = 0;
    for (int64_t width = 4; width <= w.axis.kernel; width *= 4) ++levels;
    return std::max(tall, levels * (std::max(POOL_WIDE_GROUP, w.pitch) + 2 * lanes));
}

template <class T>
void StripPlan<T>::list_windows(WindowRows* list) const {
    const View<const T>& x = call.x;
    for (int64_t d = 0; d < s.d.out; ++d) {
        const Range depth = live_taps(s.d, d, d + 1);
        for (int64_t p = 0; p < s.h.out; ++p, ++list) {
            const Range height = live_taps(s.h, p, p + 1);
            const int64_t first = (d * s.d.stride - s.d.lo + depth.begin * s.d.dilation) * x.d +
                                  (p * s.h.stride - s.h.lo + height.begin * s.h.dilation) * x.h;
            const bool all = p == 0 || (d * s.h.out + p) % h.rows.size == 0 || s.h.dilation > 1;
            if (depth.empty() || height.empty())
                *list = {};
            else
                *list = {first, depth.size(), height.size(), all ? height.size() : std::min(s.h.stride, height.size())};
        }
    }
}

template <class T>
void StripPlan<T>::list_divisors(T* width, T* height) {
    const PoolSpec& spec = call.spec;
    const bool include = spec.count_include_pad;
    for (int64_t q = 0; q < s.w.out; ++q)
        width[q] = static_cast<T>(spec.divisor ? *spec.divisor : counted(s.w, q, include));
    std::fill(width + s.w.out, width + s.w.out + call.kernels.lanes, T(1));
    for (int64_t d = 0; d < s.d.out; ++d)
        for (int64_t p = 0; p < s.h.out; ++p)
            height[d * s.h.out + p] =
                static_cast<T>(spec.divisor ? 1 : counted(s.d, d, include) * counted(s.h, p, include));
    const bool uniform = std::count(width, width + s.w.out, *width) == s.w.out &&
                         std::count(height, height + h.rows.total, *height) == h.rows.total;
    divisor = {width, height, uniform ? exact_reciprocal(static_cast<T>(*width * *height)) : T(0)};
}

#define CONVX_INSTANTIATE(T) template struct StripPlan<T>;
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool::strips
