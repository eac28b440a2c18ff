// What two kernels give of the image itself, added: one sum over the taps of both, read where they lie.
#pragma once
#include <algorithm>
#include <cstdint>

#include "columns.h"

namespace convx::filter {

template <class A>
class Star {
  public:
    Star(const SeparableFilter& f, const PixelKernels& kernels, Workspace& space)
        : f_(f),
          kernels_(kernels),
          taps_(f.down.taps() + f.along.taps() - 1),  // one of them in the middle of both
          w_(space.shared<A>(f.added ? taps_ : 0)),
          from_(space.own<const void*>(f.added ? taps_ : 0)) {}

    // Whether the image and the result are of the type of the sums, and lines are read as they are.
    static bool takes(const SeparableFilter& f, const Stage& down, const Stage& along) {
        const auto is_sum = [](const PixelType& t) { return t.is_float && t.size == sizeof(A); };
        const auto fits = [](const Line& line, const Stage& stage) {
            return stage.way == Way::sums && line.before >= 0 && line.before < line.taps();
        };
        return f.added && is_sum(f.in) && is_sum(f.out) && fits(f.down, down) && fits(f.along, along);
    }

    void set(const Workspace& space) {
        space_ = &space;
        A* w = space.at(w_);
        *w++ = static_cast<A>(f_.down.w[size_t(f_.down.before)] + f_.along.w[size_t(f_.along.before)]);
        for_others(f_.down, [&](int64_t t) { *w++ = static_cast<A>(f_.down.w[size_t(t)]); });
        for_others(f_.along, [&](int64_t t) { *w++ = static_cast<A>(f_.along.w[size_t(t)]); });
    }

    // `count` elements of row `at` of a band that begins where the first of them meets its first tap along the row.
    void sum(const BandRows& band, int64_t at, int64_t count, void* dst, int thread) const {
        const void** const from = space_->at(from_, thread);
        const void* const* const rows = band.sources(at, 1, f_.along.before * f_.images.inner, thread);
        const void** to = from;
        const char* const middle = static_cast<const char*>(*to++ = rows[f_.down.before]);
        for_others(f_.down, [&](int64_t t) { *to++ = rows[t]; });
        for_others(f_.along, [&](int64_t t) { *to++ = middle + (t - f_.along.before) * f_.images.inner * f_.in.size; });
        kernels_.filter_columns({from, space_->at(w_), dst, 1, taps_, count, 0, sizeof(A) == 8, {}});
    }

  private:
    template <class Body>
    static void for_others(const Line& line, const Body& body) {
        for (int64_t t = 0; t < line.taps(); ++t)
            if (t != line.before) body(t);
    }

    const SeparableFilter& f_;
    const PixelKernels& kernels_;
    const int64_t taps_;
    const Workspace* space_ = nullptr;
    const Part<A> w_;
    const Part<const void*> from_;
};

}  // namespace convx::filter
