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
    Part<T> zeros, ring, staged, outputs, residual, bias;
    Part<TapRow<T>> rows;
    Part<Stretch> stretches;
    Part<Range> live;  // pixels of the rows of a ring beside which there are zeros

    Setup(const ConvShape& shape, const Kernels<T>& k, int threads)
        : s(shape),
          lanes(k.lanes),
          blocks(ceil_div(s.c, lanes)),
          cut(s, static_cast<int64_t>(sizeof(T)) * lanes, ceil_div(wanted(threads), s.n * blocks)),
          workspace(threads) {
        zeros = workspace.shared<T>(cut.width * lanes);
        ring = workspace.own<T>(cut.ring * s.d.in * cut.width * lanes);
        staged = workspace.own<T>(stages() ? cut.ring * s.w.in * lanes : 0);
        outputs = workspace.own<T>(cut.group * cut.columns.size * lanes);
        residual = workspace.own<T>(cut.group * cut.columns.size * lanes);
        bias = workspace.own<T>(lanes);
        rows = workspace.own<TapRow<T>>(s.d.kernel * s.h.kernel);
        stretches = workspace.own<Stretch>(2 * s.w.kernel + 1);
        live = workspace.own<Range>(1);
    }
    static int64_t wanted(int threads) { return threads > 1 ? 4 * threads : 1; }  // tasks, to balance with
    // Rows that are no whole vectors are transposed together, where they lie side by side.
    bool stages() const {
        return (s.w.in < lanes || round_up(s.w.in, lanes) * 3 > s.w.in * 4) && cut.columns.count() == 1;
    }
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
          residual_(setup.workspace.at(setup.residual, thread)),
          bias_(setup.workspace.at(setup.bias, thread)),
          rows_(setup.workspace.at(setup.rows, thread)),
          stretches_(setup.workspace.at(setup.stretches, thread)),
          live_(*setup.workspace.at(setup.live, thread)) {}

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
        if (in_.begin != live_.begin || in_.end != live_.end) clear();
        stretches_[0] = {columns_.begin, columns_.end, {0, s_.w.kernel}};
        stretch_count_ = skip_ && s_.w.dilation >= FAR ? list_stretches(s_.w, columns_, stretches_) : 1;
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
    // Zeros beside the pixels of all rows, which stay there from task to task.
    void clear() {
        const int64_t rows = setup_.cut.ring * s_.d.in, row = setup_.cut.width * lanes_;
        for (int64_t i = 0; i < rows; ++i) {
            std::fill(ring_ + i * row, ring_ + i * row + in_.begin * lanes_, T(0));
            std::fill(ring_ + i * row + in_.end * lanes_, ring_ + (i + 1) * row, T(0));
        }
        live_ = in_;
    }

    // Brings the ring up to the rows of input that these rows of output need.
    void fill(const Range& rows) {
        const int64_t low = rows.begin * s_.h.stride - s_.h.lo,
                      high = (rows.end - 1) * s_.h.stride - s_.h.lo + s_.h.extent();
        turn_ = std::max<int64_t>(low, 0) / setup_.cut.ring * setup_.cut.ring;
        const int64_t from = std::clamp<int64_t>(std::max(low, filled_), 0, s_.h.in), to = std::min(high, s_.h.in);
        if (from >= to || in_.empty()) return;
        filled_ = to;
        const T* const source = x_.data + image_ * x_.n + channel_ * x_.c + (column_ + in_.begin) * x_.w;
        for (int64_t z = 0; z < s_.d.in; ++z) {
            const T* plane = source + z * x_.d;
            if (setup_.stages() && x_.w == 1 && x_.h == s_.w.in && in_.size() == s_.w.in) {
                k_.transpose_rows({plane + from * x_.h, staged_, lanes_, (to - from) * s_.w.in, x_.c, lanes_});
                for (int64_t y = from; y < to; ++y) {
                    const T* const row = staged_ + (y - from) * s_.w.in * lanes_;
                    std::copy(row, row + s_.w.in * lanes_, row_at(z, y) + in_.begin * lanes_);
                }
            } else {
                for (int64_t y = from; y < to; ++y) fill_row(plane + y * x_.h, row_at(z, y));
            }
        }
    }

    void fill_row(const T* source, T* row) const {
        T* const to = row + in_.begin * lanes_;
        if (x_.w == 1 || s_.w.in == 1)
            k_.transpose_rows({source, to, lanes_, in_.size(), x_.c, lanes_});
        else  // channels lie side by side
            k_.copy_rows({source, to, in_.size(), x_.w, lanes_, 1, 0, lanes_, 0, T(0)});
    }

    // Of the rows that the group needs.
    T* row_at(int64_t z, int64_t y) const {
        const int64_t ring = setup_.cut.ring, slot = y - turn_ < ring ? y - turn_ : y - turn_ - ring;
        return ring_ + (slot * s_.d.in + z) * setup_.cut.width * lanes_;
    }

    // These rows of plane d of output map m of each channel.
    void convolve(int64_t m, int64_t d, const Range& rows) {
        const T* const w = call_.weight.data.data() + s_.k * s_.taps() + m * s_.taps() * s_.c + channel_;
        T* out = outputs_;
        if (call_.epilogue.has_residual) load_residual(m, d, rows);
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
        const int64_t step = s_.w.stride * lanes_, column_step = s_.w.dilation * lanes_;
        int64_t x = 0, w = 0;  // where rows_ are
        for (const Stretch* part = stretches_; part < stretches_ + stretch_count_; ++part) {
            const int64_t q = part->begin - columns_.begin, to_x = q * step + part->taps.begin * column_step,
                          to_w = part->taps.begin * s_.c;
            if (to_x != x || to_w != w)
                for (int64_t i = 0; i < taps; ++i) rows_[i] = {rows_[i].x + (to_x - x), rows_[i].w + (to_w - w)};
            x = to_x, w = to_w;
            k_.depthwise_pixels({rows_, out + q * lanes_, taps, part->taps.size(), part->end - part->begin, step,
                                 column_step, s_.c, lanes_, epilogue});
        }
    }

    Epilogue<T> epilogue_of(int64_t m) {
        Epilogue<T> e = call_.epilogue;
        e.to_residual = reinterpret_cast<intptr_t>(residual_) - reinterpret_cast<intptr_t>(outputs_);
        if (!e.bias) return e;
        for (int64_t i = 0; i < lanes_; ++i) bias_[i] = e.bias[(channel_ + i) * multiplier_ + m];
        e.bias = bias_;
        return e;
    }

    // body(first sum, output, pixels) of pixels that lie side by side in both, from a channel on.
    template <class Body>
    void pieces(int64_t channel, int64_t m, int64_t d, const Range& rows, const Body& body) const {
        const int64_t row = columns_.size(), count = row < s_.w.out ? rows.size() : 1,
                      pixels = rows.size() * row / count;
        T* out = call_.out + (image_ * s_.k + channel * multiplier_ + m) * s_.pixels() +
                 (d * s_.h.out + rows.begin) * s_.w.out + columns_.begin;
        for (int64_t i = 0; i < count; ++i, out += s_.w.out) body(i * pixels * lanes_, out, pixels);
    }

    void load_residual(int64_t m, int64_t d, const Range& rows) const {
        pieces(channel_, m, d, rows, [&](int64_t at, const T* out, int64_t pixels) {
            const T* const from = call_.epilogue.residual_of(out);
            k_.transpose_rows({from, residual_ + at, lanes_, pixels, multiplier_ * s_.pixels(), lanes_});
        });
    }

    void store(int64_t m, int64_t d, const Range& rows) const {
        const int64_t skipped = first_ - channel_, kept = std::min(lanes_, s_.c - first_);
        pieces(first_, m, d, rows, [&](int64_t at, T* out, int64_t pixels) {
            k_.transpose_rows({outputs_ + at + skipped, out, pixels, kept, lanes_, multiplier_ * s_.pixels()});
        });
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const View<const T>& x_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const int64_t lanes_, multiplier_;
    const bool skip_;  // taps in the padding
    const T* const zeros_;
    T *const ring_, *const staged_, *const outputs_, *const residual_, *const bias_;
    TapRow<T>* const rows_;
    Stretch* const stretches_;
    Range& live_;
    Range columns_{};                   // of output
    int64_t image_ = 0, first_ = 0;     // first channel to be stored,
    int64_t channel_ = 0, column_ = 0;  // to be read, and the first column of a row of the ring
    Range in_{};                        // which of its pixels are not padding
    int64_t stretch_count_ = 0;
    int64_t turn_ = 0;    // the row at the start of the ring, or of what it holds
    int64_t filled_ = 0;  // rows of input up to here are in the ring, or were
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
    for (int i = 0; i < call.threads; ++i) *setup.workspace.at(setup.live, i) = {};
    parallel_tasks(setup.tasks(), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(task); });
}

#define CONVX_INSTANTIATE(T)                                                       \
    template int64_t workspace_channels(const ConvShape&, const Kernels<T>&, int); \
    template void run_channels(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::depthwise
