// The matrix of patches as an array of its own (unfold), and its adjoint, the sum of overlapping patches (fold).
#pragma once
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx {

struct UnfoldSpec {
    std::string function;
    int rank;
    Window window[AXES];
    DataFormat format = DataFormat::channels_first;
};

// Images (N, C, D, H, W) on one side, columns (N, C * taps, L) on the other; each axis has the image's size for `in`.
struct UnfoldShape {
    int64_t n, c;
    Axis d, h, w;
    bool batched;
    int64_t taps() const { return d.kernel * h.kernel * w.kernel; }
    int64_t rows() const { return c * taps(); }
    int64_t positions() const { return d.out * h.out * w.out; }
};

UnfoldSpec unfold_spec(const std::string& function, int rank, const Ints& kernel, const Ints& stride,
                       const Padding& padding, const Ints& dilation);

// Both check their array's shape against the spec, and that the other side's size does not overflow.
UnfoldShape unfold_shape(const UnfoldSpec& spec, const int64_t* input, int input_rank);
UnfoldShape fold_shape(const UnfoldSpec& spec, const Ints& output_size, const int64_t* input, int input_rank);

Shape columns_shape(const UnfoldShape& shape);
Shape image_shape(const UnfoldSpec& spec, const UnfoldShape& shape);

// out[n][c*taps + t][l] = x[n][c][position of tap t at l], 0 in the padding. out is contiguous.
template <class T>
void unfold(const UnfoldShape& shape, const View<const T>& x, T* out);
template <class T>
void unfold(const UnfoldShape& shape, const View<const T>& x, T* out, const Context& context);

// out[n][c][i] = the sum over taps t, in ascending order, of columns[n][c*taps + t][l] where tap t at l lies on i.
// out is contiguous; the columns' L is the view's w.
template <class T>
void fold(const UnfoldShape& shape, const View<const T>& columns, T* out);
template <class T>
void fold(const UnfoldShape& shape, const View<const T>& columns, T* out, const Context& context);

double work(const UnfoldShape& shape);  // of either, in operations of a convolution

}  // namespace convx
