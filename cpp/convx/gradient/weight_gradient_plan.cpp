#include "weight_gradient_plan.h"

#include <algorithm>

#include "../runtime/parallel.h"
#include "../shape/integer_math.h"

namespace convx::weight_gradient {
namespace {

constexpr int64_t PART_BYTES = 4 << 20;   // of the sums of all parts
constexpr double LEAST_PART_FLOPS = 2e6;  // a task shorter than some 20 us is not worth a thread

}  // namespace

WeightCut::WeightCut(const ConvShape& s, int64_t most_k, int64_t most_c, int64_t most_taps)
    : k_block(even_part(s.k_per_group(), most_k)),
      c_block(even_part(s.c_per_group(), most_c)),
      t_block(even_part(s.taps(), std::max<int64_t>(most_taps, 1))),
      groups(s.groups),
      k_blocks(ceil_div(s.k_per_group(), k_block)),
      c_blocks(ceil_div(s.c_per_group(), c_block)),
      t_blocks(ceil_div(s.taps(), t_block)),
      parts(1),
      steps(0) {}

void WeightCut::split(const ConvShape& s, int64_t steps_, int64_t element) {
    steps = steps_;
    const double bytes = static_cast<double>(s.k) * static_cast<double>(s.depth()) * static_cast<double>(element);
    const double most = std::min({PART_BYTES / bytes, s.flops() / LEAST_PART_FLOPS, static_cast<double>(steps)});
    parts = std::clamp<int64_t>(ceil_div(WANTED_TASKS, count()), 1, std::max<int64_t>(static_cast<int64_t>(most), 1));
}

WeightTask WeightCut::at(const ConvShape& s, int64_t i) const {
    const auto next = [&](int64_t n) {
        const int64_t at = i % n;
        i /= n;
        return at;
    };
    const int64_t part = next(parts), t = next(t_blocks) * t_block, c = next(c_blocks) * c_block,
                  k = next(k_blocks) * k_block;
    return {i,
            k,
            std::min(k + k_block, s.k_per_group()),
            c,
            std::min(c + c_block, s.c_per_group()),
            t,
            std::min(t + t_block, s.taps()),
            part,
            part * steps / parts,
            (part + 1) * steps / parts};
}

Regrouped::Regrouped(const ConvShape& s, const Blocking& b)
    : d(s.d, b.d),
      h(s.h, b.p),
      w(s.w, b.q),
      planes(b.d),
      rows(b.p),
      row(w.length),
      plane(h.length * row),
      piece(d.length * plane),
      channel(d.phases * h.phases * w.phases * piece) {}

void Regrouped::list_taps(const ConvShape& s, int64_t* taps) const {
    for (int64_t t = 0; t < s.d.kernel; ++t)
        for (int64_t r = 0; r < s.h.kernel; ++r)
            for (int64_t i = 0; i < s.w.kernel; ++i) {
                const int64_t at_d = d.offset(s.d, t), at_h = h.offset(s.h, r), at_w = w.offset(s.w, i);
                const int64_t of = (at_d / d.length * h.phases + at_h / h.length) * w.phases + at_w / w.length;
                *taps++ = of * piece + at_d % d.length * plane + at_h % h.length * row + at_w % w.length;
            }
}

template <class T>
void copy_input(const Regrouped& l, const ConvShape& s, const View<const T>& x, int64_t n, int64_t c0, int64_t c1,
                const Block& b, const Kernels<T>& k, T* scratch) {
    const int64_t planes = l.d.length - l.planes + (b.d1 - b.d0), rows = l.h.length - l.rows + (b.p1 - b.p0);
    for (int64_t c = c0; c < c1; ++c)
        for (int64_t f = 0; f < l.d.phases * l.h.phases * l.w.phases; ++f, scratch += l.piece) {
            const int64_t z = b.d0 * s.d.stride - s.d.lo + f / l.w.phases / l.h.phases * l.d.start_step;
            const int64_t y = b.p0 * s.h.stride - s.h.lo + f / l.w.phases % l.h.phases * l.h.start_step;
            const Positions columns = l.w.columns(s.w, first_column(s, b), f % l.w.phases);
            const T* image = x.data + n * x.n + c * x.c;
            const RowWalk walk(Border::zeros, s.d, {z, s.d.stride, planes}, s.h, {y, s.h.stride, rows});
            walk.run([&](int64_t i, int64_t j,
                         int64_t count) { std::fill_n(scratch + i * l.plane + j * l.row, count * l.row, T(0)); },
                     [&](int64_t i, int64_t j, int64_t count, int64_t in_z, int64_t in_y) {
                         k.copy_rows(padded_copy<T>({image + in_z * x.d + in_y * x.h, count, s.h.stride * x.h, x.w},
                                                    s.w.in, columns, scratch + i * l.plane + j * l.row, l.row, T(0)));
                     });
        }
}

template <class T>
void copy_gradient(const View<const T>& gy, int64_t n, int64_t k0, int64_t k1, const Block& b, int64_t row,
                   int64_t plane, int64_t channel, const Kernels<T>& k, T* scratch) {
    const int64_t rows = b.p1 - b.p0;
    for (int64_t i = k0; i < k1; ++i, scratch += channel)
        for (int64_t d = b.d0; d < b.d1; ++d) {
            T* dst = scratch + (d - b.d0) * plane;
            k.copy_rows({gy.data + n * gy.n + i * gy.c + d * gy.d + b.p0 * gy.h + b.q0 * gy.w, dst, rows, gy.h, row,
                         gy.w, 0, b.cols(), row - b.cols(), T(0)});
            std::fill(dst + rows * row, dst + plane, T(0));
        }
}

template <class T>
Parts<T>::Parts(const Call<T>& call, const WeightCut& cut, Workspace& workspace)
    : call_(call), count_(cut.parts), size_(call.shape.k * call.shape.depth()), memory_{} {
    if (count_ > 1) memory_ = workspace.shared<T>(count_ * size_);
}

template <class T>
T* Parts<T>::weight(const WeightTask& task, const Workspace& workspace) const {
    const ConvShape& s = call_.shape;
    T* whole = count_ > 1 ? workspace.at(memory_) + task.part * size_ : call_.dw;
    return whole + ((task.group * s.k_per_group() + task.k0) * s.c_per_group() + task.c0) * s.taps() + task.t0;
}

template <class T>
void Parts<T>::add_up(const Workspace& workspace) const {
    if (count_ == 1) return;
    const T* parts = workspace.at(memory_);
    int64_t offset[WANTED_TASKS];
    for (int64_t i = 0; i < count_; ++i) offset[i] = i * size_;
    constexpr int64_t STEP = 16384;
    // A team for little work would only wait for each other.
    const double work = static_cast<double>(count_) * static_cast<double>(size_);
    const int threads = std::min(call_.threads, call_.context.part(work).threads);
    parallel_pieces({size_, STEP}, threads, [&](const Range& some, int) {
        call_.kernels.reduce_sum({parts + some.begin, call_.dw + some.begin, offset, count_, some.size()});
    });
}

#define CONVX_INSTANTIATE(T)                                                                                      \
    template void copy_input(const Regrouped&, const ConvShape&, const View<const T>&, int64_t, int64_t, int64_t, \
                             const Block&, const Kernels<T>&, T*);                                                \
    template void copy_gradient(const View<const T>&, int64_t, int64_t, int64_t, const Block&, int64_t, int64_t,  \
                                int64_t, const Kernels<T>&, T*);                                                  \
    template class Parts<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::weight_gradient
