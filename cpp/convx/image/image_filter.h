// Convolution of images of 8- and 16-bit integers: rows become floats in cache, are multiplied by the kernels of
// floats, and sums are stored in the type of the result, a block at a time.
#pragma once
#include <cstdint>
#include <type_traits>

#include "../../kernels/kernels.h"
#include "../runtime/context.h"
#include "../shape/shape.h"
#include "../shape/view.h"

namespace convx {

// Elements that are read, without their type.
struct PixelType {
    int64_t size;
    double largest;  // absolute value
    void (*rows)(const Context& context, const PixelRows& rows);
};

template <class T>
PixelType pixel_type() {
    const int bits = 8 * sizeof(T) - std::is_signed_v<T>;
    return {sizeof(T), static_cast<double>((1 << bits) - !std::is_signed_v<T>),
            [](const Context& context, const PixelRows& rows) { context.kernels<T>().pixel_rows(rows); }};
}

// Elements that are written.
struct ResultType {
    int64_t size;
    bool is_float;
    void (*store)(const Context& context, const SumRow<void>& row);
};

template <class T>
ResultType result_type() {
    return {
        sizeof(T), std::is_floating_point_v<T>, [](const Context& context, const SumRow<void>& r) {
            context.kernels<T>().store_sums({r.sums, static_cast<T*>(r.dst), r.count, r.step, r.rule, r.wide, r.small});
        }};
}

// In which order the terms of a sum are added, where that decides what integer it becomes: channel by channel and tap
// by tap; the same without the taps that SciPy takes for zeros; or as SciPy does it along a line, mirrored taps first.
enum class TermOrder { all, taps, line };

struct ImageFilter {
    ConvShape shape;
    const double* weight;  // finite
    View<const char> x;    // of `pixels`; strides count elements
    PixelType pixels;
    View<char> out;
    ResultType result;
    double fill;  // beyond borders of zeros
    TermOrder order;
    Integral rule;
    const float* sums;  // of all outputs, each off by `off` at most, into integers of 8 or 16 bits; null: made here
    double off;
};

void filter_image(const ImageFilter& filter);

}  // namespace convx
