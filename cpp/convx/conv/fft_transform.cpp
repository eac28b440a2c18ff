#include "fft_transform.h"

#include <cmath>

#include "../../kernels/types.h"

namespace convx::fft {

// The largest radix last: it is the one whose pass needs no twiddles.
Transform::Transform(int64_t n) : length(n) {
    const auto take = [&](int32_t radix) {
        radices[passes++] = radix;
        n /= radix;
    };
    while (n % 5 == 0) take(5);
    while (n % 3 == 0) take(3);
    int twos = __builtin_ctzll(static_cast<unsigned long long>(n));
    if (twos == 1) take(2), twos = 0;
    for (; twos % 3 != 0; twos -= 2) take(4);
    for (; twos > 0; twos -= 3) take(8);
}

int64_t Transform::twiddle_elements() const {
    int64_t elements = 0, m = length;
    for (int32_t i = 0; i < passes; ++i) {
        m /= radices[i];
        if (m > 1) elements += 2 * m * (radices[i] - 1);
    }
    return elements;
}

template <class T>
void Transform::fill_twiddles(T* twiddles) const {
    int64_t block = length;
    for (int32_t i = 0; i < passes; ++i) {
        const int64_t m = block / radices[i];
        for (int64_t j = 0; j < m && m > 1; ++j)
            for (int64_t q = 1; q < radices[i]; ++q) {
                const Root w = root(j * q, block);
                *twiddles++ = static_cast<T>(w.re);
                *twiddles++ = static_cast<T>(w.im);
            }
        block = m;
    }
}

std::vector<int64_t> Transform::frequencies() const {
    std::vector<int64_t> frequencies(static_cast<size_t>(length), 0);
    int64_t step = 1, block = length;
    for (int32_t i = 0; i < passes; ++i) {
        block /= radices[i];
        for (int64_t at = 0; at < length; ++at) frequencies[static_cast<size_t>(at)] += at / block % radices[i] * step;
        step *= radices[i];
    }
    return frequencies;
}

Root root(int64_t k, int64_t n) {
    k %= n;
    const int64_t eighths = 8 * k / n;     // whole eighths of a turn, counted clockwise
    const auto turn = [&](int64_t part) {  // of `part` n-ths of an eighth
        return 0.78539816339744830961566084581988 * static_cast<double>(part) / static_cast<double>(n);
    };
    const int64_t rest = 8 * k - eighths * n;  // in [0, n)
    const bool from_above = eighths % 2 == 1;
    const double angle = turn(from_above ? n - rest : rest), c = std::cos(angle), s = std::sin(angle);
    switch (eighths) {
        case 0:
            return {c, -s};
        case 1:
            return {s, -c};
        case 2:
            return {-s, -c};
        case 3:
            return {-c, -s};
        case 4:
            return {-c, s};
        case 5:
            return {-s, c};
        case 6:
            return {s, c};
        default:
            return {c, s};
    }
}

int64_t length_at(int index) {
    constexpr int64_t OCTAVE[] = {8, 9, 10, 12, 15};
    return index < 6 ? index + 1 : OCTAVE[(index - 6) % 5] << (index - 6) / 5;
}

// The first that is long enough, searched for from the power of two below it.
int index_of(int64_t length) {
    int index = length < 8 ? 0 : 6 + 5 * (60 - __builtin_clzll(static_cast<unsigned long long>(length)));
    while (length_at(index) < length) ++index;
    return index;
}

#define CONVX_INSTANTIATE(T) template void Transform::fill_twiddles(T*) const;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::fft
