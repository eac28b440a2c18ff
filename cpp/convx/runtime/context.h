// What a call computes with: decided here, once, when it enters the core. Nothing else asks which instruction set is
// active or how many threads there are.
#pragma once
#include "isa.h"

namespace convx {

struct Context {
    const Isa& isa;
    int threads;

    template <class T>
    const Kernels<T>& kernels() const {
        return kernels_of<T>(*isa.kernels);
    }
    template <class T>
    const PixelKernels& pixels() const {
        return pixels_of<T>(*isa.kernels);
    }
    Context part(double work) const;  // of the call: on the same instruction set, with the threads that it is worth
};

// work: of the call, in the multiply-adds and additions of a convolution that would take as long.
Context decide(double work);

}  // namespace convx
