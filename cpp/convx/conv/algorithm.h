// The algorithms of convolution: a table, and the only place where one is picked.
#pragma once
#include <string>
#include <vector>

#include "../../kernels/kernels.h"
#include "../runtime/algorithm_table.h"
#include "../shape/shape.h"
#include "../shape/view.h"
#include "cost.h"
#include "weights.h"

namespace convx {

template <class T>
struct ConvCall {
    const ConvShape& shape;
    View<const T> x;
    const PackedWeight<T>& weight;
    T* out;  // contiguous, in the format
    Epilogue<T> epilogue;
    const Kernels<T>& kernels;
    int threads;
    int variant;  // of the weight's packing
    DataFormat format = DataFormat::channels_first;
    const PixelKernels* pixels = nullptr;

    int64_t out_channel() const { return format == DataFormat::channels_last ? 1 : shape.pixels(); }
    int64_t out_pixel() const { return format == DataFormat::channels_last ? shape.k : 1; }
    T* out_at(int64_t n, int64_t k, int64_t pixel) const {
        return out + n * shape.k * shape.pixels() + k * out_channel() + pixel * out_pixel();
    }
};

template <class T>
struct Algorithm : AlgorithmRow<ConvSpec> {
    bool spreads_nonfinite = false;  // a NaN or infinity reaches outputs whose window does not hold it
    // Whether "auto" may take it for this weight; null: for any.
    bool (*fits)(const ConvSpec&, const T* weight) = nullptr;
    double (*cost)(const ConvShape&, const cost::Machine&) = nullptr;  // null: never chosen by "auto"
    // How the weight is packed; null: in one way for all.
    int (*variant)(const ConvShape&, const Kernels<T>&, winograd::Level) = nullptr;
    PackedWeight<T> (*pack)(const ConvSpec&, const T* weight, const Kernels<T>&, int variant, int threads) = nullptr;
    // Writes the weight that was packed, to the last bit; null: that needs the weight itself.
    void (*unpack)(const ConvSpec&, const PackedWeight<T>&, const Kernels<T>&, T* weight) = nullptr;
    int64_t (*workspace)(const ConvShape&, const Kernels<T>&, int threads, int variant) = nullptr;  // bytes for a run
    void (*run)(const ConvCall<T>&) = nullptr;
    bool (*writes_last)(const ConvShape&, const View<const T>&) = nullptr;  // whether run does; null: never
    bool turns_last = false;  // it does so by a transposition of its own, block by block
    // Bytes for a run that does; null: no more than for any other.
    int64_t (*workspace_last)(const ConvShape&, const Kernels<T>&, int threads) = nullptr;
    // Whether each output is written once, after its residual is read, which then may be the output itself; null:
    // never.
    bool (*in_place)(const ConvShape&, const Kernels<T>&) = nullptr;
    // Some rows of the output, computed alone, have the bits of the whole where they begin and, but for the last, end
    // at a multiple of so many; null: they need not.
    int64_t (*row_step)(const ConvShape&, int variant) = nullptr;
};

template <class T>
int64_t any_row(const ConvShape&, int) {
    return 1;
}

template <class T>
bool any_shape(const ConvShape&, const Kernels<T>&) {
    return true;
}
template <class T>
bool any_format(const ConvShape&, const View<const T>&) {
    return true;
}

std::vector<std::string> algorithm_names();  // "auto" first

// Null for "auto". Throws std::invalid_argument that lists the choices.
template <class T>
const Algorithm<T>* find_algorithm(const std::string& function, const std::string& name);

bool algorithm_supports(const std::string& name, const ConvSpec& spec);  // true for "auto"
void check_supported(const std::string& name, const ConvSpec& spec);     // throws std::invalid_argument

Summaries algorithm_summaries();

// What arrays allow "auto" beside what takes any.
struct Allowed {
    bool spreading;  // algorithms that spread what is not finite
    bool fitting;    // those that fit some weights alone
};

// What "auto" takes: the preferred one if it may be taken, else the cheapest of those that support the shape. one_use:
// the weight is packed for this call alone. format: of the output.
template <class T>
const Algorithm<T>& choose_algorithm(const ConvSpec& spec, const ConvShape& shape, const Kernels<T>& kernels,
                                     bool one_use, Allowed allowed, DataFormat format = DataFormat::channels_first,
                                     const Algorithm<T>* preferred = nullptr);

// All that "auto" of a plan may take, the cheapest by the model first.
template <class T>
std::vector<const Algorithm<T>*> candidates(const ConvSpec& spec, const ConvShape& shape, const Kernels<T>& kernels,
                                            Allowed allowed, DataFormat format);

// Whether the algorithms that fit some weights alone fit this one.
template <class T>
bool fits(const ConvSpec& spec, const T* weight);

}  // namespace convx
