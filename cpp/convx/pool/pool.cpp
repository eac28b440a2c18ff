#include "pool.h"

#include <algorithm>
#include <type_traits>

#include "../taps.h"
#include "pool_paths.h"

namespace convx::pool {

int64_t counted(const Axis& a, int64_t o, bool include_pad) {
    if (!include_pad) return live_taps(a, o, o + 1).size();
    const int64_t start = o * a.stride - a.lo, end = std::min(start + a.extent(), a.in + a.hi);
    return 1 + (end - start - 1) / a.dilation;
}

Axis trimmed(Axis a) {
    const Range live = live_taps(a, 0, a.out);
    a.kernel = live.size();
    a.lo -= live.begin * a.dilation;
    return a;
}

namespace {

template <class T>
struct Path {
    bool (*supports)(const PoolCall<T>&);
    void (*run)(const PoolCall<T>&);
};

// Fastest first; what they do not take is for `general`.
template <class T>
constexpr Path<T> PATHS[] = {
    {images::supports<T>, images::run<T>},
    {strips::supports<T>, strips::run<T>},
};

}  // namespace

template <class T>
void run(const PoolCall<T>& call) {
    if constexpr (std::is_floating_point_v<T>) {
        if (call.kind != Kind::norm) {
            for (const Path<T>& path : PATHS<T>)
                if (path.supports(call)) return path.run(call);
        }
    }
    general::run(call);
}

template void run(const PoolCall<float>&);
template void run(const PoolCall<double>&);
template void run(const PoolCall<int8_t>&);
template void run(const PoolCall<int16_t>&);
template void run(const PoolCall<int32_t>&);
template void run(const PoolCall<int64_t>&);
template void run(const PoolCall<uint8_t>&);
template void run(const PoolCall<uint16_t>&);
template void run(const PoolCall<uint32_t>&);
template void run(const PoolCall<uint64_t>&);

}  // namespace convx::pool
