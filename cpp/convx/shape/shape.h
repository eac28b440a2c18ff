// Shapes of convolutions and pools, and all validation. One- and two-dimensional cases carry leading axes of size 1.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace convx {

constexpr int AXES = 3;                      // D, H, W
constexpr int64_t LIMIT = int64_t{1} << 31;  // kernel, stride, dilation and padding stay below

// The axes of the arrays: N C D H W or N D H W C. Shapes are N C D H W everywhere but in messages.
enum class DataFormat { channels_first, channels_last };

// What padding holds: torch's names, and np.pad's symmetric.
enum class Border { zeros, reflect, replicate, circular, symmetric };

// An argument as the user gave it: one int for all axes, or one per axis.
struct Ints {
    std::vector<int64_t> values;
    bool scalar;
};

enum class PadMode { numbers, valid, same, same_lower, causal };
struct Padding {
    PadMode mode = PadMode::numbers;
    std::vector<std::pair<int64_t, int64_t>> values;
    enum class Form { scalar, per_axis, pairs } form = Form::scalar;
};

struct Window {  // one axis of a sliding window, before the input's size is known
    int64_t kernel = 1, stride = 1, dilation = 1, lo = 0, hi = 0;
    PadMode mode = PadMode::numbers;
    int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

struct Axis {  // one axis of a call
    int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, lo = 0, hi = 0;
    int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

// Between calls of one convolution, whose kernel, stride and dilation are fixed.
inline bool same_size(const Axis& a, const Axis& b) {
    return a.in == b.in && a.out == b.out && a.lo == b.lo && a.hi == b.hi;
}

struct ConvSpec {  // what is known from the weight and the parameters
    std::string function;
    int rank;
    int64_t k, c_per_group, groups;
    Window window[AXES];
    DataFormat format = DataFormat::channels_first;  // of the shapes in messages
    Border border = Border::zeros;
    bool is_part = false;  // of another one: shapes have paddings of their own, which the windows do not tell
    int64_t taps() const { return window[0].kernel * window[1].kernel * window[2].kernel; }
    int64_t depth() const { return c_per_group * taps(); }
    int64_t k_per_group() const { return k / groups; }
};

struct ConvShape {
    int64_t n, c, k, groups;
    Axis d, h, w;
    bool batched;
    Border border = Border::zeros;
    bool is_part = false;
    int64_t c_per_group() const { return c / groups; }
    int64_t k_per_group() const { return k / groups; }
    int64_t taps() const { return d.kernel * h.kernel * w.kernel; }
    int64_t depth() const { return c_per_group() * taps(); }
    int64_t pixels() const { return d.out * h.out * w.out; }
    double flops() const;
};

inline bool same_size(const ConvShape& a, const ConvShape& b) {
    return a.n == b.n && same_size(a.d, b.d) && same_size(a.h, b.h) && same_size(a.w, b.w);
}

struct PoolSpec {
    std::string function;
    int rank;
    bool ceil_mode;
    bool count_include_pad = true;  // this and the next for averages alone
    std::optional<int64_t> divisor = {};
    Window window[AXES] = {};
    DataFormat format = DataFormat::channels_first;  // of the shapes in messages
};

struct PoolShape {
    int64_t n, c;
    Axis d, h, w;
    bool batched;
};

using Shape = std::vector<int64_t>;

// A shape of `rank` spatial axes from (N,) C, *spatial to the format, and back.
Shape in_format(Shape shape, int rank, DataFormat format);

// What to write instead where an input, channels first, has the wanted maps on the other side; else nothing.
std::string other_format(int64_t channels, const int64_t* input, int input_rank, int rank, DataFormat format);
Shape channels_first(Shape shape, int rank, DataFormat format);

// Each throws std::invalid_argument: "<function>: <argument> must <rule>, got <value>".
ConvSpec conv_spec(const std::string& function, int rank, const Shape& weight, const Shape* bias, const Ints& stride,
                   const Padding& padding, const Ints& dilation, int64_t groups);
ConvShape conv_shape(const ConvSpec& spec, const int64_t* input, int input_rank);
Shape output_shape(const ConvSpec& spec, const ConvShape& shape);

// Padding is at most half of the kernel, but with allow_wide_padding.
PoolSpec pool_spec(const std::string& function, int rank, const Ints& kernel, const std::optional<Ints>& stride,
                   const Padding& padding, const Ints& dilation, bool ceil_mode, bool allow_wide_padding = false);
// Of an average.
PoolSpec pool_spec(const std::string& function, int rank, const Ints& kernel, const std::optional<Ints>& stride,
                   const Padding& padding, const Ints& dilation, bool ceil_mode, bool count_include_pad,
                   std::optional<int64_t> divisor, bool allow_wide_padding = false);
PoolShape pool_shape(const PoolSpec& spec, const int64_t* input, int input_rank);
Shape output_shape(const PoolSpec& spec, const PoolShape& shape);

}  // namespace convx
