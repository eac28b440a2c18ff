// Mirrored sums and means of bytes, kept as bytes between both axes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "byte_means.h"
#include "byte_three.h"
#include "byte_units.h"
#include "rows.h"

namespace convx::filter {

inline bool makes_bytes(const Line& line, const Stage& stage, const PixelType& out) {
    if (!line.taps()) return true;
    if (stage.way == Way::box) return line.taps() <= MOST_MEAN;
    return stage.way != Way::exactly && stage.order == TermOrder::sums && sums_fit(line, out.largest, out) &&
           has_units(line);
}

// The sums of one axis.
class ByteSums {
  public:
    ByteSums(const Line& line, const Stage& stage, const PixelKernels& kernels, Workspace& space)
        : line_(line),
          stage_(stage),
          kernels_(kernels),
          w_(space.shared<double>(std::max<int64_t>(line.taps(), 1))),
          units_(space.shared<SplitWeight>(line.taps() / 2)),
          flat_less_(space.shared<uint8_t>(BYTES / 8)) {}

    void set(const Workspace& space) {
        space_ = &space;
        set_weights(space.at(w_), line_);
        if (!line_.taps() || stage_.way == Way::box) return;
        three_ = byte_weight(line_, stage_.way == Way::sums);
        std::transform(line_.w.begin(), line_.w.begin() + line_.taps() / 2, space.at(units_), split);
        if (stage_.way == Way::settled) set_flat();
    }

    // src: as many rows as sums need, each of which begins one further on.
    void sum(const void* const* src, Sums<uint8_t> to, int64_t rows, int64_t count) const {
        const uint8_t* const less = stage_.way == Way::settled ? space_->at(flat_less_) : nullptr;
        if (!three_)
            return kernels_.filter_bytes(MirroredBytes{{ByteWay::mirrored},
                                                       src,
                                                       space_->at(units_),
                                                       space_->at(w_),
                                                       to.data,
                                                       rows,
                                                       line_.taps(),
                                                       count,
                                                       to.row,
                                                       less});
        for (int64_t r = 0; r < rows; ++r)
            kernels_.filter_bytes(ThreeBytes{{ByteWay::three},
                                             src + r,
                                             to.data + r * to.row,
                                             count,
                                             static_cast<uint16_t>(three_->factor),
                                             three_->shift,
                                             less});
    }

  private:
    static constexpr int BYTES = 256;

    // What areas of one value become: their value, or one less.
    void set_flat() const {
        uint8_t values[BYTES];
        float sums[BYTES];
        std::iota(values, values + BYTES, uint8_t{0});
        const std::vector<const void*> src(static_cast<size_t>(line_.taps()), values);
        kernels_.filter_exactly(
            {src.data(), space_->at(w_), sums, 1, line_.taps(), BYTES, 0, false, stage_.order, {8, false, true, {}}});
        uint8_t* const less = space_->at(flat_less_);
        std::fill_n(less, BYTES / 8, uint8_t{0});
        for (int v = 0; v < BYTES; ++v) {
            const int by = v - static_cast<int>(sums[v]);
            less[v / 128 * 16 + v % 16] |= static_cast<uint8_t>(by << (v / 16 % 8));
        }
    }

    const Line& line_;
    const Stage stage_;
    const PixelKernels& kernels_;
    const Workspace* space_ = nullptr;
    const Part<double> w_;
    const Part<SplitWeight> units_;
    const Part<uint8_t> flat_less_;
    std::optional<ByteWeight> three_;
};

template <>
class Columns<uint8_t> : public BandRows {
  public:
    Columns(const SeparableFilter& f, const Stage& stage, const PixelKernels& kernels, int64_t band, int64_t width,
            Workspace& space)
        : BandRows(f, band, width, space),
          stage_(stage),
          sums_(f.down, stage, kernels, space),
          means_(f.down, stage, kernels, width, space) {}

    void set(const Workspace& space) {
        BandRows::set(space);
        sums_.set(space);
        means_.set(space);
    }

    void sum(int64_t at, int64_t rows, int64_t offset, int64_t count, Sums<uint8_t> to, int thread) const {
        const void* const* const src = sources(at, rows, offset, thread);
        if (stage_.way == Way::box) return means_.down(src, at, rows, count, to, thread);
        if (f_.down.taps()) return sums_.sum(src, to, rows, count);
        for (int64_t r = 0; r < rows; ++r, to.data += to.row)
            std::copy_n(static_cast<const uint8_t*>(src[r]), count, to.data);
    }

  private:
    const Stage stage_;
    ByteSums sums_;
    MeansDown means_;
};

template <>
class Rows<uint8_t> {
  public:
    Rows(const SeparableFilter& f, const Stage& stage, const PixelKernels& out, const PixelKernels&, int64_t sums_row,
         Workspace& space)
        : f_(f),
          stage_(stage),
          sums_(f.along, stage, out, space),
          means_(f.along, stage, out, sums_row, f.images.inner, space),
          from_(space.own<const void*>(f.along.taps())) {}

    static constexpr int64_t SLACK = BYTES_SLACK;

    void set(const Workspace& space) {
        space_ = &space;
        sums_.set(space);
        means_.set(space);
    }

    void sum(Sums<const uint8_t> sums, Sums<const uint8_t>, char* to, int64_t rows, int64_t count, int thread) const {
        const Sums<uint8_t> dst{reinterpret_cast<uint8_t*>(to), f_.images.dst_row};
        if (stage_.way == Way::box) return means_.along(sums, dst, rows, count, thread);
        const void** const from = space_->at(from_, thread);
        for (int64_t r = 0; r < rows; ++r) {
            for (int64_t t = 0; t < f_.along.taps(); ++t) from[t] = sums.data + r * sums.row + t * f_.images.inner;
            sums_.sum(from, {dst.data + r * dst.row, dst.row}, 1, count);
        }
    }

  private:
    const SeparableFilter& f_;
    const Stage stage_;
    ByteSums sums_;
    MeansAlong means_;
    const Workspace* space_ = nullptr;
    const Part<const void*> from_;
};

}  // namespace convx::filter
