// How depthwise convolution along rows is cut, and what it needs beside its arrays.
#pragma once
#include <algorithm>

#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "../shape/integer_math.h"
#include "depthwise.h"

namespace convx::depthwise {

constexpr int64_t TASK_PIXELS = 8192;

// Padding holds copies of the input, and so do rows then.
inline bool extends(const ConvShape& s) { return s.border != Border::zeros && s.h.lo + s.h.hi + s.w.lo + s.w.hi > 0; }

// Outputs of a row before the first and from the last vector on that meet no padding, and how much of a row they read.
struct Ends {
    int64_t inner0 = 0, inner1 = 0;  // outputs [inner0, inner1) meet no padding
    int64_t from = 0;                // the first output that may be one of the last
    int64_t first = 0, last = 0;     // elements

    Ends(const ConvShape& s, int64_t lanes) : inner0(ceil_div(s.w.lo, s.w.stride)) {
        // A vector reads all phases of its last tap; in place they must be there.
        const int64_t room = s.w.in + s.w.lo - s.w.kernel - (extends(s) ? s.w.stride - 1 : 0);
        if (room >= 0) inner1 = room / s.w.stride + 1;
        if (inner1 - inner0 < 4 * lanes) return;
        from = (inner1 / lanes - 1) * lanes;
        first = round_up(inner0, lanes) * s.w.stride + s.w.kernel - 1;
        last = (s.w.out - from) * s.w.stride + s.w.kernel - 1;
    }
};

// A task is some whole input channels, or some rows of one.
template <class T>
struct RowsSetup {
    int64_t reach;                         // elements read from the start of a padded row
    int64_t channels, rows, bands, slots;  // of a task; bands of a plane; input rows of a band
    int64_t tasks;
    Ends ends;
    bool copies_ends;  // of rows, not whole ones, where padding holds copies of the input
    Workspace workspace;
    Part<T> zeros, inside, copies;
    Part<const T*> row;
    Part<int64_t> row_step, column;

    RowsSetup(const ConvShape& s, const Kernels<T>& k, int threads)
        : reach(std::max<int64_t>(s.w.out, k.lanes) * s.w.stride + s.w.kernel - 1),
          ends(s, k.lanes),
          copies_ends(extends(s) && ends.first),
          workspace(threads) {
        const int64_t all = s.n * s.c, size = s.pixels() * s.k_per_group(), wanted = threads > 1 ? 4 * threads : 1;
        const int64_t task = std::clamp<int64_t>(all * size / wanted, 1, TASK_PIXELS);
        channels = std::clamp<int64_t>(task / size, 1, all);
        // In whole strips of the kernel, which have 7 rows, 6 or 3.
        const int64_t of_maps = s.w.out * s.k_per_group();  // all maps of a channel are made together
        rows = channels > 1 ? s.h.out : std::min(round_up(std::max<int64_t>(task / of_maps, 1), 42), s.h.out);
        bands = ceil_div(s.h.out, rows);
        slots = (rows - 1) * s.h.stride + s.h.kernel;
        tasks = ceil_div(all, channels) * bands;
        zeros = workspace.template shared<T>(reach);
        inside = workspace.template shared<T>(reach);
        copies = workspace.template own<T>(slots * (copies_ends ? ends.first + ends.last : reach));
        row = workspace.template own<const T*>((copies_ends ? 3 : 1) * slots);
        column = workspace.template shared<int64_t>(copies_ends ? ends.first + ends.last : 0);
        row_step = workspace.template own<int64_t>(slots);
    }
};

// Where the elements of a row's ends come from; what only idle lanes read may be any.
inline void list_columns(const ConvShape& s, const Ends& ends, int64_t* column) {
    const auto list = [&](int64_t first, int64_t count) {
        for (int64_t j = first; j < first + count; ++j)
            *column++ = j < s.w.in + s.w.hi ? source_index(s.border, s.w, j) : 0;
    };
    list(-s.w.lo, ends.first);
    list(ends.from * s.w.stride - s.w.lo, ends.last);
}

}  // namespace convx::depthwise
