// Sliding windows as the driver sees them, apart from the core: three axes, their sizes, and which element a tap reads.
#pragma once
#include <string>

#include "../../cpp/convx/shape/shape.h"
#include "array.h"

namespace convx::native {

struct Line {
    int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, lo = 0, hi = 0;
    int64_t span() const { return (kernel - 1) * dilation + 1; }
    int64_t at(int64_t output, int64_t tap) const { return output * stride + tap * dilation - lo; }
};

struct Point {
    int64_t d, h, w;
};

struct Sliding {
    int rank = 2;
    Line d, h, w;
    int64_t taps() const { return d.kernel * h.kernel * w.kernel; }
    int64_t outputs() const { return d.out * h.out * w.out; }
    int64_t inputs() const { return d.in * h.in * w.in; }
    Point tap(int64_t i) const { return {i / (h.kernel * w.kernel), i / w.kernel % h.kernel, i % w.kernel}; }
    Point output(int64_t i) const { return {i / (h.out * w.out), i / w.out % h.out, i % w.out}; }
    // Position in the input, which may lie outside of it.
    Point place(Point output, Point tap) const {
        return {d.at(output.d, tap.d), h.at(output.h, tap.h), w.at(output.w, tap.w)};
    }
    bool inside(Point p) const { return p.d >= 0 && p.d < d.in && p.h >= 0 && p.h < h.in && p.w >= 0 && p.w < w.in; }
    int64_t index(Point p) const { return (p.d * h.in + p.h) * w.in + p.w; }
    Sizes input(int64_t n, int64_t c) const { return {n, c, d.in, h.in, w.in}; }
    Sizes result(int64_t n, int64_t c) const { return {n, c, d.out, h.out, w.out}; }

    // What the core's functions take; of the last `rank` axes.
    Ints kernel() const { return ints(&Line::kernel); }
    Ints stride() const { return ints(&Line::stride); }
    Ints dilation() const { return ints(&Line::dilation); }
    Ints size() const { return ints(&Line::in); }
    Padding padding() const;
    Shape shape(int64_t first, int64_t second, int64_t Line::* size) const;  // first, second, *size
    std::string text() const;

  private:
    Ints ints(int64_t Line::* member) const;
};

// What the padding of `line` holds at position i: a position of the input, or -1.
int64_t bordered(Border border, const Line& line, int64_t i);
Border any_border(Random& random, const Sliding& s);

// One axis with a window that fits. Padding is at most `padding`, the input at most `size` and the kernel `kernel`.
struct Limits {
    int64_t size, kernel, stride, dilation, padding;
};
Line any_line(Random& random, const Limits& limits);
Sliding any_sliding(Random& random, int rank, const Limits& limits);

}  // namespace convx::native
