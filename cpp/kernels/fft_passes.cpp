// Fourier transforms with signals in the lanes: passes of butterflies over the rows of a vector of signals at a time,
// in place.
#include "contracts/fft.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
struct Complex {
    vec<T> re, im;
};
template <class T>
CONVX_INLINE Complex<T> operator+(Complex<T> a, Complex<T> b) {
    return {a.re + b.re, a.im + b.im};
}
template <class T>
CONVX_INLINE Complex<T> operator-(Complex<T> a, Complex<T> b) {
    return {a.re - b.re, a.im - b.im};
}
template <class T>
CONVX_INLINE Complex<T> operator*(Complex<T> a, T b) {
    return {a.re * b, a.im * b};
}

// By -i, or by i in the inverse.
template <bool INVERSE, class T>
CONVX_INLINE Complex<T> turned(Complex<T> z) {
    if constexpr (INVERSE) return {-z.im, z.re};
    return {z.im, -z.re};
}

template <bool INVERSE, class T>
CONVX_INLINE void butterfly(Complex<T> (&z)[2]) {
    const Complex<T> a = z[0], b = z[1];
    z[0] = a + b;
    z[1] = a - b;
}

template <bool INVERSE, class T>
CONVX_INLINE void butterfly(Complex<T> (&z)[3]) {
    constexpr T SIN = static_cast<T>(0.866025403784438646763723170752936183L);
    const Complex<T> sum = z[1] + z[2], turn = turned<INVERSE>(z[1] - z[2]) * SIN, half = z[0] - sum * T(0.5);
    z[0] = z[0] + sum;
    z[1] = half + turn;
    z[2] = half - turn;
}

template <bool INVERSE, class T>
CONVX_INLINE void butterfly(Complex<T> (&z)[4]) {
    const Complex<T> a = z[0] + z[2], b = z[0] - z[2], c = z[1] + z[3], d = turned<INVERSE>(z[1] - z[3]);
    z[0] = a + c;
    z[1] = b + d;
    z[2] = a - c;
    z[3] = b - d;
}

template <bool INVERSE, class T>
CONVX_INLINE void butterfly(Complex<T> (&z)[5]) {
    constexpr T COS_1 = static_cast<T>(0.309016994374947424102293417182819059L);
    constexpr T COS_2 = static_cast<T>(-0.809016994374947424102293417182819059L);
    constexpr T SIN_1 = static_cast<T>(0.951056516295153572116439333379382143L);
    constexpr T SIN_2 = static_cast<T>(0.587785252292473129168705954639072769L);
    const Complex<T> a1 = z[1] + z[4], a2 = z[2] + z[3], b1 = z[1] - z[4], b2 = z[2] - z[3];
    const Complex<T> c1 = z[0] + a1 * COS_1 + a2 * COS_2, c2 = z[0] + a1 * COS_2 + a2 * COS_1;
    const Complex<T> d1 = turned<INVERSE>(b1 * SIN_1 + b2 * SIN_2), d2 = turned<INVERSE>(b1 * SIN_2 - b2 * SIN_1);
    z[0] = z[0] + a1 + a2;
    z[1] = c1 + d1;
    z[2] = c2 + d2;
    z[3] = c2 - d2;
    z[4] = c1 - d1;
}

template <bool INVERSE, class T>
CONVX_INLINE void butterfly(Complex<T> (&z)[8]) {
    constexpr T HALF_ROOT = static_cast<T>(0.707106781186547524400844362104849039L);
    Complex<T> even[4] = {z[0] + z[4], z[1] + z[5], z[2] + z[6], z[3] + z[7]};
    const Complex<T> d1 = z[1] - z[5], d2 = z[2] - z[6], d3 = z[3] - z[7];
    Complex<T> odd[4] = {z[0] - z[4], (d1 + turned<INVERSE>(d1)) * HALF_ROOT, turned<INVERSE>(d2),
                         (turned<INVERSE>(d3) - d3) * HALF_ROOT};
    butterfly<INVERSE>(even);
    butterfly<INVERSE>(odd);
    CONVX_UNROLL
    for (int i = 0; i < 4; ++i) {
        z[2 * i] = even[i];
        z[2 * i + 1] = odd[i];
    }
}

template <class T>
struct Pass {
    T* x;
    const T* twiddles;
    int64_t blocks, m, row, imaginary;
};

template <class T, int R, bool INVERSE, bool TURNS>
CONVX_INLINE void one(T* x, const T* w, int64_t step, int64_t imaginary) {
    Complex<T> z[R];
    CONVX_UNROLL
    for (int q = 0; q < R; ++q) z[q] = {load(x + q * step), load(x + q * step + imaginary)};
    if constexpr (TURNS && INVERSE) {
        CONVX_UNROLL
        for (int q = 1; q < R; ++q) {
            const T re = w[2 * q - 2], im = w[2 * q - 1];
            z[q] = {z[q].re * re + z[q].im * im, z[q].im * re - z[q].re * im};
        }
    }
    butterfly<INVERSE>(z);
    if constexpr (TURNS && !INVERSE) {
        CONVX_UNROLL
        for (int q = 1; q < R; ++q) {
            const T re = w[2 * q - 2], im = w[2 * q - 1];
            z[q] = {z[q].re * re - z[q].im * im, z[q].im * re + z[q].re * im};
        }
    }
    CONVX_UNROLL
    for (int q = 0; q < R; ++q) {
        store(x + q * step, z[q].re);
        store(x + q * step + imaginary, z[q].im);
    }
}

template <class T, int R, bool INVERSE>
__attribute__((noinline)) void pass(const Pass<T>& p) {
    const int64_t row = p.row, step = p.m * row, imaginary = p.imaginary;
    T* x = p.x;
    for (int64_t b = 0; b < p.blocks; ++b, x += R * step) {
        one<T, R, INVERSE, false>(x, nullptr, step, imaginary);
        const T* w = p.twiddles + 2 * (R - 1);
        for (int64_t j = 1; j < p.m; ++j, w += 2 * (R - 1)) one<T, R, INVERSE, true>(x + j * row, w, step, imaginary);
    }
}

template <bool INVERSE, class T>
void pass_of(int32_t radix, const Pass<T>& p) {
    switch (radix) {
        case 2:
            return pass<T, 2, INVERSE>(p);
        case 3:
            return pass<T, 3, INVERSE>(p);
        case 4:
            return pass<T, 4, INVERSE>(p);
        case 5:
            return pass<T, 5, INVERSE>(p);
        default:
            return pass<T, 8, INVERSE>(p);
    }
}

}  // namespace

template <class T>
void Float<T>::fft_forward(const Fft<T>& f) {
    for (int64_t i = 0; i < f.signals; i += LANES<T>) {
        const T* twiddles = f.twiddles;
        int64_t m = f.length;
        for (int32_t a = 0; a < f.passes; ++a) {
            const int32_t radix = f.radices[a];
            m /= radix;
            pass_of<false, T>(radix, {f.x + i, twiddles, f.length / (m * radix), m, f.row, f.imaginary});
            if (m > 1) twiddles += 2 * m * (radix - 1);
        }
    }
}

template <class T>
void Float<T>::fft_inverse(const Fft<T>& f) {
    const T* end = f.twiddles;
    int64_t m = f.length;
    for (int32_t a = 0; a < f.passes; ++a) {
        m /= f.radices[a];
        if (m > 1) end += 2 * m * (f.radices[a] - 1);
    }
    for (int64_t i = 0; i < f.signals; i += LANES<T>) {
        const T* twiddles = end;
        m = 1;
        for (int32_t a = f.passes - 1; a >= 0; --a) {
            const int32_t radix = f.radices[a];
            if (m > 1) twiddles -= 2 * m * (radix - 1);
            pass_of<true, T>(radix, {f.x + i, twiddles, f.length / (m * radix), m, f.row, f.imaginary});
            m *= radix;
        }
    }
}

template <class T>
void Float<T>::fft_twist(const FftTwist<T>& t) {
    constexpr int L = LANES<T>;
    T* x = t.x;
    const T *outer = t.outer, *inner = t.inner;
    for (int64_t j = 0; j < t.length; ++j, x += t.row, inner += 2 * L) {
        const vec<T> re = load(inner), im = t.conjugate ? -load(inner + L) : load(inner + L);
        for (int64_t i = 0; i < t.signals; i += L, outer += 2) {
            const T a = outer[0], b = t.conjugate ? -outer[1] : outer[1];
            const vec<T> w_re = re * a - im * b, w_im = re * b + im * a;
            const vec<T> z_re = load(x + i), z_im = load(x + i + t.imaginary);
            store(x + i, z_re * w_re - z_im * w_im);
            store(x + i + t.imaginary, z_re * w_im + z_im * w_re);
        }
    }
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
