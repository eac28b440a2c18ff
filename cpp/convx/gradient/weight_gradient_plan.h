// What the algorithms of a weight's gradient share: how the work is cut, and the copies their kernels read.
#pragma once
#include <cstdint>

#include "../conv/weights.h"
#include "../data/blocking.h"
#include "../data/patch.h"
#include "../runtime/algorithm_table.h"
#include "../runtime/workspace.h"
#include "weight_gradient.h"

namespace convx::weight_gradient {

template <class T>
struct Call : Gradient<T> {
    const Context& context;
    const Kernels<T>& kernels;
    int threads;
};

constexpr int64_t WANTED_TASKS = 4;  // for a team to share

// A block of the weight, over some (image, block of outputs) pairs counted through all images.
struct WeightTask {
    int64_t group, k0, k1, c0, c1, t0, t1, part;
    int64_t from, to;
};

// Cut by the shape alone, never by threads: a sum over pixels has one order. Where the blocks of the weight are too few
// for a team, the pixels are cut into parts, each summed on its own and then part by part.
struct WeightCut {
    int64_t k_block, c_block, t_block;
    int64_t groups, k_blocks, c_blocks, t_blocks, parts, steps;

    WeightCut(const ConvShape& s, int64_t most_k, int64_t most_c, int64_t most_taps);
    // steps: images times blocks
    void split(const ConvShape& s, int64_t steps, int64_t element);
    int64_t count() const { return groups * k_blocks * c_blocks * t_blocks * parts; }
    WeightTask at(const ConvShape& s, int64_t index) const;
};

// The input of a block with every axis regrouped by residue (or by tap), so that the outputs of all rows of a plane
// are neighbours for each tap: element (c, tap) of output (d, p, q) is x[c*channel + tap + d*plane + p*row + q].
struct Regrouped {
    PhaseAxis d, h, w;
    int64_t planes, rows;  // outputs of a block along D and H
    int64_t row, plane, piece, channel;
    Regrouped(const ConvShape& s, const Blocking& b);
    void list_taps(const ConvShape& s, int64_t* taps) const;
};

// Channels [c0, c1) of image n; scratch holds (c1 - c0) * channel elements.
template <class T>
void copy_input(const Regrouped& l, const ConvShape& s, const View<const T>& x, int64_t n, int64_t c0, int64_t c1,
                const Block& b, const Kernels<T>& k, T* scratch);

// Channels [k0, k1) of the output's gradient: rows `row` apart, planes `plane`, zeros between and behind. Nothing is
// padded in front or split, as row_layout.h would.
template <class T>
void copy_gradient(const View<const T>& gy, int64_t n, int64_t k0, int64_t k1, const Block& b, int64_t row,
                   int64_t plane, int64_t channel, const Kernels<T>& k, T* scratch);

// Runs of outputs of a block that are neighbours for every tap: body(x offset, gy offset, count). With gaps, rows and
// the zeros of gy between them are one run, which meets elements of x that no tap of these outputs may see: only for
// finite ones is 0 * x nothing.
template <class Body>
void for_each_run(const Regrouped& l, const Block& b, int64_t g_plane, bool gaps, const Body& body) {
    const int64_t rows = b.p1 - b.p0, planes = b.d1 - b.d0, cols = b.cols();
    const bool rows_join = gaps || l.row == cols,
               planes_join = rows_join && l.plane == g_plane && rows * l.row == g_plane;
    if (planes_join) return body(int64_t{0}, int64_t{0}, (planes * rows - 1) * l.row + cols);
    for (int64_t d = 0; d < planes; ++d) {
        if (rows_join) {
            body(d * l.plane, d * g_plane, (rows - 1) * l.row + cols);
        } else {
            for (int64_t p = 0; p < rows; ++p) body(d * l.plane + p * l.row, d * g_plane + p * l.row, cols);
        }
    }
}

// Where a task of this part writes, and the parts' sum into dw at the end.
template <class T>
class Parts {
  public:
    Parts(const Call<T>& call, const WeightCut& cut, Workspace& workspace);
    T* weight(const WeightTask& task, const Workspace& workspace) const;
    void add_up(const Workspace& workspace) const;

  private:
    const Call<T>& call_;
    int64_t count_, size_;
    Part<T> memory_;
};

template <class T>
struct Algorithm : AlgorithmRow<ConvSpec> {
    bool spreads_nonfinite = false;                                 // a NaN or infinity reaches taps that do not see it
    double (*cost)(const ConvShape&, const Kernels<T>&) = nullptr;  // null: never chosen by "auto"
    // Whether all it stored is finite: an infinity or NaN of the arrays never escapes that.
    bool (*run)(const Call<T>&) = nullptr;
};

namespace reference {  // as defined
template <class T>
Algorithm<T> row();
}
namespace im2col {  // a GEMM with the pixels as depth and input channels in the lanes
template <class T>
Algorithm<T> row();
}
namespace narrow {  // pixels in the lanes: few channels in a group
template <class T>
Algorithm<T> row();
}
namespace winograd {  // fewer multiplications
template <class T>
Algorithm<T> row();
}

}  // namespace convx::weight_gradient
