// Arithmetic of pairs of elements, with an activation; either operand may be one number for a row.
#include "contracts/elementwise.h"
#include "simd.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, Binary OP>
CONVX_INLINE vec<T> value(vec<T> a, vec<T> b) {
    if constexpr (OP == Binary::add) return a + b;
    if constexpr (OP == Binary::subtract) return a - b;
    if constexpr (OP == Binary::multiply) return a * b;
    if constexpr (OP == Binary::divide) return a / b;
    if constexpr (OP == Binary::maximum) return max_nan<T>(a, b);
    if constexpr (OP == Binary::minimum) return -max_nan<T>(-a, -b);
}

// An operand of a row: one number for all, or its elements.
template <class T, int STEP>
struct Operand {
    const T* from;
    vec<T> all;
    explicit Operand(const T* row) : from(row), all(splat(*row)) {}
    vec<T> whole(int64_t i) const { return STEP ? load(from + i) : all; }
    vec<T> part(int64_t i, int64_t n) const {
        if (!STEP) return all;
        alignas(64) T some[LANES<T>] = {};
        copy_few(some, from + i, n);
        return load(some);
    }
};

template <class T, Binary OP, int A, int B>
__attribute__((noinline)) void rows(const BinaryRows<T>& t) {
    constexpr int L = LANES<T>;
    const Epilogue<T> e = t.activation;
    for (int64_t r = 0; r < t.rows; ++r) {
        const Operand<T, A> a(t.a + r * t.a_row);
        const Operand<T, B> b(t.b + r * t.b_row);
        T* const y = t.y + r * t.y_row;
        int64_t i = 0;
        for (; i + L <= t.count; i += L) store(y + i, activate<T>(value<T, OP>(a.whole(i), b.whole(i)), e));
        if (i == t.count) continue;
        alignas(64) T some[L];
        const int64_t rest = t.count - i;
        store(some, activate<T>(value<T, OP>(a.part(i, rest), b.part(i, rest)), e));
        copy_few(y + i, some, rest);
    }
}

template <class T, int OP>
CONVX_INLINE void by_op(const BinaryRows<T>& t) {
    constexpr Binary op = static_cast<Binary>(OP);
    if (static_cast<int>(t.op) == OP) {
        if (t.a_step) return t.b_step ? rows<T, op, 1, 1>(t) : rows<T, op, 1, 0>(t);
        return t.b_step ? rows<T, op, 0, 1>(t) : rows<T, op, 0, 0>(t);
    }
    if constexpr (OP > 0) by_op<T, OP - 1>(t);
}

}  // namespace

template <class T>
void Float<T>::binary_rows(const BinaryRows<T>& t) {
    if (t.count > 0) by_op<T, static_cast<int>(Binary::minimum)>(t);
}

}  // namespace convx::CONVX_ISA

#include "instances.h"
