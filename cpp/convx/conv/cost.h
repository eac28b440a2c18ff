// What a call would cost with each algorithm, in multiply-add slots of the instruction set: a model to choose by,
// fitted to the sweep of benchmarks/sweep_algorithms.py. Only the order of the estimates matters.
#pragma once
#include <type_traits>

#include "../data/panel_depth.h"
#include "../shape/shape.h"
#include "winograd_schemes.h"

namespace convx::cost {

struct Machine {
    double lanes, half_lanes, mr, nr;  // of the register tile
    double panel_depth;                // terms of the sum that a tile of im2col takes at a time
    double pixel_rows;                 // of the pixel tile
    int pixel_registers;
    double element;     // bytes
    bool fma;           // a multiply-add is one instruction
    bool packs_weight;  // the packing is for this call alone
};

// one_use: the weight is packed for this call alone. K: the kernels of floats or of words of integers.
template <class T, class K>
Machine machine_of(const K& k, bool one_use) {
    double half = 0;
    if constexpr (std::is_floating_point_v<T>) half = k.half_lanes;
    return {double(k.lanes),
            half,
            double(k.mr),
            double(k.nr),
            double(panel_depth<T>(k)),
            double(k.pixel_rows),
            k.pixel_registers,
            double(sizeof(T)),
            k.fma,
            one_use};
}

double direct(const ConvShape& s, const Machine& m);
double im2col(const ConvShape& s, const Machine& m);
double depthwise(const ConvShape& s, const Machine& m);
bool depthwise_by_channels(const ConvShape& s, const Machine& m);  // or by rows of pixels
double separable(const ConvShape& s, const Machine& m);
double narrow(const ConvShape& s, const Machine& m);
double winograd(const ConvShape& s, const Machine& m, const winograd::Scheme& scheme);

// Whether transforms, Winograd's or Fourier's, are worth the accuracy that they lose: not in small calls, which gain
// little time and would lose the exactness that whole numbers have with the other algorithms. Winograd's, which lose
// most, only of float32.
bool worth_transforms(const ConvShape& s, const Machine& m);
bool worth_winograd(const ConvShape& s, const Machine& m);

// Of the output to channels last, block by block while it is in L2 or as a whole.
double transposition(const ConvShape& s, const Machine& m, bool in_cache);

}  // namespace convx::cost
