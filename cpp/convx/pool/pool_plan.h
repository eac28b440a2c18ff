// How the strips of a call are cut and laid out, see pool_strips.cpp.
#pragma once
#include "../runtime/workspace.h"
#include "pool_paths.h"

namespace convx::pool::strips {

// How a strip becomes outputs.
enum class Way {
    rows,    // the rows of each window are reduced into scratch, columns from there
    tall,    // the same, rows by van Herk
    direct,  // rows are reduced into the output: along W nothing is left to do
    small,   // rows and columns at once, in registers; as `rows` where that would read beyond the array
};

// Along a row.
struct Across {
    Axis axis;
    Along how;
    Pieces outputs;  // of a row, as taken at a time
    int64_t origin;  // of the first input column in a reduced row, in elements
    int64_t pitch;   // of reduced rows
    int64_t columns(int64_t count) const { return (count - 1) * axis.stride + axis.extent(); }  // under so many outputs
};

// Down an image.
struct Down {
    Axis axis;       // H
    Pieces rows;     // of windows, those of all planes, as taken at a time
    int64_t images;  // that share a strip
};

// Everything that the strips of a call share.
template <class T>
struct StripPlan {
    const PoolCall<T>& call;
    const PoolShape& s;
    Across w;
    Down h;
    Way way;
    bool down;             // pool_small goes by columns, of strips whose input lies in L1
    int64_t ahead = 0;     // see PoolSmall: of input that comes from memory
    const T *begin, *end;  // of all that may be read
    Workspace workspace;
    Part<WindowRows> windows;  // of each row of windows
    Part<T> widths, heights;   // divisors, `lanes` more than a row has outputs
    Part<T> scratch;
    PoolDivisor<T> divisor{};

    explicit StripPlan(const PoolCall<T>& c);
    void fill();  // of the workspace, once it is there

    int64_t reduced() const;  // elements of reduced rows, in front of a thread's scratch
    bool dirty() const;       // a strip finds other rows' elements beside its own
    T neutral() const { return pool::neutral<T>(call.kind); }

  private:
    void lay_out_rows();
    void cut_rows();
    int64_t rows_of_groups() const;
    int64_t spare() const;  // elements behind reduced rows, for the kernels
    void list_windows(WindowRows* list) const;
    void list_divisors(T* width, T* height);
};

}  // namespace convx::pool::strips
