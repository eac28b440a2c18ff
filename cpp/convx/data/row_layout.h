// The input's rows as kernels want them: padded, and split along W so that the elements one tap reads lie side by side.
// Patches, gradients, pools and unfold lay their copies out with this.
#pragma once
#include <cstdint>

#include "../../kernels/kernels.h"
#include "../shape/border.h"
#include "../shape/range.h"
#include "../shape/shape.h"

namespace convx {

// Rows of one axis (D or H): output o, tap t reads slot (o*stride + t*dilation) / step.
struct SlotAxis {
    int64_t step, count;
    SlotAxis(const Axis& a, int64_t outputs);
    int64_t slots(const Axis& a, int64_t outputs) const;  // used by a block of fewer outputs
};

// A row along W is kept as `phases` unit-stride pieces, so that every tap of a strided convolution is one of them.
struct PhaseAxis {
    int64_t phases, length;  // pieces of a row and their size
    int64_t start_step;      // from the first column of a phase to that of the next
    bool per_tap;            // one phase per tap: cheaper where taps are far apart or few
    PhaseAxis(const Axis& w, int64_t outputs);
    int64_t offset(const Axis& w, int64_t tap) const;
    int64_t elements() const { return phases * length; }
    bool splits(const Axis& w) const;  // a kernel writes all phases at once
    // Input columns of phase f, for a row whose first output begins at input column `column`.
    Positions columns(const Axis& w, int64_t column, int64_t f) const {
        return {column + f * start_step, w.stride, length};
    }
};

// Elements of one channel of a block of outputs laid out so, safe from overflow: for choosing a block.
double patch_elements(const ConvShape& s, int64_t d_out, int64_t p_out, int64_t q_out);

// Walks the rows of a block, those of each plane in runs: rows of padding, and rows of the input.
class RowWalk {
  public:
    RowWalk(Border border, const Axis& d, const Positions& planes, const Axis& h, const Positions& rows)
        : border_(border), d_(d), h_(h), planes_(planes), rows_(rows), live_(rows.inside(h.in)) {}

    // clear(plane, row, n): these n rows are zeros. copy(plane, row, n, z, y): they are row y of plane z of the input
    // and those that follow it, step by step.
    template <class Clear, class Copy>
    void run(const Clear& clear, const Copy& copy) const {
        for (int64_t i = 0; i < planes_.count; ++i) {
            const int64_t z = source_index(border_, d_, planes_.at(i));
            if (z < 0) {
                clear(i, int64_t{0}, rows_.count);
                continue;
            }
            edge(i, z, {0, live_.begin}, clear, copy);
            if (!live_.empty()) copy(i, live_.begin, live_.size(), z, rows_.at(live_.begin));
            edge(i, z, {live_.end, rows_.count}, clear, copy);
        }
    }

  private:
    template <class Clear, class Copy>
    void edge(int64_t plane, int64_t z, Range rows, const Clear& clear, const Copy& copy) const {
        if (rows.empty()) return;
        if (border_ == Border::zeros) return clear(plane, rows.begin, rows.size());
        for (int64_t j = rows.begin; j < rows.end; ++j) {
            const int64_t y = source_index(border_, h_, rows_.at(j));
            if (y < 0)
                clear(plane, j, int64_t{1});
            else
                copy(plane, j, int64_t{1}, z, y);
        }
    }

    const Border border_;
    const Axis &d_, &h_;
    const Positions planes_, rows_;
    const Range live_;  // that lie in the input
};

// Calls body(i, at) for the positions of an axis that lie in the padding and repeat element `at` of the input. They are
// few.
template <class Body>
void for_each_repeated(Border border, const Axis& a, const Positions& p, const Body& body) {
    if (border == Border::zeros) return;
    const Range live = p.inside(a.in);
    for (int64_t i = live.begin > 0 ? 0 : live.end; i < p.count; i = i + 1 == live.begin ? live.end : i + 1) {
        const int64_t at = source_index(border, a, p.at(i));
        if (at < 0) return;
        body(i, at);
    }
}

// Rows in an array: column 0 of the first, how many, and what one row and one column add.
template <class T>
struct Rows {
    const T* src;
    int64_t count, row, column;
};

// dst[r*dst_row + i] = column p.at(i) of row r, `fill` where the `size` columns of the row do not reach.
template <class T>
RowCopy<T> padded_copy(const Rows<T>& rows, int64_t size, const Positions& p, T* dst, int64_t dst_row, T fill) {
    const Range in = p.inside(size);
    return {rows.src + p.at(in.begin) * rows.column,
            dst,
            rows.count,
            rows.row,
            dst_row,
            p.step * rows.column,
            in.begin,
            in.size(),
            p.count - in.end,
            fill};
}

// Kernels that copy rows; split is null where there is none for T.
template <class T>
struct RowKernels {
    void (*copy)(const RowCopy<T>&);
    void (*split)(const RowSplit<T>&);
};
template <class T>
RowKernels<T> row_kernels(const ArgmaxKernels<T>& k) {
    return {k.copy_rows, k.split_rows};
}
template <class T>
RowKernels<T> row_kernels(const AnyKernels<T>& k) {
    return {k.copy_rows, nullptr};
}

// All phases of rows that begin at input column `column`, in the padding perhaps; phase f of row r is
// dst[r*dst_row + f*length + i].
template <class T>
void copy_phases(const RowKernels<T>& kernels, const Rows<T>& rows, const Axis& w, const PhaseAxis& layout,
                 int64_t column, T* dst, int64_t dst_row, T fill) {
    if (kernels.split && rows.column == 1 && layout.splits(w)) {
        const Range in = Positions{column, 1, layout.elements()}.inside(w.in);
        kernels.split({rows.src + column + in.begin, dst, rows.count, rows.row, dst_row, in.begin, in.size(),
                       layout.length, static_cast<int32_t>(layout.phases), fill});
        return;
    }
    for (int64_t f = 0; f < layout.phases; ++f)
        kernels.copy(padded_copy(rows, w.in, layout.columns(w, column, f), dst + f * layout.length, dst_row, fill));
}

}  // namespace convx
