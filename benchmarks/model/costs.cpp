// What the model of costs makes of layers with other constants than it has: benchmarks/fit_costs.py tries many.
//
// Reads how many layers there are and the element's bytes; for each layer its axes, the shapes of input and weight, and
// stride, padding and dilation by axis, and groups; then, again and again, all fields of Slots. Answers each time with
// a line of estimates by layer, in the order of the names in its first line; nan: not that algorithm, or not for any
// weight.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <limits>
#include <map>
#include <type_traits>

#include "../../cpp/convx/conv/convolution.h"
#include "../../cpp/convx/conv/cost_slots.h"

namespace convx {
namespace {

cost::Slots tried{};

}  // namespace

namespace cost {

const Slots& slots_of(double) { return tried; }

}  // namespace cost

namespace {

struct Layer {
    ConvSpec spec;
    ConvShape shape;
};

std::vector<int64_t> numbers(int count) {
    std::vector<int64_t> read(static_cast<size_t>(count));
    for (int64_t& n : read) std::cin >> n;
    return read;
}

Layer layer() {
    const int axes = static_cast<int>(numbers(1)[0]);
    const std::vector<int64_t> input = numbers(axes + 2);
    const Shape weight = numbers(axes + 2);
    const Ints stride{numbers(axes), false};
    Padding padding;
    padding.form = Padding::Form::per_axis;
    for (const int64_t each : numbers(axes)) padding.values.emplace_back(each, each);
    const Ints dilation{numbers(axes), false};
    const ConvSpec spec =
        conv_spec("conv" + std::to_string(axes) + "d", axes, weight, nullptr, stride, padding, dilation, numbers(1)[0]);
    return {spec, conv_shape(spec, input.data(), axes + 2)};
}

template <class T>
void answer(const std::vector<Layer>& layers) {
    for (const Layer& l : layers) {
        std::map<std::string, double> costs;
        for (const auto& [name, cost] : algorithm_costs<T>(l.spec, l.shape))
            if (!find_algorithm<T>(l.spec.function, name)->fits) costs[name] = cost;
        for (const std::string& name : algorithm_names())
            std::printf("%.6g ", costs.count(name) ? costs[name] : std::numeric_limits<double>::quiet_NaN());
    }
    std::printf("\n");
    std::fflush(stdout);
}

bool read_constants() {
    static_assert(std::is_trivially_copyable_v<cost::Slots> && sizeof(cost::Slots) % sizeof(double) == 0);
    double all[sizeof(cost::Slots) / sizeof(double)];
    for (double& each : all)
        if (!(std::cin >> each)) return false;
    std::memcpy(&tried, all, sizeof tried);
    return true;
}

}  // namespace
}  // namespace convx

int main() {
    using namespace convx;
    const std::vector<int64_t> head = numbers(2);
    std::vector<Layer> layers;
    for (int64_t i = 0; i < head[0]; ++i) layers.push_back(layer());
    for (const std::string& name : algorithm_names()) std::printf("%s ", name.c_str());
    std::printf("\n");
    std::fflush(stdout);
    while (read_constants()) head[1] == 4 ? answer<float>(layers) : answer<double>(layers);
}
