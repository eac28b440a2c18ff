#include "unpool.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "../runtime/buffer.h"
#include "../runtime/trace.h"
#include "../shape/message.h"
#include "../shape/window.h"
#include "pool_planes.h"

namespace convx::pool {
namespace {

// Calls body(element, index, position within the map) for all elements of a map, in their order.
template <class Body>
void each_element(const UnpoolCall& call, int64_t map, const Body& body) {
    const UnpoolShape& s = call.shape;
    const char *x = plane_of(call.x, s.c, map), *indices = plane_of(call.indices, s.c, map);
    int64_t position = 0;
    Pace pace;
    for (int64_t z = 0; z < s.in[0]; ++z)
        for (int64_t y = 0; y < s.in[1]; ++y) {
            const char* x_row = x + z * call.x.d + y * call.x.h;
            const char* i_row = indices + z * call.indices.d + y * call.indices.h;
            for (int64_t q = 0; q < s.in[2]; ++q, ++position, pace.step()) {
                int64_t index;
                std::memcpy(&index, i_row + q * call.indices.w, sizeof index);
                body(x_row + q * call.x.w, index, position);
            }
        }
}

int64_t pooled(const UnpoolShape& s) { return s.in[0] * s.in[1] * s.in[2]; }

double work(const UnpoolShape& s) {
    const double maps = static_cast<double>(s.n) * static_cast<double>(s.c);
    return 10 * maps * (static_cast<double>(pooled(s)) + static_cast<double>(s.plane()));
}

template <class Body>
void each_map(const UnpoolCall& call, int threads, const Body& body) {
    const UnpoolShape& s = call.shape;
    for_each_item(s.n * s.c, std::max(pooled(s), s.plane()), threads, [&](int64_t map, int) { body(map); });
}

// T: any type of the size of an element; its bits are moved.
template <class T>
void put_back(const UnpoolCall& call, int threads) {
    const int64_t plane = call.shape.plane();
    each_map(call, threads, [&](int64_t map) {
        T* out = static_cast<T*>(call.out) + map * plane;
        fill(out, plane, T(0));
        // Checked once more: another thread may write to the caller's indices.
        each_element(call, map, [&](const char* x, int64_t index, int64_t) {
            if (static_cast<uint64_t>(index) < static_cast<uint64_t>(plane)) std::memcpy(out + index, x, sizeof(T));
        });
    });
}

// One size for each axis, given as such, as one for all, or as a whole shape.
std::vector<int64_t> spatial_sizes(const std::string& function, int rank, const Ints& given, DataFormat format) {
    const std::vector<int64_t>& v = given.values;
    const auto axes = static_cast<size_t>(rank);
    if (given.scalar) return std::vector<int64_t>(axes, v[0]);
    if (v.size() == axes) return v;
    if (v.size() != axes + 2)
        fail(function,
             "output_size must be one int, " + std::to_string(rank) + ", one per spatial axis, or a whole shape",
             show(given));
    const int64_t skip = format == DataFormat::channels_first ? 2 : 1;
    return {v.begin() + skip, v.begin() + skip + rank};
}

// `sizes` is empty for the usual size.
int64_t axis_size(const std::string& function, int64_t in, const Window& w, const std::vector<int64_t>& sizes,
                  int axis) {
    int64_t usual;
    if (__builtin_mul_overflow(in, w.stride, &usual) || __builtin_add_overflow(usual, LIMIT, &usual))
        fail(function, "input and stride must give an output < 2**63",
             std::to_string(in) + " and " + std::to_string(w.stride));
    usual = (in - 1) * w.stride + w.kernel - w.lo - w.hi;
    const int64_t size = sizes.empty() ? usual : sizes[static_cast<size_t>(axis)];
    if (size <= usual - w.stride || size >= usual + w.stride)
        fail(function,
             "output_size must be > " + std::to_string(usual - w.stride) + " and < " +
                 std::to_string(usual + w.stride) + " on spatial axis " + std::to_string(axis),
             show(sizes));
    if (size < 1)
        fail(function, "output size must be >= 1 on spatial axis " + std::to_string(axis), std::to_string(size));
    return size;
}

}  // namespace

UnpoolShape unpool_shape(const std::string& function, int rank, const Shape& input, const Ints& kernel,
                         const std::optional<Ints>& stride, const Padding& padding,
                         const std::optional<Ints>& output_size, DataFormat format) {
    if (padding.mode != PadMode::numbers)
        fail(function, "padding must be an int, ints or (lo, hi) pairs, as the size of the pooled input is unknown",
             "a name");
    Window window[AXES];
    check_windows(function, rank, kernel, stride_or_kernel(function, rank, stride, kernel), padding, Ints{{1}, true},
                  window);
    const Extents e = check_input(function, rank, input.data(), static_cast<int>(input.size()), format);
    const std::vector<int64_t> sizes =
        output_size ? spatial_sizes(function, rank, *output_size, format) : std::vector<int64_t>();
    UnpoolShape s{e.n, e.c, {e.spatial[0], e.spatial[1], e.spatial[2]}, {1, 1, 1}, e.batched};
    Axis out[AXES];
    for (int i = 0; i < AXES; ++i) {
        const int axis = i - (AXES - rank);
        if (axis >= 0) s.out[i] = axis_size(function, s.in[i], window[i], sizes, axis);
        out[i].out = s.out[i];
    }
    check_size(function, s.n, s.c, out[0], out[1], out[2]);
    return s;
}

int64_t first_bad_index(const UnpoolCall& call, const Context& context) {
    const int64_t maps = call.shape.n * call.shape.c, none = std::numeric_limits<int64_t>::max();
    const Buffer<int64_t> first(std::max<int64_t>(maps, 1));
    const auto plane = static_cast<uint64_t>(call.shape.plane());
    each_map(call, context.threads, [&](int64_t map) {
        int64_t bad = none;
        each_element(call, map, [&](const char*, int64_t index, int64_t position) {
            if (static_cast<uint64_t>(index) >= plane) bad = std::min(bad, position);
        });
        first.data()[map] = bad;
    });
    for (int64_t map = 0; map < maps; ++map)
        if (first.data()[map] != none) return map * pooled(call.shape) + first.data()[map];
    return -1;
}

int64_t index_at(const UnpoolCall& call, int64_t position) {
    int64_t found = 0;
    const int64_t size = pooled(call.shape);
    each_element(call, position / size, [&](const char*, int64_t index, int64_t at) {
        if (at == position % size) found = index;
    });
    return found;
}

void run_unpool(const UnpoolCall& call, const Context& context) {
    trace::ran("scatter");
    if (call.size == 1) return put_back<uint8_t>(call, context.threads);
    if (call.size == 2) return put_back<uint16_t>(call, context.threads);
    if (call.size == 4) return put_back<uint32_t>(call, context.threads);
    put_back<uint64_t>(call, context.threads);
}

int64_t first_bad_index(const UnpoolCall& call) { return first_bad_index(call, decide(work(call.shape))); }
void run_unpool(const UnpoolCall& call) { run_unpool(call, decide(work(call.shape))); }

}  // namespace convx::pool
