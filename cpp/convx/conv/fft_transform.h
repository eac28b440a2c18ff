// Fourier transforms of one length: which radices, which roots of unity, and which frequency comes out where.
#pragma once
#include <cstdint>
#include <vector>

namespace convx::fft {

struct Transform {
    explicit Transform(int64_t length);  // a product of 2, 3 and 5

    int64_t length;
    int32_t radices[24], passes = 0;

    int64_t twiddle_elements() const;
    template <class T>
    void fill_twiddles(T* twiddles) const;
    std::vector<int64_t> frequencies() const;  // that fft_forward leaves at each place
};

struct Root {
    double re, im;
};

// e^(-2 pi i k / n), from an angle of at most an eighth of a turn.
Root root(int64_t k, int64_t n);

// Lengths of transforms, in ascending order: no more than a quarter apart, all of them quickly transformed.
constexpr int LENGTHS = 77;
int64_t length_at(int index);
int index_of(int64_t length);  // of the first that is as long

}  // namespace convx::fft
