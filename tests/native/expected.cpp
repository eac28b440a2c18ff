#include "expected.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace convx::native {
namespace {

constexpr int64_t SHOWN = 5;  // mismatches of a family that are told in full

template <class T>
bool equal(T a, T b) {
    return a == b || (a != a && b != b);
}

}  // namespace

double Expected::most() const { return *std::max_element(magnitude.begin(), magnitude.end()); }

void Family::next_case(std::string text) {
    ++cases_;
    case_ = std::move(text);
}

void Family::wrong(const std::string& what, size_t element, double got, double expected) {
    if (++wrong_ <= SHOWN)
        std::fprintf(stderr, "%s, case %lld: %s, %s: element %zu is %.17g, not %.17g\n", name_.c_str(),
                     static_cast<long long>(cases_), case_.c_str(), what.c_str(), element, got, expected);
}

template <class T>
void Family::close(const std::vector<T>& got, const Expected& expected, double units, const std::string& what,
                   double spread) {
    ++results_;
    for (size_t i = 0; i < expected.value.size(); ++i) {
        const double x = static_cast<double>(got[i]), y = expected.value[i];
        const double room =
            units * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::max(expected.magnitude[i], spread);
        if (!equal(x, y) && !(std::abs(x - y) <= room)) return wrong(what, i, x, y);
    }
}

template <class T>
void Family::same(const std::vector<T>& got, const std::vector<T>& expected, const std::string& what) {
    ++results_;
    for (size_t i = 0; i < expected.size(); ++i)
        if (!equal(got[i], expected[i]))
            return wrong(what, i, static_cast<double>(got[i]), static_cast<double>(expected[i]));
}

bool Family::report() const {
    std::printf("%-24s %5lld cases %7lld results %5lld wrong\n", name_.c_str(), static_cast<long long>(cases_),
                static_cast<long long>(results_), static_cast<long long>(wrong_));
    std::fflush(stdout);
    return wrong_ == 0;
}

template void Family::close(const std::vector<float>&, const Expected&, double, const std::string&, double);
template void Family::close(const std::vector<double>&, const Expected&, double, const std::string&, double);
template void Family::same(const std::vector<float>&, const std::vector<float>&, const std::string&);
template void Family::same(const std::vector<double>&, const std::vector<double>&, const std::string&);
template void Family::same(const std::vector<int8_t>&, const std::vector<int8_t>&, const std::string&);
template void Family::same(const std::vector<uint8_t>&, const std::vector<uint8_t>&, const std::string&);
template void Family::same(const std::vector<int16_t>&, const std::vector<int16_t>&, const std::string&);
template void Family::same(const std::vector<uint16_t>&, const std::vector<uint16_t>&, const std::string&);
template void Family::same(const std::vector<int32_t>&, const std::vector<int32_t>&, const std::string&);
template void Family::same(const std::vector<uint32_t>&, const std::vector<uint32_t>&, const std::string&);
template void Family::same(const std::vector<int64_t>&, const std::vector<int64_t>&, const std::string&);
template void Family::same(const std::vector<uint64_t>&, const std::vector<uint64_t>&, const std::string&);

}  // namespace convx::native
