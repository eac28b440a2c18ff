// Convolutions with a stride or a dilation, taken apart for Winograd: phases of the input become channels, phases of
// the output images of a convolution of stride and dilation 1.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <type_traits>

#include "../../kernels/kernels.h"
#include "../data/row_layout.h"
#include "../shape/integer_math.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx::winograd {

// One axis: outputs o with the same o % step read the same inputs, tap t the input's phase t % inputs.
struct AxisSplit {
    int64_t step = 1, outputs = 1, inputs = 1, taps;  // outputs: phases of them that there are
    template <class A>
    explicit AxisSplit(const A& a) : taps(a.kernel) {
        if (a.kernel == 1) return;
        const int64_t common = std::gcd(a.stride, a.dilation);
        outputs = step = a.dilation / common;
        taps = ceil_div(a.kernel, a.stride / common);
        inputs = std::min(a.stride / common, a.kernel);
        if constexpr (std::is_same_v<A, Axis>) outputs = std::min(step, a.out);
    }
    // Of one phase of the outputs; all have the size of the largest.
    Axis axis(const Axis& a) const {
        const int64_t out = ceil_div(a.out, step);
        return {out + taps - 1, out, taps, 1, 1, 0, 0};
    }
};

// Channels are [channel][phase along H][phase along W], images [image][phase along H][phase along W].
ConvShape split(const ConvShape& s);
ConvSpec split(const ConvSpec& s);

// all: w'[k][channel, phases][tap of D][taps of the phase] from w[k][channel][tap of D][taps]; zeros behind the last
// tap.
template <class T>
void split_weight(const ConvSpec& s, const T* weight, int threads, T* all);

// The arrays of the split convolution of some images.
template <class T>
class SplitArrays {
  public:
    SplitArrays(const ConvShape& s, const Kernels<T>& k);

    int64_t phases() const { return h_.outputs * w_.outputs; }  // images for each
    int64_t parts() const { return s_.c * h_.inputs; }          // in which an image is laid out
    int64_t in_elements() const { return s_.d.in * plane(); }   // of each
    int64_t out_elements() const { return s_.k * split_.pixels(); }
    bool too_large() const;

    // [image][plane][row][channel][column], with the padding along H and W.
    View<const T> view(const T* images) const { return {images, in_elements(), cols(), plane(), row(), 1}; }

    // A part of phase `phase` of the image at x; images: of that phase.
    void fill(const T* image, const View<const T>& x, int64_t phase, int64_t part, T* images) const;

    // An output channel from its phases, and back; phases: those of the image's first, at that channel. along: room for
    // rows_at_once().
    int64_t rows_at_once() const { return w_.outputs; }
    void join(const T* phases, T* out, PhaseRows<T>* along) const;
    void part(const T* out, T* phases) const;

  private:
    int64_t cols() const { return split_.w.in; }
    int64_t row() const { return split_.c * cols(); }
    int64_t plane() const { return split_.h.in * row(); }
    Axis along_w(int64_t phase) const;
    void copy(const Rows<T>& rows, const Axis& w, T* to) const;

    const ConvShape& s_;
    const Kernels<T>& kernels_;
    const ConvShape split_;
    const AxisSplit h_, w_;
};

}  // namespace convx::winograd
