#include "depthwise.h"

#include <algorithm>
#include <cstring>

#include "../data/finite.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "depthwise_setup.h"
#include "narrow.h"

namespace convx::depthwise {
namespace {

constexpr int64_t MOST_WIDTH = 1 << 18;  // a kernel takes whole rows, and Ctrl-C waits for it

// One task: finds the input rows, in place where whole vectors can be read there, and calls the kernel.
template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const RowsSetup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          setup_(setup),
          offsets_(offsets_of(call.x, s_.n, s_.c, 1, s_.h.in, s_.w.in)),
          zeros_(setup.workspace.at(setup.zeros)),
          rows_(setup.workspace.at(setup.row, thread)),
          row_step_(setup.workspace.at(setup.row_step, thread)),
          copies_(setup.workspace.at(setup.copies, thread)) {}

    void run(int64_t task) {
        const int64_t first = task / setup_.bands * setup_.channels,
                      last = std::min(first + setup_.channels, s_.n * s_.c);
        p0_ = task % setup_.bands * setup_.rows;
        height_ = std::min(setup_.rows, s_.h.out - p0_);
        top_ = p0_ * s_.h.stride - s_.h.lo;
        count_ = (height_ - 1) * s_.h.stride + s_.h.kernel;
        live_ = extends(s_) ? Range{0, count_} : Positions{top_, 1, count_}.inside(s_.h.in);
        for (int64_t at = first; at < last;) {
            const int64_t n = at / s_.c, c = at % s_.c;
            at += channels(n, c, std::min(last - at, s_.c - c));
        }
    }

  private:
    // Convolves some of `most` channels from c on: one whose rows need copies, or all up to the next such channel.
    int64_t channels(int64_t n, int64_t c, int64_t most) {
        const View<const T>& x = call_.x;
        const int64_t corner = n * x.n + c * x.c + top_ * x.h - s_.w.lo;  // of the first row
        int64_t count = 0;
        if (extends(s_)) return extended(n, c);
        while (count < most && in_place(corner + count * x.c)) ++count;
        for (int64_t i = 0; i < count_; ++i) {
            const bool live = i >= live_.begin && i < live_.end;
            const int64_t at = corner + i * x.h;
            rows_[i] = !live ? zeros_ : readable(at) ? x.data + at : copy(i, x.data + at + s_.w.lo);
            row_step_[i] = live ? x.c : 0;
        }
        count = std::max<int64_t>(count, 1);
        call_.kernels.depthwise_planes(planes(n, c, count));
        return count;
    }

    // One channel whose padding is not zeros: rows, or the ends of them, are copied with it.
    int64_t extended(int64_t n, int64_t c) {
        const T* const plane = call_.x.data + n * call_.x.n + c * call_.x.c;
        for (int64_t i = 0; i < count_; ++i) {
            const T* const row = plane + source_index(s_.border, s_.h, top_ + i) * call_.x.h;
            row_step_[i] = 0;
            setup_.copies_ends ? copy_ends(i, row) : copy_extended(i, row);
        }
        DepthwisePlanes<T> t = planes(n, c, 1);
        if (setup_.copies_ends) t.row_step = nullptr;
        call_.kernels.depthwise_planes(t);
        return 1;
    }

    void copy_ends(int64_t i, const T* row) {
        const Ends& ends = setup_.ends;
        const int64_t* const column = setup_.workspace.at(setup_.column);
        T* const to = copies_ + i * (ends.first + ends.last);
        for (int64_t j = 0; j < ends.first + ends.last; ++j) to[j] = row[column[j]];
        rows_[i] = row - s_.w.lo;
        rows_[count_ + i] = to;
        rows_[2 * count_ + i] = to + ends.first - ends.from * s_.w.stride;
    }

    void copy_extended(int64_t i, const T* row) {
        rows_[i] = copy(i, row);
        T* const to = copies_ + i * setup_.reach + s_.w.lo;
        for (int64_t q = -s_.w.lo; q < 0; ++q) to[q] = row[source_index(s_.border, s_.w, q)];
        for (int64_t q = s_.w.in; q < s_.w.in + s_.w.hi; ++q) to[q] = row[source_index(s_.border, s_.w, q)];
    }

    DepthwisePlanes<T> planes(int64_t n, int64_t c, int64_t channels) const {
        const int64_t k = c * s_.k_per_group();
        DepthwisePlanes<T> t{};
        t.rows = rows_;
        t.row_step = row_step_;
        t.w = call_.weight.data.data() + k * s_.taps();
        t.inside = setup_.workspace.at(setup_.inside);
        t.out = call_.out + ((n * s_.k + k) * s_.h.out + p0_) * s_.w.out;
        t.out_plane = s_.pixels();
        t.channels = channels;
        t.multiplier = s_.k_per_group();
        t.row_count = count_;
        t.height = height_;
        t.width = s_.w.out;
        const bool copied = extends(s_) && !setup_.copies_ends;
        t.inner0 = copied ? 0 : setup_.ends.inner0;
        t.inner1 = copied ? s_.w.out : setup_.ends.inner1;
        t.kernel = static_cast<int32_t>(s_.w.kernel);
        t.stride = static_cast<int32_t>(s_.w.stride);
        t.epilogue = call_.epilogue;
        if (t.epilogue.bias) t.epilogue.bias += k;
        return t;
    }

    bool readable(int64_t at) const { return at >= offsets_.begin && at + setup_.reach <= offsets_.end; }
    bool in_place(int64_t corner) const {
        const int64_t h = call_.x.h;
        return live_.begin == live_.end ||
               (readable(corner + live_.begin * h) && readable(corner + (live_.end - 1) * h));
    }

    const T* copy(int64_t slot, const T* row) {
        T* const to = copies_ + slot * setup_.reach;
        const int64_t count = std::clamp<int64_t>(setup_.reach - s_.w.lo, 0, s_.w.in);
        std::fill(to, to + setup_.reach, T(0));
        if (count) std::copy(row, row + count, to + s_.w.lo);
        return to;
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const RowsSetup<T>& setup_;
    const Range offsets_;  // of the input, so that a vector may read a neighbouring row but nothing outside
    const T* zeros_;
    const T** rows_;
    int64_t* row_step_;
    T* copies_;
    int64_t p0_ = 0, height_ = 0;  // output rows of the task
    int64_t top_ = 0, count_ = 0;  // and their input rows,
    Range live_{};                 // of which these are not padding
};

}  // namespace

bool has_kernel(const ConvShape& s) {
    const int64_t k = s.w.kernel;
    return s.d.in == 1 && s.d.out == 1 && s.d.lo == 0 && s.d.kernel == 1 && s.h.kernel == k &&
           (k == 3 || k == 5 || k == 7) && s.w.out <= MOST_WIDTH && s.h.stride == s.w.stride && s.w.stride <= 2 &&
           s.h.dilation == 1 && s.w.dilation == 1;
}

namespace {

// The taps of each output map, and behind them for each output map of a channel the channels side by side,
// [map][tap][channel].
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int, int) {
    const int64_t taps = spec.taps(), all = spec.k * taps, maps = spec.k_per_group(), channels = spec.groups;
    const int64_t row = packed_channels(channels, k.lanes);
    PackedWeight<T> packed{Buffer<T>(all + maps * taps * row), all_finite(weight, all, k)};
    copy_weight(weight, all, packed.data.data());
    for (int64_t m = 0; m < maps; ++m) {
        T* const to = packed.data.data() + all + m * taps * row;
        in_pieces(channels, std::max<int64_t>(CHECKED_STEPS / taps, 1), [&](int64_t c, int64_t count) {
            k.transpose_rows({weight + (c * maps + m) * taps, to + c, count, taps, maps * taps, row});
        });
        if (row == channels) continue;
        in_pieces(taps, std::max<int64_t>(CHECKED_STEPS / row, 1), [&](int64_t t, int64_t count) {
            for (int64_t i = t; i < t + count; ++i)
                for (int64_t c = channels; c < row; ++c) to[i * row + c] = to[i * row + c - channels];
        });
    }
    return packed;
}

template <class T>
bool by_channels(const ConvShape& s, const Kernels<T>& k) {
    return cost::depthwise_by_channels(s, cost::machine_of<T>(k, false));
}

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int) {
    // Where the input has no unit stride, another way may be taken.
    int64_t bytes = narrow::workspace_panels(s, k, threads, 1, DataFormat::channels_first);
    if (has_kernel(s)) bytes = std::max(bytes, RowsSetup<T>(s, k, threads).workspace.bytes());
    if (by_channels(s, k)) bytes = std::max(bytes, workspace_channels(s, k, threads));
    return bytes;
}

template <class T>
void run_rows(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    RowsSetup<T> setup(s, call.kernels, call.threads);
    setup.workspace.allocate();
    T* const zeros = setup.workspace.at(setup.zeros);
    T* const inside = setup.workspace.at(setup.inside);
    std::fill(zeros, zeros + setup.reach, T(0));
    for (int64_t i = 0; i < setup.reach; ++i)
        std::memset(inside + i, extends(s) || (i >= s.w.lo && i < s.w.lo + s.w.in) ? 0xff : 0, sizeof(T));
    if (setup.copies_ends) list_columns(s, setup.ends, setup.workspace.at(setup.column));
    parallel_tasks(setup.tasks, call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(task); });
}

template <class T>
void run(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    if (call.format == DataFormat::channels_last) return run_last(call);
    const bool rows = call.x.w == 1 || s.w.in == 1;
    if ((rows || call.x.c == 1) && by_channels(s, call.kernels)) return run_channels(call);
    rows&& has_kernel(s) ? run_rows(call) : narrow::run_panels(call, 1);
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "depthwise";
    a.summary = "one input channel in each group: pixels in the lanes, read in place, or channels";
    a.supports = [](const ConvSpec& spec) { return spec.c_per_group == 1; };
    a.needs = "one input channel in each group";
    a.cost = cost::depthwise;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.writes_last = writes_last<T>;
    a.workspace_last = workspace_last<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::depthwise
