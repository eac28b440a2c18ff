// The sliding window shared by convolution and pooling: its parameters checked, its output size.
#pragma once
#include "shape.h"

namespace convx {

// One value, or one per axis, each in [least, LIMIT).
std::vector<int64_t> per_axis(const std::string& function, const char* name, int rank, const Ints& v, int64_t least);

// Fills the last `rank` windows; `kernel` is already checked to hold positive sizes when it comes from a weight.
void check_windows(const std::string& function, int rank, const Ints& kernel, const Ints& stride,
                   const Padding& padding, const Ints& dilation, Window (&window)[AXES]);

// The stride of a pooling, which is that of the kernel where there is none.
const Ints& stride_or_kernel(const std::string& function, int rank, const std::optional<Ints>& stride,
                             const Ints& kernel);

// Whether it has 2**60 elements or more, an empty axis counted as one. Only zero strides make such arrays; refused,
// they let what follows multiply sizes, and add strides and padding to them.
bool too_large(const Shape& shape);

// floor((in + lo + hi - extent) / stride) + 1, or with ceil_mode the ceiling less a window that would start in the high
// padding. `in` is that of a shape that is not too large.
Axis resolve_axis(const std::string& function, const Window& window, int64_t in, bool ceil_mode, int axis);

// Checks rank, size and emptiness of (N, C, *spatial) or (C, *spatial) and returns (N, C, D, H, W). A shape of another
// rank is shown as it is.
struct Extents {
    int64_t n, c, spatial[AXES];
    bool batched;
};
Extents check_input(const std::string& function, int rank, const int64_t* input, int input_rank,
                    DataFormat format = DataFormat::channels_first, const char* argument = "input");

// Refuses a weight of other axes than (`first` channels, `second` channels / groups, kernel sizes), an empty one, and
// groups that do not divide it.
void check_weight(const std::string& function, int rank, const Shape& weight, int64_t groups, const char* first,
                  const char* second);

// Refuses an output that is too large.
void check_size(const std::string& function, int64_t n, int64_t channels, const Axis& d, const Axis& h, const Axis& w);

Shape spatial_shape(int rank, bool batched, int64_t n, int64_t channels, const Axis& d, const Axis& h, const Axis& w);

}  // namespace convx
