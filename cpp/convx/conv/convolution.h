// A convolution with fixed weights: packs them once per algorithm and instruction set, then runs on any input shape, in
// any number of threads at once.
#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../runtime/context.h"
#include "../runtime/published.h"
#include "algorithm.h"

namespace convx {

struct Candidates {
    std::vector<std::string> algorithms;
    int threads;
    winograd::Level level;  // of Winograd's that were let in
};

template <class T>
class Convolution {
  public:
    // weight and bias stay the caller's and must outlive this object.
    Convolution(const ConvSpec& spec, const T* weight, const T* bias, const Epilogue<T>& activation,
                const std::string& algorithm, bool one_use);

    // out is contiguous, in the format, as is the residual: null, an array apart from the output, or the output itself.
    // Throws std::bad_alloc before anything is written, Interrupted after.
    void run(const ConvShape& shape, const View<const T>& x, T* out, DataFormat format = DataFormat::channels_first,
             const T* residual = nullptr);

    // The same, as a part of a call.
    void run_part(const Context& call, const ConvShape& shape, const View<const T>& x, T* out,
                  DataFormat format = DataFormat::channels_first);

    // A run in parts, decided once for the whole input.
    class ByRows;

    // The algorithm that a run on finite input of this shape takes now, and its scratch beside packed weights.
    const Algorithm<T>& algorithm_for(const ConvShape& shape, DataFormat format = DataFormat::channels_first);
    int64_t workspace_bytes(const ConvShape& shape, DataFormat format = DataFormat::channels_first);

    // To measure by: what runs on finite input may take, the model's choice first, and what that depends on; and to be
    // told before the first run which one to take where it may, as if it were known to be the fastest.
    Candidates candidates(const ConvShape& shape, DataFormat format);
    void prefer(const std::string& algorithm) { preferred_ = find_algorithm<T>(spec_.function, algorithm); }

    // Before the first run: packs the weight for runs of this shape. True: what is packed tells the weight, of which
    // the caller's array is not read again. False: it is, as before.
    bool settle(const ConvShape& shape, DataFormat format);
    void unpack(T* weight) const;                      // what was settled
    void moved(const T* weight) { weight_ = weight; }  // the same numbers

  private:
    // What a run needs to know; kept for the next run, which often has the same shape.
    struct Choice {
        ConvShape shape;
        const Isa* isa;
        bool may_spread;
        winograd::Level level;
        DataFormat format;
        int threads;
        int64_t wisdom;  // as much as was known then
        const Algorithm<T>* algorithm;
        int variant;
        const PackedWeight<T>* weight;
    };
    void run(const Context& context, const ConvShape& shape, const View<const T>& x, T* out, DataFormat format,
             const T* residual);
    Choice choice_for(const Context& context, const ConvShape& shape, const View<const T>& x, DataFormat format);
    Choice choice_for(const Context& context, const ConvShape& shape, bool may_spread, DataFormat format);
    const Algorithm<T>& algorithm_for(const Context& context, const ConvShape& shape, bool may_spread,
                                      DataFormat format);
    bool may_spread(const Context& context);
    bool fits();
    winograd::Level level() const;  // most that may be taken
    const T* weight();
    const PackedWeight<T>& packed(const Algorithm<T>& algorithm, const Context& context, int variant);

    const ConvSpec& spec_;
    const T* weight_;  // null: to be unpacked
    Epilogue<T> epilogue_;
    const Algorithm<T>* named_;                // null: chosen for each shape
    const Algorithm<T>* preferred_ = nullptr;  // null: what is known, or else the model, decides
    const bool one_use_;                       // run once and thrown away: packing counts in the choice
    Latest<Choice> last_;
    Once<bool> finite_weight_, fits_;
    OncePerKey<std::tuple<const Algorithm<T>*, const Isa*, int>, PackedWeight<T>> packed_;
    std::optional<Choice> settled_;
    Once<Buffer<T>> unpacked_;
};

// Some rows of the output at a time, contiguous as (channel, row, column), each with the bits that one run gives it. A
// part is computed by the thread that asks for it.
template <class T>
class Convolution<T>::ByRows {
  public:
    ByRows(Convolution& convolution, const Context& call, const ConvShape& shape, const View<const T>& x);

    // Parts begin and, but for the last, end at multiples of so many rows; 0: there are no parts.
    int64_t step() const { return step_; }
    void run(int64_t image, const Range& rows, T* out) const;

  private:
    const Context& call_;
    const ConvShape& shape_;
    const View<const T>& x_;
    const Epilogue<T>& epilogue_;
    const Choice choice_;
    const int64_t step_;
};

// What "auto" takes for finite arrays of this shape.
template <class T>
std::string chosen_algorithm(const ConvSpec& spec, const ConvShape& shape);

// The estimates by which it takes it, whether or not it may take what spreads what is not finite.
template <class T>
std::vector<std::pair<std::string, double>> algorithm_costs(const ConvSpec& spec, const ConvShape& shape);

}  // namespace convx
