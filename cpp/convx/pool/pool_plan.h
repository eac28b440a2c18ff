// How the strips of a call are cut and laid out, see pool_strips.cpp.
#pragma once
#include <limits>

#include "../range.h"
#include "pool_paths.h"

namespace convx::pool::strips {

// Everything that the strips of a call share.
template <class T>
struct Plan {
    const PoolCall<T>& call;
    const PoolShape& s;
    Axis w, h;
    Along how;
    bool tall;       // rows by van Herk
    bool small;      // rows and columns at once; what follows serves where that would read beyond the array
    bool direct;     // nothing to do along W: rows are reduced into the output
    Pieces columns;  // of the outputs of a row
    int64_t origin;  // of the first input column in a reduced row
    int64_t pitch;   // of reduced rows
    int64_t row_count;
    Pieces rows;           // of the rows of windows of an image
    int64_t images;        // that share a strip
    const T *begin, *end;  // of all that may be read
    const WindowRows* window = nullptr;
    PoolDivisor<T> divisor{};

    explicit Plan(const PoolCall<T>& c);

    int64_t length(int64_t outputs) const { return (outputs - 1) * w.stride + w.extent(); }
    int64_t reduced() const { return direct ? 0 : (small ? 1 : images) * rows.size * pitch + 2 * call.kernels.lanes; }
    bool dirty() const {
        return !direct && (small || how == Along::wide || columns.count() > 1);
    }  // by the strip before
    int64_t spare() const;
    T neutral() const { return call.kind == Kind::max ? -std::numeric_limits<T>::infinity() : T(0); }

    void list_windows(WindowRows* list);        // row_count of them
    void list_divisors(T* widths, T* heights);  // w.out and lanes more, row_count

  private:
    void lay_out_rows();
};

}  // namespace convx::pool::strips
