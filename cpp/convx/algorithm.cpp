#include "algorithm.h"

#include <iterator>

#include "direct.h"
#include "im2col.h"
#include "message.h"
#include "reference.h"
#include "winograd.h"

namespace convx {
namespace {

template <class T>
constexpr Algorithm<T> ALGORITHMS[] = {
    {"reference", reference::supports, nullptr, reference::pack<T>, reference::run<T>},
    {"direct", direct::supports, nullptr, direct::pack<T>, direct::run<T>},
    {"im2col", im2col::supports, nullptr, im2col::pack<T>, im2col::run<T>},
    {"winograd", winograd::supports, winograd::variant<T>, winograd::pack<T>, winograd::run<T>},
};

enum Index { REFERENCE, DIRECT, IM2COL };

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

// Both dense algorithms reach about the same rate where their lanes are full; the fuller one wins.
// im2col fills lanes with the pixels of a block, direct fills them with output channels and tiles each row by mr pixels.
template <class T>
const Algorithm<T>& choose_algorithm(const ConvShape& s, const Kernels<T>& k) {
    const auto share = [](int64_t count, int64_t unit) {
        return static_cast<double>(count) / static_cast<double>((count + unit - 1) / unit * unit);
    };
    const double channels = share(s.k_per_group(), k.lanes);
    const double row = static_cast<double>(std::min<int64_t>(s.w.out, 4)) / 4;  // a tile of few pixels waits for its FMAs
    const double pixels = share(s.pixels(), k.lanes);
    return ALGORITHMS<T>[channels * row > pixels ? DIRECT : IM2COL];
}

template const Algorithm<float>& find_algorithm(const std::string&, const std::string&);
template const Algorithm<double>& find_algorithm(const std::string&, const std::string&);
template const Algorithm<float>& choose_algorithm(const ConvShape&, const Kernels<float>&);
template const Algorithm<double>& choose_algorithm(const ConvShape&, const Kernels<double>&);

}  // namespace convx
