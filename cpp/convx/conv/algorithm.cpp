#include "algorithm.h"

#include <algorithm>

#include "depthwise.h"
#include "direct.h"
#include "fft.h"
#include "im2col.h"
#include "narrow.h"
#include "reference.h"
#include "separable.h"
#include "winograd_phases.h"

namespace convx {
namespace {

template <class T>
const Algorithm<T> ALGORITHMS[] = {
    reference::row<T>(), direct::row<T>(), im2col::row<T>(), winograd::phases::row<T>(),
    depthwise::row<T>(), narrow::row<T>(), fft::row<T>(),    separable::row<T>(),
};

// NOT_TAKEN where "auto" may not take it.
template <class T>
double estimate(const Algorithm<T>& a, const ConvSpec& spec, const ConvShape& shape, const cost::Machine& machine,
                Allowed allowed, DataFormat format) {
    if (!a.cost || (a.spreads_nonfinite && !allowed.spreading) || (a.fits && !allowed.fitting) || !a.supports(spec))
        return NOT_TAKEN;
    const double cost = a.cost(shape, machine);
    if (format == DataFormat::channels_first) return cost;
    const View<const T> x{nullptr, shape.c, 1, 1, shape.c, shape.c};
    const bool writes_last = a.writes_last && a.writes_last(shape, x);
    return cost + (writes_last && !a.turns_last ? 0 : cost::transposition(shape, machine, writes_last));
}

}  // namespace

std::vector<std::string> algorithm_names() { return names_of(ALGORITHMS<float>); }

Summaries algorithm_summaries() { return summaries_of(ALGORITHMS<float>); }

template <class T>
const Algorithm<T>* find_algorithm(const std::string& function, const std::string& name) {
    return row_named(ALGORITHMS<T>, function, name);
}

bool algorithm_supports(const std::string& name, const ConvSpec& spec) {
    const Algorithm<float>* const row = find_algorithm<float>(spec.function, name);
    return !row || row->supports(spec);
}

void check_supported(const std::string& name, const ConvSpec& spec) {
    check_row(find_algorithm<float>(spec.function, name), spec);
}

template <class T>
bool fits(const ConvSpec& spec, const T* weight) {
    for (const Algorithm<T>& a : ALGORITHMS<T>)
        if (a.fits && !(a.supports(spec) && a.fits(spec, weight))) return false;
    return true;
}

template <class T>
const Algorithm<T>& choose_algorithm(const ConvSpec& spec, const ConvShape& shape, const Kernels<T>& k, bool one_use,
                                     Allowed allowed, DataFormat format, const Algorithm<T>* preferred) {
    const auto cost = [&, machine = cost::machine_of<T>(k, one_use)](const Algorithm<T>& a) {
        return estimate(a, spec, shape, machine, allowed, format);
    };
    return preferred && cost(*preferred) < NOT_TAKEN ? *preferred : cheapest(ALGORITHMS<T>, cost);
}

template <class T>
std::vector<const Algorithm<T>*> candidates(const ConvSpec& spec, const ConvShape& shape, const Kernels<T>& k,
                                            Allowed allowed, DataFormat format) {
    const cost::Machine machine = cost::machine_of<T>(k, false);
    std::vector<std::pair<double, const Algorithm<T>*>> ranked;
    for (const Algorithm<T>& a : ALGORITHMS<T>)
        if (const double c = estimate(a, spec, shape, machine, allowed, format); c < NOT_TAKEN)
            ranked.emplace_back(c, &a);
    std::sort(ranked.begin(), ranked.end());
    std::vector<const Algorithm<T>*> sorted;
    for (const auto& [c, algorithm] : ranked) sorted.push_back(algorithm);
    return sorted;
}

#define CONVX_INSTANTIATE(T)                                                                                           \
    template const Algorithm<T>* find_algorithm(const std::string&, const std::string&);                               \
    template bool fits(const ConvSpec&, const T*);                                                                     \
    template const Algorithm<T>& choose_algorithm(const ConvSpec&, const ConvShape&, const Kernels<T>&, bool, Allowed, \
                                                  DataFormat, const Algorithm<T>*);                                    \
    template std::vector<const Algorithm<T>*> candidates(const ConvSpec&, const ConvShape&, const Kernels<T>&,         \
                                                         Allowed, DataFormat);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
