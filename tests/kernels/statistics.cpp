// What is made of rows by their statistics.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::standardize(Test& test, const Kernels<T>& k) {
    for (int what = 0; what < 8; ++what)
        for (int64_t count = 0; count < 3 * k.lanes + 2; ++count) {
            const bool scaled = what & 1, added = what & 2, in_place = test.random.one_in(2);
            const int64_t step = what >> 2;
            const Guarded<T> x = test.array<T>(count), scale = test.array<T>(step ? count : 1);
            const Guarded<T> bias = test.array<T>(scale.size);
            Guarded<T> y = test.array<T>(count);
            if (in_place) std::copy_n(x.data(), count, y.data());
            const T mean = test.number<T>(), rest = test.number<T>() / 4, factor = test.number<T>() / 2;
            test.with({{"count", count}, {"scaled", scaled}, {"added", added}, {"step", step}});
            Expected<T> expected(y);
            for (int64_t i = 0; i < count; ++i) {
                const T v = (x[i] - mean - rest) * factor * (scaled ? scale[i * step] : T(1));
                expected.set(i, added ? v + bias[i * step] : v);
            }
            k.standardize({in_place ? y.data() : x.data(), y.data(), count, mean, rest, factor,
                           scaled ? scale.data() : nullptr, added ? bias.data() : nullptr, int32_t(step)});
            test.compare(y, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
