#include "pool_site.h"

namespace convx::bindings {

Output pool_output(const PoolSpec& spec, py::handle out, const py::dtype& dtype, const Shape& shape,
                   std::initializer_list<const py::array*> others) {
    if (pool::output_format(spec) == DataFormat::channels_last)
        return {spec.function, out, dtype, in_format(shape, spec.rank, spec.format), others};
    return {spec.function, out, dtype, shape, others, spec.format, spec.rank};
}

}  // namespace convx::bindings
