#include "convolution.h"

#include "parallel.h"

namespace convx {
namespace {

template <class T>
int variant_of(const Algorithm<T>& algorithm, const ConvShape& shape, const Kernels<T>& kernels) {
    return algorithm.variant ? algorithm.variant(shape, kernels) : 0;
}

}  // namespace

template <class T>
Convolution<T>::Convolution(const ConvSpec& spec, const T* weight, const T* bias, const Epilogue<T>& activation,
                            std::string algorithm, bool one_use)
    : spec_(spec),
      weight_(weight),
      epilogue_(activation),
      named_(algorithm == "auto" ? nullptr : &find_algorithm<T>(spec.function, algorithm)),
      one_use_(one_use) {
    epilogue_.bias = bias;
}

template <class T>
const PackedWeight<T>& Convolution<T>::packed(const Algorithm<T>& algorithm, const Isa& isa, int variant) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto key = std::make_tuple(&algorithm, &isa, variant);
    auto found = packed_.find(key);
    if (found == packed_.end())
        found = packed_.emplace(key, algorithm.pack(spec_, weight_, kernels_of<T>(*isa.kernels), variant)).first;
    return found->second;
}

template <class T>
const Algorithm<T>& Convolution<T>::algorithm_for(const ConvShape& shape) const {
    return named_ ? *named_ : choose_algorithm<T>(spec_, shape, kernels_of<T>(*active_isa().kernels), one_use_);
}

template <class T>
int64_t Convolution<T>::workspace_bytes(const ConvShape& shape) const {
    const Kernels<T>& kernels = kernels_of<T>(*active_isa().kernels);
    const Algorithm<T>& algorithm = algorithm_for(shape);
    return algorithm.workspace(shape, kernels, threads_for(shape.flops()), variant_of(algorithm, shape, kernels));
}

template <class T>
void Convolution<T>::run(const ConvShape& shape, const View<const T>& x, T* out) {
    const Isa& isa = active_isa();
    const Kernels<T>& kernels = kernels_of<T>(*isa.kernels);
    const Algorithm<T>& algorithm = algorithm_for(shape);
    const int variant = variant_of(algorithm, shape, kernels);
    algorithm.run(
        {shape, x, packed(algorithm, isa, variant), out, epilogue_, kernels, threads_for(shape.flops()), variant});
}

template class Convolution<float>;
template class Convolution<double>;

}  // namespace convx
