#include "algorithm.h"

#include "../message.h"
#include "depthwise.h"
#include "direct.h"
#include "im2col.h"
#include "narrow.h"
#include "reference.h"
#include "winograd.h"

namespace convx {
namespace {

template <class T>
bool any_format(const ConvShape&, const View<const T>&) {
    return true;
}

template <class T>
constexpr Algorithm<T> ALGORITHMS[] = {
    {"reference", reference::supports, "", false, nullptr, nullptr, reference::pack<T>, reference::workspace<T>,
     reference::run<T>, any_format<T>},
    {"direct", direct::supports, "", false, cost::direct, nullptr, direct::pack<T>, direct::workspace<T>,
     direct::run<T>, any_format<T>},
    {"im2col", im2col::supports, "", false, cost::im2col, nullptr, im2col::pack<T>, im2col::workspace<T>,
     im2col::run<T>, nullptr},
    {"winograd", winograd::supports, "a kernel of 3x3 or 5x5 with stride 1, or of 3x3 with stride 2, and dilation 1",
     true, winograd::cost, winograd::variant<T>, winograd::pack<T>, winograd::workspace<T>, winograd::run<T>,
     any_format<T>},
    {"depthwise", depthwise::supports, "one input channel in each group", false, cost::depthwise, nullptr,
     depthwise::pack<T>, depthwise::workspace<T>, depthwise::run<T>, depthwise::writes_last<T>},
    {"narrow", narrow::supports, "", false, cost::narrow, nullptr, narrow::pack<T>, narrow::workspace<T>,
     narrow::run<T>, nullptr},
};

}  // namespace

std::vector<std::string> algorithm_names() {
    std::vector<std::string> names{"auto"};
    for (const auto& a : ALGORITHMS<float>) names.emplace_back(a.name);
    return names;
}

template <class T>
const Algorithm<T>& find_algorithm(const std::string& function, const std::string& name) {
    for (const auto& a : ALGORITHMS<T>)
        if (name == a.name) return a;
    std::string choices;
    for (const auto& n : algorithm_names()) choices += (choices.empty() ? "'" : ", '") + n + "'";
    fail(function, "algorithm must be one of " + choices, "'" + name + "'");
}

bool algorithm_supports(const std::string& name, const ConvSpec& spec) {
    return name == "auto" || find_algorithm<float>(spec.function, name).supports(spec);
}

void check_supported(const std::string& name, const ConvSpec& spec) {
    if (algorithm_supports(name, spec)) return;
    const std::string needs = find_algorithm<float>(spec.function, name).needs;
    fail(spec.function, "algorithm must fit the convolution ('" + name + "' needs " + needs + ")", "'" + name + "'");
}

template <class T>
const Algorithm<T>& choose_algorithm(const ConvSpec& spec, const ConvShape& shape, const Kernels<T>& k, bool one_use,
                                     bool may_mix, DataFormat format) {
    const cost::Machine machine{double(k.lanes),           double(k.mr),      double(k.nr), double(k.pixel_rows),
                                double(k.pixel_registers), double(sizeof(T)), k.fma,        one_use};
    const Algorithm<T>* best = nullptr;
    double least = 0;
    for (const auto& a : ALGORITHMS<T>) {
        if (!a.cost || (a.mixes && !may_mix) || !a.supports(spec)) continue;
        const bool transposes = format == DataFormat::channels_last && !a.writes_last;
        const double cost = a.cost(shape, machine) + (transposes ? cost::transposition(shape, machine) : 0);
        if (!best || cost < least) {
            best = &a;
            least = cost;
        }
    }
    return *best;
}

template const Algorithm<float>& find_algorithm(const std::string&, const std::string&);
template const Algorithm<double>& find_algorithm(const std::string&, const std::string&);
template const Algorithm<float>& choose_algorithm(const ConvSpec&, const ConvShape&, const Kernels<float>&, bool, bool,
                                                  DataFormat);
template const Algorithm<double>& choose_algorithm(const ConvSpec&, const ConvShape&, const Kernels<double>&, bool,
                                                   bool, DataFormat);

}  // namespace convx
