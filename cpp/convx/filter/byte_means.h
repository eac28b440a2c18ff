// Means of bytes: sums in 16 bits, moved on from row to row or put together along a row.
#pragma once
#include <cstdint>

#include "../../kernels/contracts/bytes.h"
#include "columns.h"

namespace convx::filter {

class MeansDown {
  public:
    // width: most bytes of a row.
    MeansDown(const Line& line, const Stage& stage, const PixelKernels& kernels, int64_t width, Workspace& space)
        : taps_(line.taps()),
          kernels_(kernels),
          divisor_(divisor_of(taps_ ? taps_ : 1)),
          sums_(space.own<uint16_t>(stage.way == Way::box ? width + BYTES_SLACK : 0)) {}

    void set(const Workspace& space) { space_ = &space; }

    // Rows of a band from row `at` on, whose sums go on from those above.
    void down(const void* const* src, int64_t at, int64_t rows, int64_t count, Sums<uint8_t> to, int thread) const {
        kernels_.filter_bytes(ByteMeansDown{{ByteWay::means_down},
                                            src,
                                            space_->at(sums_, thread),
                                            to.data,
                                            rows,
                                            taps_,
                                            count,
                                            to.row,
                                            at == 0,
                                            divisor_});
    }

  private:
    const int64_t taps_;
    const PixelKernels& kernels_;
    const Divisor divisor_;
    const Workspace* space_ = nullptr;
    const Part<uint16_t> sums_;
};

class MeansAlong {
  public:
    // sums_row: bytes of the longest row, with all that its windows reach.
    MeansAlong(const Line& line, const Stage& stage, const PixelKernels& kernels, int64_t sums_row, int64_t step,
               Workspace& space)
        : taps_(line.taps()),
          step_(step),
          kernels_(kernels),
          divisor_(divisor_of(taps_ ? taps_ : 1)),
          sums_(space.own<uint16_t>(stage.way == Way::box ? sums_row + step : 0)) {}

    void set(const Workspace& space) { space_ = &space; }

    void along(Sums<const uint8_t> src, Sums<uint8_t> dst, int64_t rows, int64_t count, int thread) const {
        kernels_.filter_bytes(ByteMeansAlong{{ByteWay::means_along},
                                             src.data,
                                             space_->at(sums_, thread),
                                             dst.data,
                                             rows,
                                             taps_,
                                             step_,
                                             count,
                                             src.row,
                                             dst.row,
                                             divisor_});
    }

  private:
    const int64_t taps_, step_;
    const PixelKernels& kernels_;
    const Divisor divisor_;
    const Workspace* space_ = nullptr;
    const Part<uint16_t> sums_;
};

}  // namespace convx::filter
