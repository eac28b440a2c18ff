#include "convolution.h"

#include <algorithm>

#include "../data/finite.h"
#include "../data/transpose.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "winograd.h"
#include "wisdom.h"

namespace convx {
namespace {

template <class T>
int variant_of(const Algorithm<T>& algorithm, const ConvShape& shape, const Kernels<T>& kernels,
               winograd::Level level) {
    return algorithm.variant ? algorithm.variant(shape, kernels, level) : 0;
}

// Operations, those of depthwise convolutions weighted by what they wait for memory.
double work(const ConvShape& s) { return s.flops() * (s.c_per_group() == 1 ? 3 : 1); }

winograd::Level allowed_level(bool may_spread) { return may_spread ? winograd::level() : winograd::Level::off; }

// What an algorithm transposes itself has no residual at its place.
template <class T>
bool writes_last(const Algorithm<T>& algorithm, const ConvShape& s, const View<const T>& x, const T* residual) {
    return algorithm.writes_last && algorithm.writes_last(s, x) && !(residual && algorithm.turns_last);
}

// One channel lies the same in either format.
DataFormat format_of(const ConvShape& s, DataFormat format) { return s.k == 1 ? DataFormat::channels_first : format; }

// Of an output that is written channels first and then transposed.
template <class T>
int64_t staged_elements(const Algorithm<T>& algorithm, const ConvShape& s, const View<const T>& x, DataFormat format,
                        const T* residual = nullptr) {
    const bool same = format == DataFormat::channels_first || s.pixels() == 1;
    return same || writes_last(algorithm, s, x, residual) ? 0 : s.n * s.k * s.pixels();
}

// The residual of a call, laid out as what the algorithm writes, and where that does not overwrite it too early.
template <class T>
class Residual {
  public:
    // given: null, or in the format of out. written: out, or what is transposed to it.
    Residual(const Algorithm<T>& algorithm, const ConvShape& s, const T* given, T* written, const T* out,
             const Kernels<T>& kernels, int threads)
        : at_(given) {
        const bool staged = written != out, in_place = algorithm.in_place && algorithm.in_place(s, kernels);
        if (!given || (!staged && (given != out || in_place))) return;
        const int64_t count = s.n * s.k * s.pixels();
        if (!in_place) copy_ = Buffer<T>(count, Lifetime::call);
        T* const to = in_place ? written : copy_.data();
        if (staged)
            transpose_images(given, to, s.n, s.pixels(), s.k, kernels, threads);
        else
            parallel_pieces(worth_a_task(count, 2), threads, [&](const Range& some, int) {
                std::copy(given + some.begin, given + some.end, to + some.begin);
            });
        trace::copied(given, to, count * static_cast<int64_t>(sizeof(T)), staged ? "channels_last" : "overlap");
        at_ = to;
    }

    Epilogue<T> in(Epilogue<T> epilogue, const T* written) const {
        epilogue.has_residual = at_ != nullptr;
        if (at_) epilogue.to_residual = reinterpret_cast<intptr_t>(at_) - reinterpret_cast<intptr_t>(written);
        return epilogue;
    }

  private:
    Buffer<T> copy_;
    const T* at_;
};

}  // namespace

template <class T>
Convolution<T>::Convolution(const ConvSpec& spec, const T* weight, const T* bias, const Epilogue<T>& activation,
                            const std::string& algorithm, bool one_use)
    : spec_(spec),
      weight_(weight),
      epilogue_(activation),
      named_(find_algorithm<T>(spec.function, algorithm)),
      one_use_(one_use) {
    epilogue_.bias = bias;
}

template <class T>
const PackedWeight<T>& Convolution<T>::packed(const Algorithm<T>& algorithm, const Context& context, int variant) {
    return packed_.get({&algorithm, &context.isa, variant},
                       [&] { return algorithm.pack(spec_, weight(), context.kernels<T>(), variant, context.threads); });
}

template <class T>
bool Convolution<T>::settle(const ConvShape& shape, DataFormat given) {
    const Context context = decide(work(shape));
    const Choice choice = choice_for(context, shape, may_spread(context), format_of(shape, given));
    if (!choice.algorithm->unpack) return false;
    fits();  // as long as it takes no unpacking
    settled_ = choice;
    weight_ = nullptr;
    return true;
}

template <class T>
const T* Convolution<T>::weight() {
    if (weight_) return weight_;
    const auto make = [&] {
        auto made = std::make_unique<Buffer<T>>(spec_.k * spec_.depth());
        unpack(made->data());
        return made;
    };
    return unpacked_.get(make).data();
}

template <class T>
void Convolution<T>::unpack(T* weight) const {
    const Context then{*settled_->isa, 1};
    settled_->algorithm->unpack(spec_, *settled_->weight, then.kernels<T>(), weight);
}

// Who names Winograd has it as fast as can be.
template <class T>
winograd::Level Convolution<T>::level() const {
    return named_ ? winograd::Level::all : winograd::level();
}

// "auto" treats NaN and infinity alike whatever it takes, so algorithms that spread them are for finite arrays only.
template <class T>
bool Convolution<T>::may_spread(const Context& context) {
    if (named_) return true;
    if (!winograd::allowed()) return false;
    return finite_weight_.get(
        [&] { return std::make_unique<bool>(all_finite(weight(), spec_.k * spec_.depth(), context.kernels<T>())); });
}

template <class T>
bool Convolution<T>::fits() {
    return fits_.get([&] { return std::make_unique<bool>(convx::fits(spec_, weight())); });
}

// What was measured is of plans: it knows nothing of the time to pack a weight for one call.
template <class T>
const Algorithm<T>& Convolution<T>::algorithm_for(const Context& context, const ConvShape& shape, bool may_spread,
                                                  DataFormat format) {
    if (named_) return *named_;
    const Algorithm<T>* preferred = preferred_;
    if (!preferred && !one_use_)
        preferred =
            wisdom::known<T>({&context.isa, context.threads, allowed_level(may_spread), spec_.rank, format, shape});
    return choose_algorithm<T>(spec_, shape, context.kernels<T>(), one_use_, {may_spread, fits()}, format, preferred);
}

template <class T>
const Algorithm<T>& Convolution<T>::algorithm_for(const ConvShape& shape, DataFormat format) {
    const Context context = decide(work(shape));
    return algorithm_for(context, shape, may_spread(context), format_of(shape, format));
}

template <class T>
Candidates Convolution<T>::candidates(const ConvShape& shape, DataFormat format) {
    const Context context = decide(work(shape));
    const bool spread = may_spread(context);
    Candidates found{{}, context.threads, allowed_level(spread)};
    for (const Algorithm<T>* const algorithm :
         convx::candidates<T>(spec_, shape, context.kernels<T>(), {spread, fits()}, format))
        found.algorithms.emplace_back(algorithm->name);
    return found;
}

template <class T>
int64_t Convolution<T>::workspace_bytes(const ConvShape& shape, DataFormat given) {
    const DataFormat format = format_of(shape, given);
    const Context context = decide(work(shape));
    const Kernels<T>& kernels = context.kernels<T>();
    const Algorithm<T>& algorithm = algorithm_for(context, shape, may_spread(context), format);
    const View<const T> x{nullptr, shape.c, 1, 1, 1, shape.c};
    int64_t scratch =
        algorithm.workspace(shape, kernels, context.threads, variant_of(algorithm, shape, kernels, level()));
    if (format == DataFormat::channels_last && algorithm.workspace_last)
        scratch = std::max(scratch, algorithm.workspace_last(shape, kernels, context.threads));
    return scratch + staged_elements(algorithm, shape, x, format) * static_cast<int64_t>(sizeof(T));
}

template <class T>
typename Convolution<T>::Choice Convolution<T>::choice_for(const Context& context, const ConvShape& shape,
                                                           bool may_spread, DataFormat format) {
    const winograd::Level most = level();
    const int64_t wisdom = wisdom::changes();
    const auto same = [&](const Choice& c) {
        return c.isa == &context.isa && c.threads == context.threads && c.may_spread == may_spread && c.level == most &&
               c.format == format && c.wisdom == wisdom && same_size(c.shape, shape);
    };
    if (const auto last = last_.get(same)) return *last;
    const Algorithm<T>& algorithm = algorithm_for(context, shape, may_spread, format);
    const int variant = variant_of(algorithm, shape, context.kernels<T>(), most);
    const Choice choice{shape,           &context.isa, may_spread, most,    format,
                        context.threads, wisdom,       &algorithm, variant, &packed(algorithm, context, variant)};
    last_.set(choice);
    return choice;
}

template <class T>
typename Convolution<T>::Choice Convolution<T>::choice_for(const Context& context, const ConvShape& shape,
                                                           const View<const T>& x, DataFormat format) {
    const Choice choice = choice_for(context, shape, may_spread(context), format);
    const bool fits = named_ || !choice.algorithm->spreads_nonfinite || all_finite(shape, x, context.kernels<T>());
    return fits ? choice : choice_for(context, shape, false, format);
}

template <class T>
void Convolution<T>::run(const ConvShape& shape, const View<const T>& x, T* out, DataFormat format, const T* residual) {
    if (shape.n > 0) run(decide(work(shape)), shape, x, out, format_of(shape, format), residual);
}

template <class T>
void Convolution<T>::run_part(const Context& call, const ConvShape& shape, const View<const T>& x, T* out,
                              DataFormat format) {
    run(call.part(work(shape)), shape, x, out, format_of(shape, format), nullptr);
}

template <class T>
void Convolution<T>::run(const Context& context, const ConvShape& shape, const View<const T>& x, T* out,
                         DataFormat format, const T* residual) {
    const Kernels<T>& kernels = context.kernels<T>();
    const Choice choice = choice_for(context, shape, x, format);
    const int64_t staged = staged_elements(*choice.algorithm, shape, x, format, residual);
    trace::ran(choice.algorithm->name);
    const Buffer<T> stage = staged ? Buffer<T>(staged) : Buffer<T>();
    T* const written = staged ? stage.data() : out;
    const Residual<T> added(*choice.algorithm, shape, residual, written, out, kernels, context.threads);
    choice.algorithm->run({shape, x, *choice.weight, written, added.in(epilogue_, written), kernels, context.threads,
                           choice.variant,
                           writes_last(*choice.algorithm, shape, x, residual) ? format : DataFormat::channels_first,
                           &context.pixels<T>()});
    if (!staged) return;
    transpose_images(stage.data(), out, shape.n, shape.k, shape.pixels(), kernels, context.threads);
    trace::copied(stage.data(), out, staged * static_cast<int64_t>(sizeof(T)), "channels_last");
}

template <class T>
std::string chosen_algorithm(const ConvSpec& spec, const ConvShape& shape) {
    const Context context = decide(work(shape));
    return choose_algorithm<T>(spec, shape, context.kernels<T>(), false, {winograd::allowed(), false}).name;
}

template <class T>
std::vector<std::pair<std::string, double>> algorithm_costs(const ConvSpec& spec, const ConvShape& shape) {
    const Context context = decide(work(shape));
    const cost::Machine machine = cost::machine_of<T>(context.kernels<T>(), false);
    std::vector<std::pair<std::string, double>> costs;
    for (const std::string& name : algorithm_names()) {
        const Algorithm<T>* const a = find_algorithm<T>(spec.function, name);
        if (a && a->cost && a->supports(spec)) costs.emplace_back(name, a->cost(shape, machine));
    }
    return costs;
}

#define CONVX_INSTANTIATE(T)                                                                                    \
    template std::string chosen_algorithm<T>(const ConvSpec&, const ConvShape&);                                \
    template std::vector<std::pair<std::string, double>> algorithm_costs<T>(const ConvSpec&, const ConvShape&); \
    template class Convolution<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
