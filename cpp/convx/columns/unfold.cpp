#include "unfold.h"

#include <algorithm>

#include "../data/row_layout.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../shape/message.h"
#include "../shape/window.h"

namespace convx {
namespace {

// C * taps, which a broadcast input or a vast kernel could push over 63 bits.
int64_t checked_rows(const UnfoldSpec& spec, int64_t channels) {
    int64_t rows = channels;
    for (const Window& w : spec.window)
        if (__builtin_mul_overflow(rows, w.kernel, &rows))
            fail(spec.function, "columns must be fewer than 2**63 bytes (their size overflows)",
                 std::to_string(channels) + " channels");
    return rows;
}

void resolve(const UnfoldSpec& spec, const int64_t (&sizes)[AXES], UnfoldShape& s) {
    Axis* axes[AXES] = {&s.d, &s.h, &s.w};
    for (int i = 0; i < AXES; ++i)
        *axes[i] = resolve_axis(spec.function, spec.window[i], sizes[i], false, i - (AXES - spec.rank));
    check_size(spec.function, s.n, checked_rows(spec, s.c), s.d, s.h, s.w);
}

// Rows of any number and length, some at a time.
template <class T>
void copy_rows(const Kernels<T>& k, const RowCopy<T>& all) {
    const int64_t length = all.left + all.count + all.right;
    in_pieces(all.rows, std::max<int64_t>(CHECKED_STEPS / length, 1), [&](int64_t row, int64_t rows) {
        in_pieces(length, rows > 1 ? length : CHECKED_STEPS, [&](int64_t first, int64_t n) {
            RowCopy<T> piece = all;
            const int64_t from = std::clamp(all.left - first, int64_t{0}, n),
                          to = std::clamp(all.left + all.count - first, from, n);
            piece.src += row * all.src_row + std::max<int64_t>(first - all.left, 0) * all.src_step;
            piece.dst += row * all.dst_row + first;
            piece.rows = rows;
            piece.left = from;
            piece.count = to - from;
            piece.right = n - to;
            k.copy_rows(piece);
        });
    });
}

template <class T>
struct UnfoldCall {
    const UnfoldShape& shape;
    const View<const T>& x;
    T* out;
    const Kernels<T>& kernels;
};

template <class T>
void unfold_row(const UnfoldCall<T>& call, int64_t row) {
    const UnfoldShape& s = call.shape;
    const View<const T>& x = call.x;
    const int64_t taps = s.taps(), tap = row % taps, plane = row / taps;
    const int64_t t = tap / (s.h.kernel * s.w.kernel), r = tap / s.w.kernel % s.h.kernel, c = tap % s.w.kernel;
    const int64_t d0 = t * s.d.dilation - s.d.lo, h0 = r * s.h.dilation - s.h.lo, w0 = c * s.w.dilation - s.w.lo;
    const Positions columns{w0, s.w.stride, s.w.out};
    const RowWalk walk(Border::zeros, s.d, {d0, s.d.stride, s.d.out}, s.h, {h0, s.h.stride, s.h.out});
    const int64_t area = s.h.out * s.w.out;
    const T* image = plane_of(x, s.c, plane);
    T* out = call.out + row * s.positions();
    Pace pace;
    walk.run(
        [&](int64_t i, int64_t j, int64_t n) {
            std::fill_n(out + i * area + j * s.w.out, n * s.w.out, T(0));
            pace.step(n * s.w.out);
        },
        [&](int64_t i, int64_t j, int64_t n, int64_t z, int64_t y) {
            copy_rows(call.kernels, padded_copy<T>({image + z * x.d + y * x.h, n, s.h.stride * x.h, x.w}, s.w.in,
                                                   columns, out + i * area + j * s.w.out, s.w.out, T(0)));
            pace.step(n * s.w.out);
        });
}

}  // namespace

UnfoldSpec unfold_spec(const std::string& function, int rank, const Ints& kernel, const Ints& stride,
                       const Padding& padding, const Ints& dilation) {
    UnfoldSpec spec{function, rank, {}, DataFormat::channels_first};
    check_windows(function, rank, kernel, stride, padding, dilation, spec.window);
    return spec;
}

UnfoldShape unfold_shape(const UnfoldSpec& spec, const int64_t* input, int input_rank) {
    const Extents e = check_input(spec.function, spec.rank, input, input_rank, spec.format);
    UnfoldShape s{e.n, e.c, {}, {}, {}, e.batched};
    resolve(spec, e.spatial, s);
    return s;
}

UnfoldShape fold_shape(const UnfoldSpec& spec, const Ints& output_size, const int64_t* input, int input_rank) {
    const Shape shape(input, input + input_rank);
    const std::string got = "shape " + show(in_format(shape, 1, spec.format));
    if (input_rank != 3 && input_rank != 2)
        fail(spec.function, "input must have 3 axes (N, C * kernel elements, L) or 2 without N", got);
    const auto count = static_cast<int>(output_size.values.size());
    if (count != 1 && count != spec.rank)
        fail(spec.function, "output_size must be one int or " + std::to_string(spec.rank) + ", one per spatial axis",
             show(output_size));
    int64_t sizes[AXES] = {1, 1, 1};
    for (int i = 0; i < spec.rank; ++i) {
        const int64_t size = output_size.values[static_cast<size_t>(count == 1 ? 0 : i)];
        if (size < 1) fail(spec.function, "output_size must be >= 1", show(output_size));
        if (size >= LIMIT) fail(spec.function, "output_size must be < 2**31", show(output_size));
        sizes[AXES - spec.rank + i] = size;
    }
    const bool batched = input_rank == 3;
    const int64_t rows = input[batched], positions = input[batched + 1], taps = checked_rows(spec, 1);
    if (rows == 0 || rows % taps)
        fail(spec.function,
             "input must have C * " + std::to_string(taps) + " rows, a multiple of the kernel's elements", got);
    UnfoldShape s{batched ? input[0] : 1, rows / taps, {}, {}, {}, batched};
    resolve(spec, sizes, s);
    if (positions != s.positions())
        fail(spec.function,
             "input must have L = " + std::to_string(s.positions()) + " columns, one per position of the kernel (" +
                 std::to_string(s.d.out) + " * " + std::to_string(s.h.out) + " * " + std::to_string(s.w.out) + ")",
             got);
    check_size(spec.function, s.n, s.c, Axis{1, s.d.in}, Axis{1, s.h.in}, Axis{1, s.w.in});
    return s;
}

Shape columns_shape(const UnfoldShape& s) {
    return s.batched ? Shape{s.n, s.rows(), s.positions()} : Shape{s.rows(), s.positions()};
}

Shape image_shape(const UnfoldSpec& spec, const UnfoldShape& s) {
    return spatial_shape(spec.rank, s.batched, s.n, s.c, Axis{1, s.d.in}, Axis{1, s.h.in}, Axis{1, s.w.in});
}

double work(const UnfoldShape& s) {
    constexpr double MOVED = 20;  // an element
    return MOVED * static_cast<double>(s.n * s.rows()) * static_cast<double>(s.positions());
}

template <class T>
void unfold(const UnfoldShape& shape, const View<const T>& x, T* out, const Context& context) {
    trace::ran("copy");
    const UnfoldCall<T> call{shape, x, out, context.kernels<T>()};
    const int64_t rows = shape.n * shape.rows();
    parallel_pieces(worth_a_task(rows, shape.positions()), context.threads, [&](const Range& some, int) {
        for (int64_t row = some.begin; row < some.end; ++row) unfold_row(call, row);
    });
}

template <class T>
void unfold(const UnfoldShape& shape, const View<const T>& x, T* out) {
    if (shape.n > 0) unfold(shape, x, out, decide(work(shape)));
}

#define CONVX_INSTANTIATE(T)                                            \
    template void unfold(const UnfoldShape&, const View<const T>&, T*); \
    template void unfold(const UnfoldShape&, const View<const T>&, T*, const Context&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
