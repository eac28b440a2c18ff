// A transposed convolution with fixed weights: a convolution for each group of phases (phases.h), whose results are
// put together row by row. No input stuffed with zeros, no column matrix.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../conv/convolution.h"
#include "../runtime/published.h"
#include "phase_interleaver.h"
#include "phase_weight.h"

namespace convx {

template <class T>
class ConvTranspose {
  public:
    // spec is that of the convolution that is transposed: weight (spec.k, spec.c_per_group, *kernel), bias of
    // spec.groups * spec.c_per_group. They stay the caller's and must outlive this object.
    ConvTranspose(const ConvSpec& spec, const T* weight, const T* bias, const Epilogue<T>& activation,
                  std::string algorithm, bool one_use);

    // shape is that of the convolution that is transposed: x has the sizes of its output, out, contiguous, of its
    // input, in the format.
    void run(const ConvShape& shape, const View<const T>& x, T* out, DataFormat format);

    // Of the convolution with the most taps; the scratch is that of all.
    std::string algorithm_for(const ConvShape& shape);
    int64_t workspace_bytes(const ConvShape& shape, DataFormat format);

  private:
    struct Part {
        SubConvolution sub;
        ConvSpec spec;
        Buffer<T> weight, bias;
        Convolution<T> convolution;
        Part(const ConvTranspose& whole, const SubConvolution& sub, Buffer<T> weight);
    };
    struct Call;
    void run_phases(const Call& call, const Context& context, const View<const T>& x, T* out);

    using Parts = std::vector<std::unique_ptr<Part>>;
    const Parts& parts(const Context& call);
    bool writes_whole_rows() const;  // stride 1: the only convolution's output is the result

    const ConvSpec& spec_;
    const T* weight_;
    Epilogue<T> epilogue_;
    const std::string algorithm_;
    const bool one_use_;
    const PhaseSplit split_;
    Once<Parts> parts_;
};

// Throws std::invalid_argument where a named algorithm does not take the phases of a transposed convolution.
void check_phases_supported(const std::string& algorithm, const ConvSpec& spec);

}  // namespace convx
