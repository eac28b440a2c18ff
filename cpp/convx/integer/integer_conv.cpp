#include "integer_conv.h"

#include <algorithm>
#include <limits>

#include "../runtime/trace.h"

namespace convx {
namespace {

template <class T>
T limited(int64_t x) {
    return static_cast<T>(std::clamp<int64_t>(x, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

// Multiply-adds cost a fraction of those on floats.
double work(const ConvShape& s) { return s.flops() / 4; }

template <class T>
const IntegerAlgorithm<T> ALGORITHMS[] = {integer_reference::row<T>(), integer_tiles::direct<T>(),
                                          integer_tiles::narrow<T>()};

}  // namespace

std::vector<std::string> integer_algorithms() { return names_of(ALGORITHMS<int32_t>); }

template <class T>
IntegerConvolution<T>::IntegerConvolution(const ConvSpec& spec, IntegerWeights weights, IntegerTraits traits)
    : spec_(spec),
      weights_(std::move(weights)),
      traits_(std::move(traits)),
      named_(row_named(ALGORITHMS<T>, spec.function, traits_.algorithm)),
      lo_(limited<T>(traits_.lo)),
      hi_(limited<T>(traits_.hi)) {}

// Asked for only where it decides, and once.
template <class T>
bool IntegerConvolution<T>::bytes_fit() {
    return bytes_fit_.get([&] { return std::make_unique<bool>(weights_.fit_bytes(spec_)); });
}

template <class T>
const DotKernels<T>& IntegerConvolution<T>::kernels(const Isa& isa) {
    if constexpr (sizeof(T) == sizeof(int32_t))
        if (isa.dots->bytes.parts && bytes_fit()) return isa.dots->bytes;
    return widest_packing<T>(*isa.dots);
}

template <class T>
const IntegerAlgorithm<T>& IntegerConvolution<T>::algorithm(const ConvShape& shape, const Isa& isa) {
    if (named_) return *named_;
    const auto same = [&](const Choice& c) { return c.isa == &isa && same_size(c.shape, shape); };
    if (const auto last = last_.get(same)) return *last->algorithm;
    const DotKernels<T>& k = kernels(isa);
    const ConvShape packed = in_packed_channels(shape, k.parts);
    const cost::Machine machine = cost::machine_of<T>(k, false);
    const auto& found = cheapest(
        ALGORITHMS<T>, [&](const IntegerAlgorithm<T>& a) { return a.cost ? a.cost(packed, machine) : NOT_TAKEN; });
    last_.set({shape, &isa, &found});
    return found;
}

template <class T>
const IntegerPacking<T>* IntegerConvolution<T>::packed(const IntegerAlgorithm<T>& a, const Isa& isa, IntType x) {
    if (!a.pack) return nullptr;
    const DotKernels<T>& k = kernels(isa);
    const bool signed_x = x == IntType::i8;
    return &packed_.get({&k, &a, signed_x},
                        [&] { return a.pack(spec_, weights_, {k, signed_x, traits_.x_zero, traits_.bias}); });
}

template <class T>
IntegerCall<T> IntegerConvolution<T>::call_for(const Context& context, const IntegerAlgorithm<T>& a,
                                               const ConvShape& shape, const IntView& x, void* out,
                                               const Requantization* r) {
    return {spec_,
            shape,
            x,
            weights_,
            traits_.bias,
            traits_.x_zero,
            lo_,
            hi_,
            out,
            r,
            *context.isa.dots,
            context.threads,
            packed(a, context.isa, x.type)};
}

template <class T>
void IntegerConvolution<T>::run(const ConvShape& shape, const IntView& x, void* out, const Requantization* r) {
    if (shape.n == 0) return;
    const Context context = decide(work(shape));
    const IntegerAlgorithm<T>& a = algorithm(shape, context.isa);
    trace::ran(a.name);
    a.run(call_for(context, a, shape, x, out, r));
}

template <class T>
std::string IntegerConvolution<T>::algorithm_for(const ConvShape& shape) {
    return algorithm(shape, decide(work(shape)).isa).name;
}

template <class T>
int64_t IntegerConvolution<T>::workspace_bytes(const ConvShape& shape, const IntView& x, const Requantization* r) {
    const Context context = decide(work(shape));
    const IntegerAlgorithm<T>& a = algorithm(shape, context.isa);
    return a.workspace(call_for(context, a, shape, x, nullptr, r));
}

#define CONVX_INSTANTIATE(T) template class IntegerConvolution<T>;
CONVX_WORDS(CONVX_INSTANTIATE)

}  // namespace convx
