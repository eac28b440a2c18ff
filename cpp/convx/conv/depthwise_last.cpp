// Depthwise convolution where channels lie side by side in input and output: nothing is transposed, lanes are channels.
#include <algorithm>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/border.h"
#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "depthwise.h"

namespace convx::depthwise {
namespace {

constexpr int64_t TASK_OUTPUTS = 8192;
constexpr int64_t OUTPUTS_AT_ONCE = 1 << 18;  // between two checkpoints

template <class T>
struct Setup {
    Pieces rows;  // of output, a task each
    Workspace workspace;
    int64_t wide;  // channels of the packed weights
    Part<T> zeros, bias;
    Part<TapRow<T>> taps;

    Setup(const ConvShape& s, int64_t pixel, const Kernels<T>& k, int threads)
        : workspace(threads), wide(packed_channels(s.c, k.lanes)) {
        const int64_t all = s.n * s.d.out * s.h.out;
        rows = {all, std::clamp<int64_t>(TASK_OUTPUTS / (s.w.out * s.c), 1, all)};
        zeros = workspace.template shared<T>((s.w.in - 1) * pixel + s.c);
        bias = workspace.template shared<T>(wide);
        taps = workspace.template own<TapRow<T>>(s.taps());
    }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          skip_(call.weight.finite),
          wide_(setup.wide),
          zeros_(setup.workspace.at(setup.zeros)),
          bias_(setup.workspace.at(setup.bias)),
          weight_(call.weight.data.data() + s_.k * s_.taps()),
          taps_(setup.workspace.at(setup.taps, thread)),
          columns_(std::max<int64_t>(OUTPUTS_AT_ONCE / s_.c, 1)) {}

    // Columns that meet padding are done one by one, those between them at once.
    void row(int64_t index) {
        const int64_t p = index % s_.h.out, d = index / s_.h.out % s_.d.out, n = index / s_.h.out / s_.d.out;
        const Axis& w = s_.w;
        const int64_t reach = w.in + w.lo - w.extent();
        const int64_t inner0 = std::min(ceil_div(w.lo, w.stride), w.out),
                      inner1 = reach < 0 ? inner0 : std::clamp(reach / w.stride + 1, inner0, w.out);
        const T* image = call_.x.data + n * call_.x.n;
        T* out = call_.out + index * w.out * s_.c;
        Pace pace;
        for (int64_t q = 0; q < inner0; ++q, pace.step(s_.c)) edge(image, d, p, q, out + q * s_.c);
        for (int64_t q = inner0; q < inner1; q += columns_) {
            if (q > inner0) checkpoint();
            inner(image, d, p, q, std::min(columns_, inner1 - q), out + q * s_.c);
        }
        for (int64_t q = inner1; q < w.out; ++q, pace.step(s_.c)) edge(image, d, p, q, out + q * s_.c);
    }

  private:
    // Outputs that meet no padding along the row: rows of taps.
    void inner(const T* image, int64_t d, int64_t p, int64_t q, int64_t count, T* out) {
        const int64_t column = q * s_.w.stride - s_.w.lo;
        const int64_t rows = list_rows(
            d, p,
            [&](const T* row, const T* w, TapRow<T>* to) {
                *to = {row ? row + column * call_.x.w : zeros_, w};
                return to + 1;
            },
            image);
        const int64_t step = s_.w.stride * call_.x.w, together = wide_ / s_.c;
        DepthwisePixels<T> t{taps_, out,  rows,          s_.w.kernel, count, step, s_.w.dilation * call_.x.w,
                             wide_, s_.c, call_.epilogue};
        if (together == 1 || step != s_.c || count < together) return call_.kernels.depthwise_pixels(t);
        // Few channels: some pixels together as one of many, the last of them moved back over its neighbour.
        t.channels = t.step = wide_;
        t.count = count / together;
        if (t.epilogue.bias) t.epilogue.bias = bias_;
        call_.kernels.depthwise_pixels(t);
        if (count % together == 0) return;
        const int64_t last = (count - together) * s_.c;
        for (int64_t i = 0; i < rows; ++i)
            if (taps_[i].x != zeros_) taps_[i].x += last;
        t.out += last;
        t.count = 1;
        call_.kernels.depthwise_pixels(t);
    }

    // One output that does: tap by tap.
    void edge(const T* image, int64_t d, int64_t p, int64_t q, T* out) {
        const int64_t taps = list_rows(
            d, p,
            [&](const T* row, const T* w, TapRow<T>* to) {
                for (int64_t i = 0; i < s_.w.kernel; ++i, w += wide_) {
                    const int64_t u = at(s_.w, q, i);
                    if (u < 0 && skip_) continue;
                    *to++ = {row && u >= 0 ? row + u * call_.x.w : zeros_, w};
                }
                return to;
            },
            image);
        call_.kernels.depthwise_pixels({taps_, out, taps, 1, 1, 0, 0, wide_, s_.c, call_.epilogue});
    }

    // list(row of the input or null where it is padding, its weights, where to put taps): returns how many there are.
    template <class List>
    int64_t list_rows(int64_t d, int64_t p, const List& list, const T* image) {
        const T* w = weight_;
        TapRow<T>* to = taps_;
        for (int64_t t = 0; t < s_.d.kernel; ++t)
            for (int64_t r = 0; r < s_.h.kernel; ++r, w += s_.w.kernel * wide_) {
                const int64_t z = at(s_.d, d, t), y = at(s_.h, p, r);
                const bool padding = z < 0 || y < 0;
                if (padding && skip_) continue;
                to = list(padding ? nullptr : image + z * call_.x.d + y * call_.x.h, w, to);
            }
        return to - taps_;
    }

    int64_t at(const Axis& a, int64_t output, int64_t tap) const {
        return source_index(s_.border, a, output * a.stride - a.lo + tap * a.dilation);
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const bool skip_;  // taps in the padding
    const int64_t wide_;
    const T *zeros_, *bias_, *weight_;
    TapRow<T>* const taps_;
    const int64_t columns_;  // that meet no padding, done at once
};

}  // namespace

template <class T>
bool writes_last(const ConvShape& s, const View<const T>& x) {
    return s.c_per_group() == 1 && s.k == s.c && (x.c == 1 || s.c == 1) && (x.w >= s.c || s.w.in == 1);
}

template <class T>
int64_t workspace_last(const ConvShape& s, const Kernels<T>& k, int threads) {
    const int64_t pixels = Setup<T>(s, s.c, k, threads).workspace.bytes();
    return takes_few(s, k) ? std::max(pixels, workspace_few(s, k, threads)) : pixels;
}

template <class T>
void run_last(const ConvCall<T>& call) {
    const ConvShape& s = call.shape;
    if (takes_few(s, call.kernels) && (call.x.w == s.c || s.w.in == 1)) return run_few(call);
    Setup<T> setup(s, call.x.w, call.kernels, call.threads);
    setup.workspace.allocate();
    T* const zeros = setup.workspace.at(setup.zeros);
    if (call.epilogue.bias)
        for (int64_t i = 0; i < setup.wide; ++i) setup.workspace.at(setup.bias)[i] = call.epilogue.bias[i % s.c];
    std::fill(zeros, zeros + (s.w.in - 1) * call.x.w + s.c, T(0));
    parallel_pieces(setup.rows, call.threads, [&](const Range& some, int thread) {
        Worker<T> worker(call, setup, thread);
        for (int64_t i = some.begin; i < some.end; ++i) worker.row(i);
    });
}

#define CONVX_INSTANTIATE(T)                                                   \
    template bool writes_last(const ConvShape&, const View<const T>&);         \
    template int64_t workspace_last(const ConvShape&, const Kernels<T>&, int); \
    template void run_last(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::depthwise
