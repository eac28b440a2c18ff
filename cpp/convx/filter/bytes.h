// Mirrored sums of bytes along both axes, kept as bytes in between.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "rows.h"

namespace convx::filter {

inline bool makes_bytes(const Line& line, const Stage& stage, const PixelType& out) {
    return line.taps() && (stage.way == Way::sums || stage.way == Way::settled) && stage.order == TermOrder::sums &&
           sums_fit(line, out.largest, out);
}

// The sums of one axis.
class ByteSums {
  public:
    ByteSums(const Line& line, const Stage& stage, const PixelKernels& kernels, Workspace& space)
        : line_(line),
          stage_(stage),
          kernels_(kernels),
          w_(space.shared<float>(line.taps())),
          exact_w_(space.shared<double>(line.taps())),
          flat_less_(space.shared<uint8_t>(BYTES / 8)) {}

    void set(const Workspace& space) {
        space_ = &space;
        set_weights(space.at(w_), line_);
        set_weights(space.at(exact_w_), line_);
        flat_ = set_flat();
    }

    void sum(const void* const* src, uint8_t* dst, int64_t count) const {
        kernels_.filter_bytes({src,
                               space_->at(w_),
                               dst,
                               line_.taps(),
                               count,
                               {space_->at(exact_w_), nullptr, stage_.order, within()},
                               flat_ ? space_->at(flat_less_) : nullptr});
    }

  private:
    static constexpr int BYTES = 256;

    // Of weights, of the sum of half of them and the middle, and of what it begins with.
    float within() const {
        const double roundings = static_cast<double>(line_.taps() / 2 + 4),
                     per_tap = static_cast<double>(line_.taps() + 4);
        return static_cast<float>(stage_.within / per_tap * roundings);
    }

    // What areas of one value become, if that is their value or one less.
    bool set_flat() const {
        uint8_t values[BYTES];
        float sums[BYTES];
        std::iota(values, values + BYTES, uint8_t{0});
        const std::vector<const void*> src(static_cast<size_t>(line_.taps()), values);
        kernels_.filter_exactly({src.data(),
                                 space_->at(exact_w_),
                                 sums,
                                 1,
                                 line_.taps(),
                                 BYTES,
                                 0,
                                 false,
                                 stage_.order,
                                 {8, false, true, {}}});
        uint8_t* const less = space_->at(flat_less_);
        std::fill_n(less, BYTES / 8, uint8_t{0});
        for (int v = 0; v < BYTES; ++v) {
            const int by = v - static_cast<int>(sums[v]);
            if (by != 0 && by != 1) return false;
            less[v / 128 * 16 + v % 16] |= static_cast<uint8_t>(by << (v / 16 % 8));
        }
        return true;
    }

    const Line& line_;
    const Stage stage_;
    const PixelKernels& kernels_;
    const Workspace* space_ = nullptr;
    const Part<float> w_;
    const Part<double> exact_w_;
    const Part<uint8_t> flat_less_;
    bool flat_ = false;
};

template <>
class Columns<uint8_t> : public BandRows {
  public:
    Columns(const SeparableFilter& f, const Stage& stage, const PixelKernels& kernels, int64_t band, int64_t width,
            Workspace& space)
        : BandRows(f, band, width, space), sums_(f.down, stage, kernels, space) {}

    void set(const Workspace& space) {
        BandRows::set(space);
        sums_.set(space);
    }

    void sum(int64_t at, int64_t rows, int64_t offset, int64_t count, Sums<uint8_t> to, int thread) const {
        const void* const* const src = sources(at, rows, offset, thread);
        for (int64_t r = 0; r < rows; ++r) sums_.sum(src + r, to.data + r * to.row, count);
    }

  private:
    ByteSums sums_;
};

template <>
class Rows<uint8_t> {
  public:
    Rows(const SeparableFilter& f, const Stage& stage, const PixelKernels& out, const PixelKernels&, int64_t,
         Workspace& space)
        : f_(f), sums_(f.along, stage, out, space), from_(space.own<const void*>(f.along.taps())) {}

    static constexpr int64_t SLACK = 0;

    void set(const Workspace& space) {
        space_ = &space;
        sums_.set(space);
    }

    void sum(Sums<const uint8_t> sums, Sums<const uint8_t>, char* dst, int64_t rows, int64_t count, int thread) const {
        const void** const from = space_->at(from_, thread);
        for (int64_t r = 0; r < rows; ++r, sums.data += sums.row, dst += f_.images.dst_row) {
            for (int64_t t = 0; t < f_.along.taps(); ++t) from[t] = sums.data + t * f_.images.inner;
            sums_.sum(from, reinterpret_cast<uint8_t*>(dst), count);
        }
    }

  private:
    const SeparableFilter& f_;
    ByteSums sums_;
    const Workspace* space_ = nullptr;
    const Part<const void*> from_;
};

}  // namespace convx::filter
