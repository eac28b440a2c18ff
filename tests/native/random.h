// Numbers that are the same on every machine.
#pragma once
#include <cstdint>
#include <random>
#include <type_traits>

namespace convx::native {

class Random {
  public:
    explicit Random(uint64_t seed) : engine_(seed) {}

    // lo <= result <= hi
    int64_t within(int64_t lo, int64_t hi) {
        return lo + static_cast<int64_t>(engine_() % static_cast<uint64_t>(hi - lo + 1));
    }
    bool one_in(int64_t n) { return within(1, n) == 1; }
    double real(double lo = -1, double hi = 1) {
        return lo + (hi - lo) * static_cast<double>(engine_() >> 11) * 0x1p-53;
    }

    template <class T>
    T element() {
        if constexpr (std::is_floating_point_v<T>)
            return static_cast<T>(real());
        else
            return static_cast<T>(engine_());
    }
    // With ties.
    template <class T>
    T small_element() {
        const int64_t least = std::is_signed_v<T> ? -4 : 0;
        return static_cast<T>(within(least, 4));
    }

    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[within(0, static_cast<int64_t>(choices.size()) - 1)];
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace convx::native
