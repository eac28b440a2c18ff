// Sums along columns: some rows of them at a time, from a band's first rows on.
#pragma once
#include <algorithm>
#include <cstdint>

#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "stage.h"

namespace convx::filter {

// The element that position i of an axis reads, or -1 for cval.
inline int64_t place(const Line& line, int64_t size, int64_t i) {
    return source_index(line.border, {size, size, line.taps(), 1, 1, line.before, line.taps()}, i);
}

// Weights as A, at least one.
template <class A>
void set_weights(A* w, const Line& line) {
    w[0] = 1;
    for (int64_t t = 0; t < line.taps(); ++t) w[t] = static_cast<A>(line.w[static_cast<size_t>(t)]);
}

template <class A>
struct Sums {
    A* data;
    int64_t row;
};

// The rows of input that are summed.
class BandRows {
  public:
    // width: most elements of a row of sums.
    BandRows(const SeparableFilter& f, int64_t band, int64_t width, Workspace& space)
        : f_(f),
          taps_(std::max<int64_t>(f.down.taps(), 1)),
          width_(width),
          beyond_(space.shared<char>(width * f.in.size)),
          rows_(space.own<const void*>(band + taps_ - 1)),
          part_(space.own<const void*>(FILTER_ROWS + taps_ - 1)) {}

    void set(const Workspace& space) {
        space_ = &space;
        f_.in.fill(space.at(beyond_), width_, f_.cval);
    }

    // The sums to come are those of a band of what is made, from element `first` on.
    void begin(const char* image, Range band, int64_t first, int thread) const {
        const void** const rows = space_->at(rows_, thread);
        for (int64_t t = 0; t < band.size() + taps_ - 1; ++t) {
            const int64_t row = place(f_.down, f_.images.rows, f_.images.first + band.begin - f_.down.before + t);
            rows[t] = row < 0 ? space_->at(beyond_) : image + row * f_.images.src_row + first * f_.in.size;
        }
    }

    // Those that row `at` of the band is made of, and the ones behind.
    const void* const* rows(int64_t at, int thread) const { return space_->at(rows_, thread) + at; }

    // What `count` rows of sums are made of, from an offset on.
    const void* const* sources(int64_t at, int64_t count, int64_t offset, int thread) const {
        const void* const* const src = rows(at, thread);
        if (!offset) return src;
        const void** const part = space_->at(part_, thread);
        for (int64_t t = 0; t < count + taps_ - 1; ++t)
            part[t] = src[t] == space_->at(beyond_) ? src[t] : static_cast<const char*>(src[t]) + offset * f_.in.size;
        return part;
    }

  protected:
    const SeparableFilter& f_;
    const int64_t taps_, width_;
    const Workspace* space_ = nullptr;

  private:
    const Part<char> beyond_;              // a row of cval
    const Part<const void*> rows_, part_;  // of the band; of what is summed next
};

template <class A>
class Columns : public BandRows {
  public:
    Columns(const SeparableFilter& f, const Stage& stage, const PixelKernels& kernels, int64_t band, int64_t width,
            Workspace& space)
        : BandRows(f, band, width, space),
          stage_(stage),
          kernels_(kernels),
          w_(space.shared<A>(taps_)),
          exact_w_(space.shared<double>(taps_)),
          behind_(space.own<A>(stage.way == Way::box ? (taps_ + 1) * width : 0)) {
        if (!f.out.is_float && !f.added && f.down.taps())
            cut_ = {static_cast<int32_t>(8 * f.out.size),
                    f.out.is_signed,
                    !f.in.is_signed && sums_fit(f.down, f.in.largest, f.out),
                    {}};
    }

    void set(const Workspace& space) {
        BandRows::set(space);
        set_weights(space.at(w_), f_.down);
        set_weights(space.at(exact_w_), f_.down);
        if (stage_.way == Way::settled)
            cut_.exactly = {space.at(exact_w_), nullptr, stage_.order, static_cast<float>(stage_.within)};
    }

    // For `rows` rows, the first of which is row `at` of the band, and `count` elements, from `offset` behind the
    // first.
    void sum(int64_t at, int64_t rows, int64_t offset, int64_t count, Sums<A> to, int thread) const {
        const void* const* const src = sources(at, rows, offset, thread);
        if (stage_.way == Way::box) return box(src, at, rows, count, to, thread);
        if (stage_.way == Way::exactly) return exactly(src, rows, count, to);
        kernels_.filter_columns({src, space_->at(w_), to.data, rows, taps_, count, to.row, sizeof(A) == 8, cut_});
    }

    // Row `at` of the band as it is, in the type of the sums.
    void copy(int64_t at, int64_t rows, int64_t count, Sums<A> to, int thread) const {
        const A one = 1;
        kernels_.filter_columns(
            {this->rows(at + f_.down.before, thread), &one, to.data, rows, 1, count, to.row, sizeof(A) == 8, {}});
    }

  private:
    void exactly(const void* const* src, int64_t rows, int64_t count, Sums<A> to) const {
        kernels_.filter_exactly(
            {src, space_->at(exact_w_), to.data, rows, taps_, count, to.row, sizeof(A) == 8, stage_.order, cut_});
    }

    void box(const void* const* src, int64_t at, int64_t rows, int64_t count, Sums<A> to, int thread) const {
        A* const behind = space_->at(behind_, thread);
        kernels_.box_columns({src, to.data, behind, behind + taps_ * width_, rows, taps_, count, to.row, width_,
                              at % taps_, stage_.weight, sizeof(A) == 8, cut_});
    }

    const Stage stage_;
    const PixelKernels& kernels_;
    CutOff cut_{};
    const Part<A> w_;
    const Part<double> exact_w_;
    const Part<A> behind_;
};

}  // namespace convx::filter
