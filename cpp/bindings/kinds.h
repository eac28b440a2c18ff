// Kinds of a function, by their names.
#pragma once
#include <string>

#include "../convx/shape/message.h"
#include "call.h"

namespace convx::bindings {

template <size_t N>
int kind_of(const Arguments& a, const char* const (&names)[N]) {
    const std::string kind = a.text(Name::kind);
    std::string all;
    for (size_t i = 0; i < N; ++i) {
        if (kind == names[i]) return static_cast<int>(i);
        all += std::string(i ? ", " : "") + names[i];
    }
    fail(a.function(), "kind must be one of " + all, "'" + kind + "'");
}

}  // namespace convx::bindings
