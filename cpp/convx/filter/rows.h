// Sums along rows of sums, into the result.
#pragma once
#include <algorithm>
#include <cstdint>

#include "columns.h"

namespace convx::filter {

template <class A>
class Rows {
  public:
    // sums_row: elements of a row of sums, of which SLACK behind the last may be anything.
    Rows(const SeparableFilter& f, const Stage& stage, const PixelKernels& out, const PixelKernels& sums,
         int64_t sums_row, Workspace& space)
        : f_(f),
          stage_(stage),
          out_(out),
          sums_(sums),
          taps_(std::max<int64_t>(f.along.taps(), 1)),
          sums_row_(sums_row),
          levels_(stage.way == Way::box ? levels_of(taps_) : 0),
          w_(space.shared<A>(std::max<int64_t>(taps_, 4 * 3))),
          exact_w_(space.shared<double>(taps_)),
          from_(space.own<const void*>(std::max<int64_t>(taps_, 3 * (levels_ + 1)))),
          made_(space.own<A>((levels_ + 1) * sums_row)) {
        if (f.out.is_float) return;
        // What is summed is what `down` gave, and cval.
        const double largest = f.down.taps() ? std::max(f.in.largest, f.out.largest) : f.in.largest;
        const bool is_signed = f.in.is_signed || (f.down.taps() && f.out.is_signed);
        cut_ = {static_cast<int32_t>(8 * f.out.size),
                f.out.is_signed,
                !f.added && !is_signed && sums_fit(f.along, largest, f.out),
                {}};
    }

    static constexpr int64_t SLACK = 8 * CACHE_LINE / sizeof(A);  // that is read behind the last sum

    void set(const Workspace& space) {
        space_ = &space;
        set_weights(space.at(w_), f_.along);
        set_weights(space.at(exact_w_), f_.along);
        if (stage_.way == Way::box) std::fill_n(space.at(w_), std::max<int64_t>(taps_, 4 * 3), A(1));
    }

    // dst: `rows` rows of `count` elements; addend may be null.
    void sum(Sums<const A> sums, Sums<const A> addend, char* dst, int64_t rows, int64_t count, int thread) const {
        if (stage_.way == Way::sums || stage_.way == Way::settled) {
            CutOff cut = cut_;
            if (stage_.way == Way::settled)
                cut.exactly = {space_->at(exact_w_), terms(sums.data, thread), stage_.order,
                               static_cast<float>(stage_.within)};
            return out_.filter_rows({sums.data, addend.data, space_->at(w_), dst, rows, taps_, f_.images.inner, count,
                                     sums.row, addend.row, f_.images.dst_row / f_.out.size, sizeof(A) == 8, cut});
        }
        for (int64_t r = 0; r < rows; ++r, sums.data += sums.row, dst += f_.images.dst_row)
            if (stage_.way == Way::box)
                box(sums.data, dst, count, thread);
            else
                exactly(sums.data, dst, count, thread);
    }

  private:
    static int64_t levels_of(int64_t taps) {
        int64_t levels = 0;
        for (; taps >= 4; taps /= 4) ++levels;
        return levels;
    }

    void put(const A* sums, A weight, char* dst, int64_t count) const {
        out_.filter_rows({sums, nullptr, &weight, dst, 1, 1, 1, count, 0, 0, 0, sizeof(A) == 8, {}});
    }

    // Where the terms of a row's first sum lie.
    const void* const* terms(const A* sums, int thread) const {
        const void** const from = space_->at(from_, thread);
        for (int64_t t = 0; t < taps_; ++t) from[t] = sums + t * f_.images.inner;
        return from;
    }

    void exactly(const A* sums, char* dst, int64_t count, int thread) const {
        A* const made = space_->at(made_, thread);
        sums_.filter_exactly(
            {terms(sums, thread), space_->at(exact_w_), made, 1, taps_, count, 0, sizeof(A) == 8, stage_.order, cut_});
        put(made, 1, dst, count);
    }

    // Sums of 4, 16, 64 ... elements, and of these as many as the window is made of.
    void box(const A* sums, char* dst, int64_t count, int thread) const {
        const void** const from = space_->at(from_, thread);
        A* const made = space_->at(made_, thread);
        const A* level = sums;
        int64_t terms = 0, offset = 0, length = 1, left = taps_, readable = count + (taps_ - 1) * f_.images.inner;
        for (int64_t k = 0;; ++k) {
            for (int64_t d = left % 4; d > 0; --d, offset += length) from[terms++] = level + offset * f_.images.inner;
            if (!(left /= 4)) break;
            const int64_t step = length * f_.images.inner;
            readable -= 3 * step;
            A* const next = made + (k + 1) * sums_row_;
            sums_.filter_rows(
                {level, nullptr, space_->at(w_), next, 1, 4, step, readable, 0, 0, 0, sizeof(A) == 8, {}});
            level = next;
            length *= 4;
        }
        const bool in_place = stage_.weight == 1 && f_.out.is_float && f_.out.size == sizeof(A);
        void* const to = in_place ? static_cast<void*>(dst) : made;
        sums_.filter_columns({from, space_->at(w_), to, 1, terms, count, 0, sizeof(A) == 8, {}});
        if (!in_place) put(made, static_cast<A>(stage_.weight), dst, count);
    }

    const SeparableFilter& f_;
    const Stage stage_;
    const PixelKernels &out_, &sums_;
    const int64_t taps_, sums_row_, levels_;
    CutOff cut_{};
    const Workspace* space_ = nullptr;
    const Part<A> w_;
    const Part<double> exact_w_;
    const Part<const void*> from_;
    const Part<A> made_;
};

}  // namespace convx::filter
