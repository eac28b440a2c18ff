// Where maxima lie.
#include <algorithm>
#include <memory>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr T LOWEST =
    std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();

// With ties, with what is no larger than the lowest, and with NaN.
template <class T>
T element(Test& test) {
    if (test.random.one_in(5)) return LOWEST<T>;
    if (test.random.one_in(12))
        return std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN() : T(9);
    return T(test.random.within(-2, 2));
}

template <class T>
Guarded<T> elements(Test& test, int64_t count) {
    Guarded<T> x(test.random, count);
    for (int64_t i = 0; i < count; ++i) x[i] = element<T>(test);
    return x;
}

}  // namespace

template <class T>
void Argmax<T>::pool_argmax(Test& test, const Kernels<T>& k) {
    using Code = typename PoolArgmax<T>::Code;
    for (int64_t outputs = 1; outputs <= 3 * k.lanes + 1; ++outputs)
        for (int64_t i = 0; i < 20; ++i) {
            const int64_t taps = test.random.within(1, 5), rows = test.random.within(0, 4),
                          whole = up_to_multiple(outputs, k.lanes);
            const int64_t origin = test.random.within(0, 1000);
            const bool fresh = test.random.one_in(2);
            std::vector<int64_t> tap;
            std::vector<Code> tap_code, row_code;
            for (int64_t t = 0; t < taps; ++t)
                tap.push_back(t ? test.random.within(0, 9) : 9), tap_code.push_back(Code(7 * t));
            std::vector<std::unique_ptr<Guarded<T>>> arrays;
            std::vector<const T*> row;
            for (int64_t j = 0; j < rows; ++j) {
                arrays.push_back(std::make_unique<Guarded<T>>(elements<T>(test, 9 + whole)));
                row.push_back(arrays.back()->data());
                row_code.push_back(Code(100 * j));
            }
            Guarded<Code> first(test.random, whole);
            Guarded<int64_t> start(test.random, whole), index(test.random, outputs);
            for (int64_t q = 0; q < whole; ++q) first[q] = Code(test.random.within(0, 50)), start[q] = 3 * q;
            for (int64_t q = 0; q < outputs; ++q) index[q] = -7 - q;
            Guarded<T> value = elements<T>(test, outputs);
            test.with({{"outputs", outputs}, {"taps", taps}, {"rows", rows}, {"fresh", fresh}});
            Expected<T> values(value);
            Expected<int64_t> indices(index);
            for (int64_t q = 0; q < outputs; ++q) {
                T best = fresh ? LOWEST<T> : value[q];
                int64_t where = fresh ? origin + start[q] + first[q] : index[q];
                for (size_t j = 0; j < size_t(rows); ++j)
                    for (size_t t = 0; t < size_t(taps); ++t) {
                        const T v = row[j][tap[t] + q];
                        if (!(v > best) && v == v) continue;
                        best = v;
                        where = origin + start[q] + row_code[j] + tap_code[t];
                    }
                values.set(q, best);
                indices.set(q, where);
            }
            k.pool_argmax({row.data(), row_code.data(), tap.data(), tap_code.data(), first.data(), start.data(),
                           value.data(), index.data(), LOWEST<T>, origin, rows, taps, outputs, fresh});
            test.compare(value, values);
            test.compare(index, indices);
        }
}

template <class T>
void Argmax<T>::pool_argmax_row(Test& test, const Kernels<T>& k) {
    for (const auto& [taps, stride] : {std::pair<int64_t, int64_t>{3, 1}, {2, 2}, {3, 2}})
        for (int64_t outputs = 1; outputs <= 3 * k.lanes + 1; ++outputs)
            for (int64_t i = 0; i < 12; ++i) {
                const int64_t used = (outputs - 1) * stride + taps, from = test.random.within(0, taps - 1);
                const int64_t to = std::max(used - test.random.within(0, taps - 1), from + 1),
                              rows = test.random.within(1, 4);
                const int64_t reach = stride * std::max<int64_t>(outputs, k.lanes) + 2,
                              src_row = reach + test.random.within(0, 3);
                const int64_t origin = test.random.within(0, 1000), row_code = test.random.within(1, 50);
                const Guarded<T> src = elements<T>(test, (rows - 1) * src_row + reach);
                Guarded<T> value = elements<T>(test, outputs);
                Guarded<int64_t> index(test.random, outputs);
                test.with({{"taps", taps},
                           {"stride", stride},
                           {"outputs", outputs},
                           {"rows", rows},
                           {"from", from},
                           {"to", to}});
                Expected<T> values(value);
                Expected<int64_t> indices(index);
                for (int64_t q = 0; q < outputs; ++q) {
                    T best = LOWEST<T>;
                    int64_t where = origin + std::max(from, q * stride);  // the first of its window
                    for (int64_t j = 0; j < rows; ++j)
                        for (int64_t c = std::max(from, q * stride); c < std::min(to, q * stride + taps); ++c) {
                            const T v = src[j * src_row + c];
                            if (!(v > best) && v == v) continue;
                            best = v;
                            where = origin + j * row_code + c;
                        }
                    values.set(q, best);
                    indices.set(q, where);
                }
                k.pool_argmax_row({src.data(), value.data(), index.data(), LOWEST<T>, origin, rows, src_row, row_code,
                                   outputs, from, to, int32_t(taps), int32_t(stride)});
                test.compare(value, values);
                test.compare(index, indices);
            }
}

template <class T>
void Float<T>::argmax(Test& test, const Kernels<T>& k) {
    for (int64_t length = 1; length < 6 * k.lanes; length += test.random.within(1, 3))
        for (const int64_t count : {1, k.lanes - 1, 6 * k.lanes + 1})
            for (int kind = 0; kind < 4; ++kind) {
                const bool least = kind & 1, last = kind & 2;
                const int64_t step = count == 1 ? 1 : count + test.random.within(0, 2);
                Guarded<T> x = test.array<T>((length - 1) * step + count);
                for (int64_t i = 0; i < x.size; ++i)
                    if (test.random.one_in(50)) x[i] = std::numeric_limits<T>::quiet_NaN();
                Guarded<int64_t> index = test.array<int64_t>(count);
                test.with({{"length", length}, {"count", count}, {"least", least}, {"last", last}});
                Expected<int64_t> expected(index);
                for (int64_t j = 0; j < count; ++j) {
                    int64_t best = 0;
                    for (int64_t i = 1; i < length; ++i) {
                        const T v = x[i * step + j], b = x[best * step + j];
                        const bool nan = std::isnan(v), equal = v == b || (nan && std::isnan(b));
                        if (equal ? last : !std::isnan(b) && (nan || (least ? v < b : v > b))) best = i;
                    }
                    expected.set(j, best);
                }
                k.argmax({x.data(), index.data(), length, step, count, least, last});
                test.compare(index, expected);
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
