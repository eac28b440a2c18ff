// Winograd's products, against three loops.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {

template <class T>
void Float<T>::winograd_products(Test& test, const Kernels<T>& k) {
    for (int64_t tiles = 1; tiles <= 2 * k.mr + 1; ++tiles)
        for (const int64_t vectors : {1, 2})
            for (const int64_t taps : {0, 1, 3}) {
                const int64_t channels = test.random.within(1, 13), cols = vectors * k.lanes;
                const bool first = test.random.within(0, 1) == 0;
                const int64_t v_tile = channels + test.random.within(0, 3), m_tile = cols + test.random.within(0, 3);
                const int64_t v_tap = test.random.within(0, 2) * tiles * v_tile;
                const int64_t u_tap = (channels + test.random.within(0, 2)) * k.nr;
                const int64_t more = std::max<int64_t>(taps - 1, 0);
                const Guarded<T> v = test.array<T>(more * v_tap + (tiles - 1) * v_tile + channels);
                const Guarded<T> u = test.array<T>(more * u_tap + channels * k.nr);
                Guarded<T> m = test.array<T>((tiles - 1) * m_tile + cols);
                test.with({{"tiles", tiles}, {"cols", cols}, {"taps", taps}, {"channels", channels}, {"first", first}});
                Expected<T> expected(m);
                for (int64_t t = 0; t < tiles; ++t)
                    for (int64_t j = 0; j < cols; ++j) {
                        double sum = first ? 0 : double(m[t * m_tile + j]);
                        for (int64_t a = 0; a < taps; ++a)
                            for (int64_t c = 0; c < channels; ++c)
                                sum += double(v[a * v_tap + t * v_tile + c]) * double(u[a * u_tap + c * k.nr + j]);
                        expected.set(t * m_tile + j, T(sum));
                    }
                k.winograd_products({v.data(), u.data(), m.data(), tiles % 2 ? u.data() : nullptr, tiles, taps,
                                     channels, v_tap, v_tile, u_tap, m_tile, int32_t(cols), first});
                test.compare(m, expected, 1000 * static_cast<double>(std::numeric_limits<T>::epsilon()));
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
