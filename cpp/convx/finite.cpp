#include "finite.h"

namespace convx {
namespace {

template <class T>
bool row_finite(const T* row, int64_t count, int64_t stride, const Kernels<T>& k) {
    if (stride == 1) return k.all_finite(row, count);
    for (int64_t i = 0; i < count; ++i)
        if (!k.all_finite(row + i * stride, 1)) return false;
    return true;
}

}  // namespace

template <class T>
bool all_finite(const ConvShape& s, const View<const T>& x, const Kernels<T>& k) {
    const bool planes = x.w == 1 && x.h == s.w.in;  // rows that adjoin are looked at as one
    const int64_t rows = planes ? 1 : s.h.in, count = planes ? s.h.in * s.w.in : s.w.in;
    for (int64_t n = 0; n < s.n; ++n)
        for (int64_t c = 0; c < s.c; ++c)
            for (int64_t d = 0; d < s.d.in; ++d)
                for (int64_t h = 0; h < rows; ++h)
                    if (!row_finite(x.data + n * x.n + c * x.c + d * x.d + h * x.h, count, x.w, k)) return false;
    return true;
}

template bool all_finite(const ConvShape&, const View<const float>&, const Kernels<float>&);
template bool all_finite(const ConvShape&, const View<const double>&, const Kernels<double>&);

}  // namespace convx
