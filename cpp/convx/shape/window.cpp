#include "window.h"

#include <algorithm>

#include "integer_math.h"
#include "message.h"

namespace convx {
namespace {

std::vector<std::pair<int64_t, int64_t>> pad_pairs(const std::string& function, int rank, const Padding& p) {
    const auto count = static_cast<int>(p.values.size());
    if (count != 1 && count != rank)
        fail(function,
             "padding must be one int, or " + std::to_string(rank) + " ints or (lo, hi) pairs, one per spatial axis",
             show(p));
    for (const auto& [lo, hi] : p.values) {
        if (lo < 0 || hi < 0) fail(function, "padding must be >= 0", show(p));
        if (lo >= LIMIT || hi >= LIMIT) fail(function, "padding must be < 2**31", show(p));
    }
    return count == rank ? p.values : std::vector<std::pair<int64_t, int64_t>>(static_cast<size_t>(rank), p.values[0]);
}

constexpr const char* TOO_LARGE = " must be smaller than 2**63 bytes in float64";

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

void named_padding(Axis& a, PadMode mode) {
    const int64_t outputs = ceil_div(a.in, a.stride);
    const int64_t total =
        mode == PadMode::causal ? a.extent() - 1 : std::max<int64_t>((outputs - 1) * a.stride + a.extent() - a.in, 0);
    a.lo = mode == PadMode::same ? total / 2 : mode == PadMode::same_lower ? total - total / 2 : total;
    a.hi = total - a.lo;
}

// An image without an axis of maps, as it comes from a file, or a filter without them.
std::string one_map(const std::string& name, int rank, int given, DataFormat format) {
    if (given != rank) return "";
    const bool last = format == DataFormat::channels_last;
    return " (pass " + name + (last ? "[None, ..., None]" : "[None, None]") + " for one map)";
}

}  // namespace

std::vector<int64_t> per_axis(const std::string& function, const char* name, int rank, const Ints& v, int64_t least) {
    const auto count = static_cast<int>(v.values.size());
    if (count != 1 && count != rank)
        fail(function, std::string(name) + " must be one int or " + std::to_string(rank) + ", one per spatial axis",
             show(v));
    for (const int64_t x : v.values) {
        if (x < least) fail(function, std::string(name) + " must be >= " + std::to_string(least), show(v));
        if (x >= LIMIT) fail(function, std::string(name) + " must be < 2**31", show(v));
    }
    return count == rank ? v.values : std::vector<int64_t>(static_cast<size_t>(rank), v.values[0]);
}

void check_windows(const std::string& function, int rank, const Ints& kernel, const Ints& stride,
                   const Padding& padding, const Ints& dilation, Window (&window)[AXES]) {
    const auto kernels = per_axis(function, "kernel_size", rank, kernel, 1);
    const auto strides = per_axis(function, "stride", rank, stride, 1);
    const auto dilations = per_axis(function, "dilation", rank, dilation, 1);
    const bool numbers = padding.mode == PadMode::numbers;
    const auto pads = numbers ? pad_pairs(function, rank, padding) : std::vector<std::pair<int64_t, int64_t>>();
    for (int i = 0; i < rank; ++i) {
        Window& w = window[AXES - rank + i];
        w = {kernels[i],  strides[i], dilations[i], numbers ? pads[i].first : 0, numbers ? pads[i].second : 0,
             padding.mode};
        if (w.extent() >= LIMIT)
            fail(function, "dilation * (kernel_size - 1) + 1 must be < 2**31", std::to_string(w.extent()));
    }
}

const Ints& stride_or_kernel(const std::string& function, int rank, const std::optional<Ints>& stride,
                             const Ints& kernel) {
    if (stride && stride->values.empty())
        fail(function,
             "stride must be one int or " + std::to_string(rank) +
                 ", one per spatial axis, or None for that of kernel_size",
             show(*stride));
    return stride ? *stride : kernel;  // NOLINT(bugprone-return-const-ref-from-parameter): the caller keeps both
}

bool too_large(const Shape& shape) {
    int64_t bytes = sizeof(double);
    for (const int64_t x : shape)
        if (__builtin_mul_overflow(bytes, std::max<int64_t>(x, 1), &bytes)) return true;
    return false;
}

Axis resolve_axis(const std::string& function, const Window& window, int64_t in, bool ceil_mode, int axis) {
    Axis a{in, 0, window.kernel, window.stride, window.dilation, window.lo, window.hi};
    if (window.mode == PadMode::same || window.mode == PadMode::same_lower || window.mode == PadMode::causal)
        named_padding(a, window.mode);
    a.out = floor_div(a.in + a.lo + a.hi - a.extent() + (ceil_mode ? a.stride - 1 : 0), a.stride) + 1;
    if (ceil_mode && (a.out - 1) * a.stride >= a.in + a.lo) --a.out;
    if (a.out < 1)
        fail(function, "kernel must fit the padded input",
             "kernel_size " + std::to_string(a.kernel) + " with dilation " + std::to_string(a.dilation) +
                 " on an input of " + std::to_string(a.in) + " with padding (" + std::to_string(a.lo) + ", " +
                 std::to_string(a.hi) + ") on spatial axis " + std::to_string(axis) + ": output size would be " +
                 std::to_string(a.out));
    return a;
}

Extents check_input(const std::string& function, int rank, const int64_t* input, int input_rank, DataFormat format,
                    const char* argument) {
    const Shape shape(input, input + input_rank);
    const std::string name = argument, spatial = std::to_string(rank) + " spatial";
    if (input_rank != rank + 2 && input_rank != rank + 1)
        fail(function,
             name + " must have " + std::to_string(rank + 2) + " axes (N, " +
                 (format == DataFormat::channels_last ? spatial + " and C" : "C and " + spatial) + ") or " +
                 std::to_string(rank + 1) + " without N" + one_map(name, rank, input_rank, format),
             "shape " + show(shape));
    const auto got = [&] { return "shape " + show(in_format(shape, rank, format)); };
    if (too_large(shape)) fail(function, name + TOO_LARGE, got());
    Extents e{1, 0, {1, 1, 1}, input_rank == rank + 2};
    if (e.batched) e.n = *input++;
    e.c = *input++;
    bool empty = e.c == 0;
    for (int i = 0; i < rank; ++i) {
        e.spatial[AXES - rank + i] = input[i];
        empty |= input[i] == 0;
    }
    if (empty) fail(function, name + " must have at least one channel and no empty spatial axis", got());
    return e;
}

void check_weight(const std::string& function, int rank, const Shape& weight, int64_t groups, const char* first,
                  const char* second) {
    const std::string got = "shape " + show(weight);
    if (static_cast<int>(weight.size()) != rank + 2)
        fail(function,
             "weight must have " + std::to_string(rank + 2) + " axes (" + first + " channels, " + second +
                 " channels / groups, " + std::to_string(rank) + " kernel sizes)" +
                 one_map("weight", rank, static_cast<int>(weight.size()), DataFormat::channels_first),
             got);
    for (const int64_t x : weight)
        if (x == 0) fail(function, "weight must have no empty axis", got);
    if (too_large(weight)) fail(function, std::string("weight") + TOO_LARGE, got);
    if (groups < 1) fail(function, "groups must be >= 1", std::to_string(groups));
    if (groups >= LIMIT) fail(function, "groups must be < 2**31", std::to_string(groups));
    if (weight[0] % groups)
        fail(function,
             std::string("weight must have a number of ") + first +
                 " channels divisible by groups=" + std::to_string(groups),
             got);
}

void check_size(const std::string& function, int64_t n, int64_t channels, const Axis& d, const Axis& h, const Axis& w) {
    const Shape shape{n, channels, d.out, h.out, w.out};
    if (too_large(shape)) fail(function, std::string("output") + TOO_LARGE, "output " + show(shape));
}

Shape spatial_shape(int rank, bool batched, int64_t n, int64_t channels, const Axis& d, const Axis& h, const Axis& w) {
    Shape s;
    if (batched) s.push_back(n);
    s.push_back(channels);
    if (rank > 2) s.push_back(d.out);
    if (rank > 1) s.push_back(h.out);
    s.push_back(w.out);
    return s;
}

}  // namespace convx
