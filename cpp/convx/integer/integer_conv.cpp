#include "integer_conv.h"

#include <algorithm>
#include <limits>

#include "../conv/cost.h"
#include "../threads.h"
#include "integer_reference.h"

namespace convx {
namespace {

template <class T>
T limited(int64_t x) {
    return static_cast<T>(std::clamp<int64_t>(x, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

// Multiply-adds cost a fraction of those on floats.
double work(const ConvShape& s) { return s.flops() / 4; }

}  // namespace

std::vector<std::string> integer_algorithms() { return {"auto", "reference", "direct", "narrow"}; }

template <class T>
IntegerConvolution<T>::IntegerConvolution(const ConvSpec& spec, IntegerWeights weights, IntegerTraits traits)
    : spec_(spec),
      weights_(std::move(weights)),
      traits_(std::move(traits)),
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
Lane IntegerConvolution<T>::lane_for(const ConvShape& shape, const DotKernels<T>& k) const {
    if (traits_.algorithm == "direct") return Lane::channels;
    if (traits_.algorithm == "narrow") return Lane::pixels;
    const ConvShape packed = in_packed_channels(shape, k.parts);
    const cost::Machine machine{double(k.lanes),           double(k.mr),      double(k.nr), double(k.pixel_rows),
                                double(k.pixel_registers), double(sizeof(T)), k.fma,        false};
    return cost::direct(packed, machine) <= cost::narrow(packed, machine) ? Lane::channels : Lane::pixels;
}

template <class T>
const IntegerPacking<T>& IntegerConvolution<T>::packed(const ConvShape& shape, const Isa& isa, IntType x) {
    const DotKernels<T>& k = kernels(isa);
    const Lane lane = lane_for(shape, k);
    const bool signed_x = x == IntType::i8;
    return packed_.get({&k, lane, signed_x}, [&] {
        return pack_integers<T>(spec_, weights_, {k, lane, signed_x, traits_.x_zero, traits_.bias});
    });
}

template <class T>
IntegerCall<T> IntegerConvolution<T>::call_for(const ConvShape& shape, const IntView& x, void* out,
                                               const Requantization* r) {
    const Isa& isa = active_isa();
    return {shape, x, packed(shape, isa, x.type), out, lo_, hi_, r, *isa.dots, threads_for(work(shape))};
}

template <class T>
void IntegerConvolution<T>::run(const ConvShape& shape, const IntView& x, void* out, const Requantization* r) {
    if (traits_.algorithm == "reference")
        return integer_reference<T>({shape, spec_, x, weights_, traits_.bias, traits_.x_zero, lo_, hi_, out, r,
                                     *active_isa().dots, threads_for(work(shape))});
    run_tiles(call_for(shape, x, out, r));
}

template <class T>
std::string IntegerConvolution<T>::algorithm_for(const ConvShape& shape) {
    if (traits_.algorithm != "auto") return traits_.algorithm;
    return lane_for(shape, kernels(active_isa())) == Lane::channels ? "direct" : "narrow";
}

template <class T>
int64_t IntegerConvolution<T>::workspace_bytes(const ConvShape& shape, const IntView& x, const Requantization* r) {
    if (traits_.algorithm == "reference") return integer_reference_workspace<T>(shape, threads_for(work(shape)));
    return tiles_workspace(call_for(shape, x, nullptr, r));
}

template class IntegerConvolution<int32_t>;
template class IntegerConvolution<int64_t>;

}  // namespace convx
