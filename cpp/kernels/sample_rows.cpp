// Weighted sums of elements at any offsets: the samples of a deformable convolution.
#include "contracts/rows.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
CONVX_INLINE vec<T> gather(const T* x, const int64_t* offset) {
    vec<T> v{};
    CONVX_UNROLL
    for (int i = 0; i < LANES<T>; ++i) v[i] = x[offset[i]];
    return v;
}

template <class T, int CORNERS>
void sample(const SampleRows<T>& s) {
    constexpr int L = LANES<T>;
    for (int64_t i = 0; i < s.count; i += L) {
        vec<T> weight[CORNERS];
        CONVX_UNROLL
        for (int j = 0; j < CORNERS; ++j) weight[j] = load(s.weight + j * s.points + i);
        const T* x = s.x;
        T* dst = s.dst + i;
        for (int64_t c = 0; c < s.channels; ++c, x += s.x_channel, dst += s.dst_channel) {
            vec<T> sum{};
            CONVX_UNROLL
            for (int j = 0; j < CORNERS; ++j) {
                const vec<T> term = weight[j] * gather(x, s.offset + j * s.points + i);
                sum += weight[j] != vec<T>{} ? term : vec<T>{};
            }
            store(dst, sum);
        }
    }
}

}  // namespace

template <class T>
void Float<T>::sample_rows(const SampleRows<T>& s) {
    if (s.corners == 2) return sample<T, 2>(s);
    if (s.corners == 4) return sample<T, 4>(s);
    sample<T, 8>(s);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
