// Max unpooling: values put back to where a maximum pooling found them.
#pragma once
#include <cstdint>

#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx::pool {

struct UnpoolShape {
    int64_t n, c;
    int64_t in[AXES], out[AXES];  // D, H, W
    bool batched;
    int64_t plane() const { return out[0] * out[1] * out[2]; }
};

// Sizes of max_unpool: (in - 1)*stride + kernel - lo - hi along each axis or, where output_size says so, less than a
// stride off.
UnpoolShape unpool_shape(const std::string& function, int rank, const Shape& input, const Ints& kernel,
                         const std::optional<Ints>& stride, const Padding& padding,
                         const std::optional<Ints>& output_size, DataFormat format);

struct UnpoolCall {
    const UnpoolShape& shape;
    View<const char> x;  // strides in bytes, as those of the indices
    View<const char> indices;
    void* out;     // N C D H W, contiguous
    int64_t size;  // bytes of an element: 1, 2, 4 or 8
};

// Position in N C D H W order of the first index outside of its map, or -1.
int64_t first_bad_index(const UnpoolCall& call);
int64_t first_bad_index(const UnpoolCall& call, const Context& context);
int64_t index_at(const UnpoolCall& call, int64_t position);

// Every other element becomes zero; where an index comes twice, the last in N C D H W order wins.
void run_unpool(const UnpoolCall& call);
void run_unpool(const UnpoolCall& call, const Context& context);

}  // namespace convx::pool
