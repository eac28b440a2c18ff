// Error texts: "<function>: <argument> must <rule>, got <value>".
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "shape.h"

namespace convx {

[[gnu::cold]] inline std::string show(const std::vector<int64_t>& v) {
    std::string s = "(";
    for (size_t i = 0; i < v.size(); ++i) s += (i ? ", " : "") + std::to_string(v[i]);
    return s + (v.size() == 1 ? ",)" : ")");
}

[[gnu::cold]] inline std::string show(const Ints& v) {
    return v.scalar && v.values.size() == 1 ? std::to_string(v.values[0]) : show(v.values);
}

[[gnu::cold]] inline std::string show(const Padding& p) {
    if (p.form == Padding::Form::scalar && p.values.size() == 1) return std::to_string(p.values[0].first);
    std::string s = "(";
    for (size_t i = 0; i < p.values.size(); ++i) {
        const auto [lo, hi] = p.values[i];
        s += i ? ", " : "";
        s += p.form == Padding::Form::pairs ? "(" + std::to_string(lo) + ", " + std::to_string(hi) + ")"
                                            : std::to_string(lo);
    }
    return s + (p.values.size() == 1 ? ",)" : ")");
}

// The choices an argument has: 'a', 'b', 'c'. names: strings of any kind.
template <class Names>
[[gnu::cold]] std::string show_choices(const Names& names, const char* quote = "'") {
    std::string s;
    for (const auto& name : names) s += (s.empty() ? "" : ", ") + (quote + std::string(name)) + quote;
    return s;
}

[[noreturn, gnu::cold]] inline void fail(const std::string& function, const std::string& rule, const std::string& got) {
    throw std::invalid_argument(function + ": " + rule + ", got " + got);
}

}  // namespace convx
