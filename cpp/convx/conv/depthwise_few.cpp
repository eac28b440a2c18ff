// Depthwise convolution of few channels that lie side by side in input and output: a row of pixels is one long row of
// elements, whose taps lie whole pixels apart. Rows are read in place where they meet no padding, else copied with it,
// split by pixels where windows move by more than one.
#include <algorithm>

#include "../data/row_layout.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "depthwise.h"

namespace convx::depthwise {
namespace {

constexpr int64_t TASK_ROWS = 14;  // of output: two of the tallest strips of the kernel
constexpr int64_t MOST_CHANNELS = 16;
constexpr int64_t PAGE = 4096;  // rows so far apart fill the same sets of L1

// The pixels of one phase of a row, and which of them are there.
struct PhasePixels {
    Positions at;
    Range inside;
};

// How a call is cut, and what it needs beside its arrays. Where taps lie `apart` rows from each other, rows of output
// as far apart are taken together.
template <class T>
struct Setup {
    int64_t pixel, period, apart;
    Pieces columns, rows;  // of output: pixels of a row, rows of one residue
    PhaseAxis layout;      // of a piece of a row, in pixels
    int64_t slots, row;    // input rows of a task, and elements of one
    Workspace workspace;
    Part<T> bias, zeros, copies;
    Part<int64_t> tap;
    Part<const T*> list;
    Part<PhasePixels> phases;

    Setup(const ConvShape& s, const Kernels<T>& k, int threads)
        : pixel(s.c),
          period(packed_channels(s.c, k.lanes)),
          apart(std::min(s.h.dilation, s.h.out)),
          columns{s.w.out, even_part(s.w.out, most_columns(s))},
          rows{ceil_div(s.h.out, apart), std::min(TASK_ROWS, ceil_div(s.h.out, apart))},
          layout(s.w, columns.size),
          slots((rows.size - 1) * s.h.stride + s.h.kernel),
          row(layout.elements() * pixel + 2 * k.lanes),
          workspace(threads) {
        bias = workspace.template shared<T>(period);
        zeros = workspace.template shared<T>(row);
        tap = workspace.template shared<int64_t>(s.w.kernel);
        copies = workspace.template own<T>(slots * row);
        list = workspace.template own<const T*>(slots);
        phases = workspace.template own<PhasePixels>(layout.phases);
    }
    static int64_t most_columns(const ConvShape& s) {
        const int64_t pixel = static_cast<int64_t>(sizeof(T)) * s.c;
        const int64_t fit = caches().l2 / 4 / ((TASK_ROWS + 2) * s.h.stride * s.w.stride * pixel);
        return std::max({fit, s.w.extent(), int64_t{32}});
    }
    int64_t tasks(const ConvShape& s) const { return s.n * apart * rows.count() * columns.count(); }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          setup_(setup),
          in_place_(s_.w.stride == 1 && setup.layout.phases == 1 && !setup.layout.per_tap &&
                    call.x.h * static_cast<int64_t>(sizeof(T)) % PAGE != 0),
          copies_(setup.workspace.at(setup.copies, thread)),
          list_(setup.workspace.at(setup.list, thread)),
          phases_(setup.workspace.at(setup.phases, thread)) {}

    void run(int64_t task) {
        const Range q = setup_.columns.at(task % setup_.columns.count());
        task /= setup_.columns.count();
        Range p = setup_.rows.at(task % setup_.rows.count());
        task /= setup_.rows.count();
        const int64_t first = task % setup_.apart, n = task / setup_.apart;
        p.end = std::min(p.end, ceil_div(s_.h.out - first, setup_.apart));
        if (p.empty()) return;
        // Behind those read in place there are pixels of the same row for a vector that ends beyond them.
        const int64_t spare = ceil_div(call_.kernels.lanes, setup_.pixel);
        const Range inner{std::max(q.begin, s_.w.lo), std::min(q.end, s_.w.in + s_.w.lo - s_.w.extent() + 1 - spare)};
        if (!in_place_ || inner.size() < 2 * spare) return convolve(n, first, p, q, false);
        if (q.begin < inner.begin) convolve(n, first, p, {q.begin, inner.begin}, false);
        convolve(n, first, p, inner, true);
        if (inner.end < q.end) convolve(n, first, p, {inner.end, q.end}, false);
    }

  private:
    // Outputs `q` of rows `p` of those that lie apart from row `first` of an image.
    void convolve(int64_t n, int64_t first, const Range& p, const Range& q, bool in_place) {
        const int64_t top = first + p.begin * setup_.apart, y = top * s_.h.stride - s_.h.lo;
        list_rows(n, y, (p.size() - 1) * s_.h.stride + s_.h.kernel, q, in_place);
        DepthwiseRows<T> d{};
        d.rows = list_;
        d.tap = setup_.workspace.at(setup_.tap);
        d.w = call_.weight.data.data() + s_.k * s_.taps();
        d.out_row = s_.w.out * setup_.pixel * setup_.apart;
        d.out = call_.out + ((n * s_.h.out + top) * s_.w.out + q.begin) * setup_.pixel;
        d.height = p.size();
        d.width = q.size() * setup_.pixel;
        d.period = setup_.period;
        d.kernel_h = s_.h.kernel;
        d.kernel_w = s_.w.kernel;
        d.stride = s_.h.stride;
        d.epilogue = call_.epilogue;
        if (d.epilogue.bias) d.epilogue.bias = setup_.workspace.at(setup_.bias);
        call_.kernels.depthwise_rows(d);
    }

    // `count` rows of input under the outputs q, a dilation each from the next.
    void list_rows(int64_t n, int64_t top, int64_t count, const Range& q, bool in_place) {
        const int64_t column = q.begin * s_.w.stride - s_.w.lo;
        if (!in_place) list_phases(column, setup_.columns.size - q.size());
        Pace pace;
        for (int64_t i = 0; i < count; ++i) {
            const int64_t y = source_index(s_.border, s_.h, top + i * s_.h.dilation);
            const T* const row = call_.x.data + n * call_.x.n + y * call_.x.h;
            T* const to = copies_ + i * setup_.row;
            list_[i] = y < 0 ? setup_.workspace.at(setup_.zeros) : in_place ? row + column * setup_.pixel : to;
            if (list_[i] != to) continue;
            copy_row(row, to);
            pace.step(setup_.row);
        }
    }

    // `fewer` outputs than the longest piece of a row has.
    void list_phases(int64_t column, int64_t fewer) {
        for (int64_t f = 0; f < setup_.layout.phases; ++f) {
            Positions p = setup_.layout.columns(s_.w, column, f);
            p.count -= fewer;
            phases_[f] = {p, p.inside(s_.w.in)};
        }
    }

    void copy_row(const T* source, T* to) const {
        const int64_t pixel = setup_.pixel;
        for (int64_t f = 0; f < setup_.layout.phases; ++f, to += setup_.layout.length * pixel) {
            const auto& [p, in] = phases_[f];
            for (int64_t e = 0; e < in.begin * pixel; ++e) to[e] = 0;
            copy(source + p.at(in.begin) * pixel, in.size(), p.step * pixel, to + in.begin * pixel);
            for (int64_t e = in.end * pixel; e < p.count * pixel; ++e) to[e] = 0;
            for_each_repeated(s_.border, s_.w, p, [&, to](int64_t i, int64_t at) {
                std::copy_n(source + at * pixel, pixel, to + i * pixel);
            });
        }
    }

    void copy(const T* src, int64_t count, int64_t step, T* to) const {
        if (count == 0) return;
        if (step == setup_.pixel)
            std::copy_n(src, count * step, to);
        else
            call_.kernels.copy_pixels({src, to, count, setup_.pixel, step});
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Setup<T>& setup_;
    const bool in_place_;
    T* const copies_;
    const T** const list_;
    PhasePixels* const phases_;
};

}  // namespace

template <class T>
bool takes_few(const ConvShape& s, const Kernels<T>& k) {
    const bool plane = s.d.in == 1 && s.d.out == 1 && s.d.kernel == 1 && s.d.lo == 0;
    if (!plane || s.c < 2 || s.c > MOST_CHANNELS || packed_channels(s.c, k.lanes) % k.lanes) return false;
    if ((s.h.stride > 1 && s.h.dilation > 1) || s.w.out < k.lanes) return false;
    const auto number = [](int64_t n) { return static_cast<double>(n); };
    const double columns = number(Setup<T>::most_columns(s)) * number(s.w.stride) + number(s.w.extent());
    const double rows = number(TASK_ROWS * s.h.stride) + number(s.h.kernel);
    return rows * columns * number(s.c * sizeof(T)) <= number(caches().l2) / 2;
}

template <class T>
int64_t workspace_few(const ConvShape& s, const Kernels<T>& k, int threads) {
    return Setup<T>(s, k, threads).workspace.bytes();
}

template <class T>
void run_few(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    Setup<T> setup(s, call.kernels, call.threads);
    setup.workspace.allocate();
    if (call.epilogue.bias)
        for (int64_t i = 0; i < setup.period; ++i) setup.workspace.at(setup.bias)[i] = call.epilogue.bias[i % s.c];
    for (int64_t i = 0; i < s.w.kernel; ++i)
        setup.workspace.at(setup.tap)[i] = setup.layout.offset(s.w, i) * setup.pixel;
    std::fill_n(setup.workspace.at(setup.zeros), setup.row, T(0));
    for (int i = 0; i < call.threads; ++i)
        std::fill_n(setup.workspace.at(setup.copies, i), setup.slots * setup.row, T(0));
    parallel_tasks(setup.tasks(s), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(task); });
}

#define CONVX_INSTANTIATE(T)                                                  \
    template bool takes_few(const ConvShape&, const Kernels<T>&);             \
    template int64_t workspace_few(const ConvShape&, const Kernels<T>&, int); \
    template void run_few(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::depthwise
