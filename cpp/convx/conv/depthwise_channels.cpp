// Depthwise convolution with channels in the lanes: a vector of channels at a time, rows of the input are transposed
// into a ring of as many rows as a few rows of output need, and these are transposed back. Two transpositions cost less
// than what lanes of pixels lose by many taps, strides, narrow maps and padding: nothing here is loaded across cache
// lines, and rows of taps in the padding are left out.
#include <algorithm>

#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "depthwise.h"

namespace convx::depthwise {
namespace {

constexpr int64_t GROUP_PIXELS = 96;   // of output between two transpositions
constexpr int64_t LEAST_COLUMNS = 64;  // of a row that is cut
constexpr int64_t FAR = 4;             // dilations beyond leave parts of a row without some taps

// Along the rows of a call.
struct Cut {
    Pieces columns, bands;  // of output: pieces of a row, rows of a task
    int64_t group;          // rows between two transpositions
    int64_t ring, width;    // rows kept, and pixels of one with its padding

    Cut(const ConvShape& s, int64_t pixel_bytes, int64_t wanted_tasks) : columns{s.w.out}, bands{s.h.out} {
        const int64_t least = std::min(s.h.extent(), s.h.in) * s.d.in * pixel_bytes;
        const int64_t fits = std::max<int64_t>(caches().l1 * 3 / 4 / least, LEAST_COLUMNS);
        columns.size = even_part(s.w.out, std::max(fits / s.w.stride, 4 * s.w.extent()));
        group = std::clamp<int64_t>(GROUP_PIXELS / columns.size, 1, s.h.out);
        bands.size = round_up(ceil_div(s.h.out, std::min(ceil_div(wanted_tasks, columns.count()), s.h.out)), group);
        ring = std::min((group - 1) * s.h.stride + s.h.extent(), s.h.in);
        width = (columns.size - 1) * s.w.stride + s.w.extent();
    }
};

template <class T>
struct Setup {
    const ConvShape& s;
    int64_t lanes, blocks;
    Cut cut;
    Workspace workspace;
    Part<T> zeros, ring, staged, outputs, bias;
    Part<TapRow<T>> rows;

    Setup(const ConvShape& shape, const Kernels<T>& k, int threads)
        : s(shape),
          lanes(k.lanes),
          blocks(ceil_div(s.c, lanes)),
          cut(s, lanes * static_cast<int64_t>(sizeof(T)), ceil_div(threads > 1 ? 4 * threads : 1, s.n * blocks)),
          workspace(threads) {
        zeros = workspace.shared<T>(cut.width * lanes);
        ring = workspace.own<T>(cut.ring * s.d.in * cut.width * lanes);
        staged = workspace.own<T>(stages() ? cut.ring * s.w.in * lanes : 0);
        outputs = workspace.own<T>(cut.group * cut.columns.size * lanes);
        bias = workspace.own<T>(lanes);
        rows = workspace.own<TapRow<T>>(s.d.kernel * s.h.kernel);
    }
    // Rows of few vectors are transposed together, where they lie side by side.
    bool stages() const { return s.w.in < 4 * lanes && cut.columns.count() == 1; }
    int64_t tasks() const { return s.n * blocks * cut.bands.count() * cut.columns.count(); }
};

// One task: some rows of output, or pieces of them, of a vector of channels.
template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          x_(call.x),
          k_(call.kernels),
          setup_(setup),
          lanes_(setup.lanes),
          multiplier_(s_.k_per_group()),
          skip_(call.weight.finite),
          zeros_(setup.workspace.at(setup.zeros)),
          ring_(setup.workspace.at(setup.ring, thread)),
          staged_(setup.workspace.at(setup.staged, thread)),
          outputs_(setup.workspace.at(setup.outputs, thread)),
          bias_(setup.workspace.at(setup.bias, thread)),
          rows_(setup.workspace.at(setup.rows, thread)) {}

    void run(int64_t task) {
        const Cut& cut = setup_.cut;
        const int64_t pieces = cut.columns.count(), bands = cut.bands.count();
        columns_ = cut.columns.at(task % pieces);
        const Range band = cut.bands.at(task / pieces % bands);
        const int64_t block = task / pieces / bands % setup_.blocks;
        image_ = task / pieces / bands / setup_.blocks;
        first_ = block * lanes_;
        channel_ = std::min(first_, s_.c - lanes_);  // the last vector of channels overlaps the one before
        column_ = columns_.begin * s_.w.stride - s_.w.lo;
        in_ = Positions{column_, 1, cut.width}.inside(s_.w.in);
        filled_ = 0;
        Pace pace;
        for (int64_t p = band.begin; p < band.end; p += cut.group) {
            const Range rows{p, std::min(p + cut.group, band.end)};
            fill(rows);
            for (int64_t m = 0; m < multiplier_; ++m)
                for (int64_t d = 0; d < s_.d.out; ++d) {
                    convolve(m, d, rows);
                    pace.step(rows.size() * columns_.size() * s_.taps());
                }
        }
    }

  private:
    // Brings the ring up to the rows of input that these rows of output need.
    void fill(const Range& rows) {
        const int64_t low = rows.begin * s_.h.stride - s_.h.lo,
                      high = (rows.end - 1) * s_.h.stride - s_.h.lo + s_.h.extent();
        const int64_t from = std::clamp<int64_t>(std::max(low, filled_), 0, s_.h.in), to = std::min(high, s_.h.in);
        if (from >= to || in_.empty()) return;
        filled_ = to;
        const T* const source = x_.data + image_ * x_.n + channel_ * x_.c + (column_ + in_.begin) * x_.w;
        for (int64_t z = 0; z < s_.d.in; ++z) {
            const T* plane = source + z * x_.d;
            if (setup_.stages() && x_.w == 1 && x_.h == s_.w.in && in_.size() == s_.w.in) {
                k_.transpose_rows({plane + from * x_.h, staged_, lanes_, (to - from) * s_.w.in, x_.c, lanes_});
                for (int64_t y = from; y < to; ++y)
                    k_.copy_rows({staged_ + (y - from) * s_.w.in * lanes_, row_at(z, y), 1, 0, 0, 1, in_.begin * lanes_,
                                  in_.size() * lanes_, (setup_.cut.width - in_.end) * lanes_, T(0)});
            } else {
                for (int64_t y = from; y < to; ++y) fill_row(plane + y * x_.h, row_at(z, y));
            }
        }
    }

    void fill_row(const T* source, T* row) const {
        T* const body = row + in_.begin * lanes_;
        T* const end = row + in_.end * lanes_;
        std::fill(row, body, T(0));
        if (x_.w == 1 || s_.w.in == 1)
            k_.transpose_rows({source, body, lanes_, in_.size(), x_.c, lanes_});
        else  // channels lie side by side
            k_.copy_rows({source, body, in_.size(), x_.w, lanes_, 1, 0, lanes_, 0, T(0)});
        std::fill(end, row + setup_.cut.width * lanes_, T(0));
    }

    T* row_at(int64_t z, int64_t y) const {
        return ring_ + (y % setup_.cut.ring * s_.d.in + z) * setup_.cut.width * lanes_;
    }

    // These rows of plane d of output map m of each channel.
    void convolve(int64_t m, int64_t d, const Range& rows) {
        const T* const w = call_.weight.data.data() + s_.k * s_.taps() + m * s_.taps() * s_.c + channel_;
        T* out = outputs_;
        for (int64_t p = rows.begin; p < rows.end; ++p, out += columns_.size() * lanes_)
            row(list_taps(d, p, w), out, epilogue_of(m));
        store(m, d, rows);
    }

    int64_t list_taps(int64_t d, int64_t p, const T* w) {
        const Range depth = skip_ ? live_taps(s_.d, d, d + 1) : Range{0, s_.d.kernel},
                    height = skip_ ? live_taps(s_.h, p, p + 1) : Range{0, s_.h.kernel};
        TapRow<T>* list = rows_;
        for (int64_t t = depth.begin; t < depth.end; ++t)
            for (int64_t r = height.begin; r < height.end; ++r) {
                const int64_t z = d * s_.d.stride - s_.d.lo + t * s_.d.dilation,
                              y = p * s_.h.stride - s_.h.lo + r * s_.h.dilation;
                const bool padding = z < 0 || z >= s_.d.in || y < 0 || y >= s_.h.in || in_.empty();
                *list++ = {padding ? zeros_ : row_at(z, y), w + (t * s_.h.kernel + r) * s_.w.kernel * s_.c};
            }
        return list - rows_;
    }

    void row(int64_t taps, T* out, const Epilogue<T>& epilogue) {
        const Axis& w = s_.w;
        if (!skip_ || w.dilation < FAR || taps == 0)
            return outputs(taps, {0, w.kernel}, {0, columns_.size()}, out, epilogue);
        for (int64_t q = columns_.begin; q < columns_.end;) {
            const Range live = live_taps(w, q, q + 1);
            int64_t end = q + 1;
            while (end < columns_.end && same(live, live_taps(w, end, end + 1))) ++end;
            outputs(taps, live, {q - columns_.begin, end - columns_.begin}, out, epilogue);
            q = end;
        }
    }
    static bool same(const Range& a, const Range& b) { return a.begin == b.begin && a.end == b.end; }

    // Outputs q of a row, from some of the taps along it.
    void outputs(int64_t taps, const Range& live, const Range& q, T* out, const Epilogue<T>& epilogue) {
        const int64_t step = s_.w.stride * lanes_, column_step = s_.w.dilation * lanes_;
        const int64_t x = q.begin * step + live.begin * column_step, w = live.begin * s_.c;
        for (int64_t i = 0; i < taps; ++i) rows_[i] = {rows_[i].x + x, rows_[i].w + w};
        k_.depthwise_pixels(
            {rows_, out + q.begin * lanes_, taps, live.size(), q.size(), step, column_step, s_.c, lanes_, epilogue});
        for (int64_t i = 0; i < taps; ++i) rows_[i] = {rows_[i].x - x, rows_[i].w - w};
    }

    Epilogue<T> epilogue_of(int64_t m) {
        Epilogue<T> e = call_.epilogue;
        if (!e.bias) return e;
        for (int64_t i = 0; i < lanes_; ++i) bias_[i] = e.bias[(channel_ + i) * multiplier_ + m];
        e.bias = bias_;
        return e;
    }

    void store(int64_t m, int64_t d, const Range& rows) const {
        const int64_t skipped = first_ - channel_, kept = std::min(lanes_, s_.c - first_);
        const int64_t row = columns_.size(), pieces = row < s_.w.out ? rows.size() : 1,
                      pixels = rows.size() * row / pieces;
        T* out = call_.out + (image_ * s_.k + first_ * multiplier_ + m) * s_.pixels() +
                 (d * s_.h.out + rows.begin) * s_.w.out + columns_.begin;
        for (int64_t i = 0; i < pieces; ++i, out += s_.w.out)
            k_.transpose_rows(
                {outputs_ + i * row * lanes_ + skipped, out, pixels, kept, lanes_, multiplier_ * s_.pixels()});
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const View<const T>& x_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const int64_t lanes_, multiplier_;
    const bool skip_;  // taps in the padding
    const T* const zeros_;
    T *const ring_, *const staged_, *const outputs_, *const bias_;
    TapRow<T>* const rows_;
    Range columns_{};                   // of output
    int64_t image_ = 0, first_ = 0;     // first channel to be stored,
    int64_t channel_ = 0, column_ = 0;  // to be read, and the first column of a row of the ring
    Range in_{};                        // which of its pixels are not padding
    int64_t filled_ = 0;                // rows of input up to here are in the ring, or were
};

}  // namespace

bool takes_channels(const ConvShape& s, double lanes, double element) {
    const auto f = [](int64_t x) { return static_cast<double>(x); };
    if (s.c_per_group() != 1 || f(s.c) < lanes) return false;
    if (s.border != Border::zeros && s.d.lo + s.d.hi + s.h.lo + s.h.hi + s.w.lo + s.w.hi > 0) return false;
    // The ring is in L2.
    const double columns = std::min(f(s.w.out), std::max(f(LEAST_COLUMNS), 4 * f(s.w.extent())));
    const double width = columns * f(s.w.stride) + f(s.w.extent());
    const double group = std::max(f(GROUP_PIXELS) / columns, 1.0) * f(s.h.stride) + f(s.h.extent());
    return std::min(group, f(s.h.in)) * f(s.d.in) * width * lanes * element <= f(caches().l2) / 2;
}

template <class T>
int64_t workspace_channels(const ConvShape& s, const Kernels<T>& k, int threads) {
    return Setup<T>(s, k, threads).workspace.bytes();
}

template <class T>
void run_channels(const ConvCall<T>& call) {
    Setup<T> setup(call.shape, call.kernels, call.threads);
    setup.workspace.allocate();
    T* const zeros = setup.workspace.at(setup.zeros);
    std::fill(zeros, zeros + setup.cut.width * setup.lanes, T(0));
    parallel_tasks(setup.tasks(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(task); });
}

#define CONVX_INSTANTIATE(T)                                                       \
    template int64_t workspace_channels(const ConvShape&, const Kernels<T>&, int); \
    template void run_channels(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::depthwise
