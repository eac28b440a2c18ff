// Global pooling: an image is one run of elements in memory.
#include <algorithm>

#include "../runtime/buffer.h"
#include "../runtime/parallel.h"
#include "../shape/integer_math.h"
#include "pool_paths.h"

namespace convx::pool::images {
namespace {

// Longer images are cut into pieces, by their size alone: the order of a sum must not depend on the threads.
constexpr int64_t PIECE = 4 * TASK_ELEMENTS;

bool whole(const Axis& a) { return a.out == 1 && a.lo >= 0 && a.dilation == 1 && a.kernel - a.lo >= a.in; }

// Images [first, last) of pooled images, cut where a new batch entry begins.
template <class T>
void pool_range(const PoolCall<T>& call, int64_t first, int64_t last, int64_t count, T divisor) {
    const auto kernel = call.kind == Kind::max ? call.kernels.images_max : call.kernels.images_average;
    const int64_t channels = call.shape.c;
    while (first < last) {
        const int64_t c = first % channels, images = std::min(last - first, channels - c);
        kernel({plane_of(call.x, channels, first), call.out + first, divisor, images, count, call.x.c});
        first += images;
    }
}

template <class T>
void pool_pieces(const PoolCall<T>& call, int64_t images, int64_t count, T divisor) {
    const auto kernel = call.kind == Kind::max ? call.kernels.images_max : call.kernels.images_average;
    const int64_t pieces = ceil_div(count, PIECE), channels = call.shape.c;
    const Buffer<T> partial(images * pieces);
    parallel_tasks(images * pieces, call.threads, [&](int64_t task, int) {
        const int64_t image = task / pieces, start = task % pieces * PIECE;
        kernel({plane_of(call.x, channels, image) + start, partial.data() + task, T(1), 1,
                std::min(PIECE, count - start), 0});
    });
    kernel({partial.data(), call.out, divisor, images, pieces, pieces});
}

template <class T>
bool supports(const PoolCall<T>& call) {
    const PoolShape& s = call.shape;
    return (call.kind == Kind::max || call.kind == Kind::average) && whole(s.d) && whole(s.h) && whole(s.w) &&
           (call.x.w == 1 || s.w.in == 1) && (call.x.h == s.w.in || s.h.in == 1) &&
           (call.x.d == s.w.in * s.h.in || s.d.in == 1);
}

template <class T>
void run(const PoolCall<T>& call) {
    const PoolShape& s = call.shape;
    const T divisor = call.kind == Kind::average ? lone_divisor<T>(call.spec, s) : T(1);
    const int64_t images = s.n * s.c, count = s.d.in * s.h.in * s.w.in;
    if (count > PIECE) return pool_pieces(call, images, count, divisor);
    const int64_t step = std::clamp<int64_t>(TASK_ELEMENTS / count / 16 * 16, 16, round_up(images, 16));
    parallel_pieces({images, step}, call.threads,
                    [&](const Range& some, int) { pool_range(call, some.begin, some.end, count, divisor); });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "images";
    a.summary = "whole maps: an image is one run of elements";
    a.supports = supports<T>;
    a.cost = 1;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::pool::images
