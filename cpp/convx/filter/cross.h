// What two kernels give of one image, added: terms of both lie in the image itself, up to its sides.
#pragma once
#include <algorithm>
#include <cstdint>

#include "columns.h"

namespace convx::filter {

template <class A>
class Cross {
  public:
    Cross(const SeparableFilter& f, const Stage& down, const Stage& along, const PixelKernels& kernels,
          Workspace& space)
        : f_(f),
          kernels_(kernels),
          applies_(f.added && is_sum(f.in) && is_sum(f.out) && down.way == Way::sums && along.way == Way::sums &&
                   f.along.border != Border::circular),  // whose ends need those of the other side
          terms_(applies_ ? f.down.taps() + f.along.taps() : 0),
          w_(space.shared<A>(std::max<int64_t>(terms_, 1))),
          from_(space.own<const void*>(terms_)) {}

    void set(const Workspace& space) {
        space_ = &space;
        if (!applies_) return;
        set_weights(space.at(w_), f_.down);
        set_weights(space.at(w_) + f_.down.taps(), f_.along);
    }

    // The elements of a strip whose terms are all inside of their row.
    Range inside(Range strip) const {
        if (!applies_) return {strip.begin, strip.begin};
        const int64_t inner = f_.images.inner, begin = std::max(strip.begin, f_.along.before * inner),
                      end = std::min(strip.end, f_.images.width() - f_.along.behind() * inner);
        return {std::min(begin, strip.end), std::max(std::min(begin, strip.end), end)};
    }

    // rows: those that one row of sums is made of along columns, from the first element of the strip on.
    void sum(const void* const* rows, char* dst, int64_t count, int thread) const {
        const void** const from = space_->at(from_, thread);
        std::copy_n(rows, f_.down.taps(), from);
        const A* const middle = static_cast<const A*>(rows[f_.down.before]);
        for (int64_t t = 0; t < f_.along.taps(); ++t)
            from[f_.down.taps() + t] = middle + (t - f_.along.before) * f_.images.inner;
        kernels_.filter_columns({from, space_->at(w_), dst, 1, terms_, count, 0, sizeof(A) == 8, {}});
    }

  private:
    static bool is_sum(const PixelType& t) { return t.is_float && t.size == sizeof(A); }

    const SeparableFilter& f_;
    const PixelKernels& kernels_;
    const bool applies_;
    const int64_t terms_;
    const Workspace* space_ = nullptr;
    const Part<A> w_;
    const Part<const void*> from_;
};

}  // namespace convx::filter
