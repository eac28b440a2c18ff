// A convolution of integers with fixed weights: packs them once per way of computing, then runs on any input shape.
#pragma once
#include <string>
#include <tuple>
#include <vector>

#include "../runtime/context.h"
#include "../runtime/published.h"
#include "integer_algorithm.h"

namespace convx {

std::vector<std::string> integer_algorithms();  // "auto" first

struct IntegerTraits {          // what a convolution of integers does beside its weights
    std::vector<int64_t> bias;  // none, or one for each output channel
    int64_t lo = INT64_MIN, hi = INT64_MAX;
    int64_t x_zero = 0;
    std::string algorithm = "auto";
};

// T: of the sums; int32_t for 8-bit input and weights, int64_t for all others.
template <class T>
class IntegerConvolution {
  public:
    // The weights' data must outlive this object.
    IntegerConvolution(const ConvSpec& spec, IntegerWeights weights, IntegerTraits traits);

    // out is contiguous: T, or bytes where sums are requantized. Throws std::bad_alloc before anything is written,
    // Interrupted after.
    void run(const ConvShape& shape, const IntView& x, void* out, const Requantization* requantization = nullptr);

    std::string algorithm_for(const ConvShape& shape);
    int64_t workspace_bytes(const ConvShape& shape, const IntView& x, const Requantization* requantization = nullptr);

  private:
    bool bytes_fit();
    const DotKernels<T>& kernels(const Isa& isa);
    const IntegerAlgorithm<T>& algorithm(const ConvShape& shape, const Isa& isa);
    const IntegerPacking<T>* packed(const IntegerAlgorithm<T>& algorithm, const Isa& isa, IntType x);
    IntegerCall<T> call_for(const Context& context, const IntegerAlgorithm<T>& algorithm, const ConvShape& shape,
                            const IntView& x, void* out, const Requantization* r);

    const ConvSpec& spec_;
    const IntegerWeights weights_;
    const IntegerTraits traits_;
    const IntegerAlgorithm<T>* const named_;  // null: chosen for each shape
    const T lo_, hi_;
    struct Choice {  // by cost, kept for the next call, which often has the same shape
        ConvShape shape;
        const Isa* isa;
        const IntegerAlgorithm<T>* algorithm;
    };
    Latest<Choice> last_;
    Once<bool> bytes_fit_;
    OncePerKey<std::tuple<const DotKernels<T>*, const IntegerAlgorithm<T>*, bool>, IntegerPacking<T>> packed_;
};

}  // namespace convx
