// Rows of an output's maps, by the part.
#include <algorithm>

#include "../runtime/trace.h"
#include "convolution.h"

namespace convx {
namespace {

// The axis of the rows, for some of them alone. The last keep what lies below their windows: tiles read it.
Axis part_of(const Axis& h, const Range& rows) {
    const bool ends = rows.end == h.out;
    const int64_t first = rows.begin * h.stride - h.lo,
                  last = ends ? h.in + h.hi : (rows.end - 1) * h.stride - h.lo + h.extent();
    const Range in{std::max<int64_t>(first, 0), std::min(last, h.in)};
    return {in.size(), rows.size(), h.kernel, h.stride, h.dilation, in.begin - first, last - in.end};
}

// Whether rows of the output lie together, and each reads some of the input.
bool has_parts(const ConvShape& s) {
    return s.d.out == 1 && s.border == Border::zeros && s.h.lo < s.h.extent() && s.h.hi < s.h.extent();
}

}  // namespace

template <class T>
Convolution<T>::ByRows::ByRows(Convolution& convolution, const Context& call, const ConvShape& shape,
                               const View<const T>& x)
    : call_(call),
      shape_(shape),
      x_(x),
      epilogue_(convolution.epilogue_),
      choice_(convolution.choice_for(call, shape, x, DataFormat::channels_first)),
      step_(has_parts(shape) && choice_.algorithm->row_step ? choice_.algorithm->row_step(shape, choice_.variant) : 0) {
    trace::ran(choice_.algorithm->name);
}

template <class T>
void Convolution<T>::ByRows::run(int64_t image, const Range& rows, T* out) const {
    ConvShape part = shape_;
    part.n = 1;
    part.h = part_of(shape_.h, rows);
    View<const T> x = x_;
    x.data += image * x.n + std::max<int64_t>(rows.begin * shape_.h.stride - shape_.h.lo, 0) * x.h;
    choice_.algorithm->run({part, x, *choice_.weight, out, epilogue_, call_.kernels<T>(), 1, choice_.variant,
                            DataFormat::channels_first, &call_.pixels<T>()});
}

#define CONVX_INSTANTIATE(T) template class Convolution<T>::ByRows;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
