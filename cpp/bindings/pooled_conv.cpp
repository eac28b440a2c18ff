// _core.pooled_conv_plan: a convolution with a maximum over its output.
#include "../convx/pooled/pooled_conv.h"

#include "float_plan.h"
#include "functions.h"

namespace convx::bindings {
namespace {

struct Pooled {
    template <class T>
    using Operator = Convolution<T>;
    static constexpr bool CAN_BE_TUNED = false,
                          TAKES_RESIDUAL = false;  // it would be laid out as what nobody sees
    struct Spec {
        Padding padding;
        ConvSpec conv;
        PoolSpec pool;
    };

    static Spec make_spec(const Arguments& a, const Shape& weight, const Array& bias) {
        const Padding padding = a.padding(), none{PadMode::numbers, {{0, 0}}, Padding::Form::scalar};
        const Shape shape = bias ? bias.shape() : Shape();
        const int rank = a.rank();
        return {padding, a.conv_spec(rank, weight, bias ? &shape : nullptr, padding),
                pool_spec(a.function(), rank, a.ints(Name::pool_size), a.ints(Name::pool_stride), none, {{1}, true},
                          a.flag(Name::ceil_mode))};
    }
    static void check_supported(const std::string& algorithm, const ConvSpec& spec) {
        convx::check_supported(algorithm, spec);
    }
    static ConvShape shape_for(const Spec& spec, const int64_t* sizes, int axes) {
        return conv_shape(spec.conv, sizes, axes);
    }
    static Shape result_shape(const Spec& spec, const ConvShape& shape) {
        return output_shape(spec.pool, pooled::pool_shape(spec.conv, shape, spec.pool));
    }
    static Output output(const Spec& spec, py::handle out, const Dtype& dtype, const ConvShape& shape,
                         std::initializer_list<const Array*> inputs) {
        return {spec.conv.function, out, dtype, result_shape(spec, shape), inputs};
    }
    template <class T>
    static void run(Convolution<T>& op, const Spec& spec, const ConvShape& shape, const View<const T>& x, T* out,
                    const T*) {
        pooled::run(op, spec.conv, shape, spec.pool, x, out);
    }
    template <class T>
    static int64_t workspace_bytes(Convolution<T>& op, const Spec& spec, const ConvShape& shape) {
        return pooled::workspace_bytes(op, spec.conv, shape, spec.pool);
    }
    template <class T>
    static std::string algorithm_for(Convolution<T>& op, const Spec&, const ConvShape& shape) {
        return op.algorithm_for(shape).name;
    }
    static py::object output_padding(const Spec&) { return {}; }
    static py::object output_size(const Spec&) { return {}; }
};

py::object pooled_conv_plan(const Arguments& a) {
    return to_python(std::make_unique<FloatPlan<Pooled>>(a, a.floats(Name::weight), false));
}

using N = Name;
constexpr Function FUNCTIONS[] = {
    {"pooled_conv_plan",
     pooled_conv_plan,
     {N::function, N::rank, N::weight, N::bias, N::stride, N::padding, N::dilation, N::groups, N::activation,
      N::algorithm, N::pool_size, N::pool_stride, N::ceil_mode}},
};

}  // namespace

Functions pooled_conv_functions() { return all_of(FUNCTIONS); }

}  // namespace convx::bindings
