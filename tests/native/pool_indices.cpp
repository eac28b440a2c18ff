// Max pooling with indices, sliding and adaptive, and its inverse.
#include "../../cpp/convx/pool/pool_indices.h"

#include "../../cpp/convx/pool/pool_adaptive.h"
#include "../../cpp/convx/pool/unpool.h"
#include "adaptive_case.h"
#include "families.h"

namespace convx::native {
namespace {

template <class T>
void check_windows(Family& family, const Array<T>& x, const Largest<T>& expected, const PoolSpec& spec,
                   const PoolShape& shape, bool adaptive) {
    const auto count = static_cast<int64_t>(expected.value.size());
    on_every_setting([&](const Setting& setting) {
        auto values = unwritten<T>(count);
        auto indices = unwritten<int64_t>(count);
        pool::run_with_indices<T>({spec, shape, adaptive, x.view(), values.data(), indices.data()}, setting);
        family.same(values, expected.value, "values, " + setting.text());
        family.same(indices, expected.index, "indices, " + setting.text());
    });
}

template <class T>
void check_sliding(Family& family, const PoolCase& p) {
    const auto x = pool_input<T>(family.random, p.s.input(p.n, p.c));
    const PoolSpec spec = p.spec();
    check_windows(family, x, largest(p, x), spec, p.shape(spec), false);
}

template <class T>
void check_adaptive(Family& family, const PoolCase& p) {
    const auto x = pool_input<T>(family.random, p.s.input(p.n, p.c));
    const PoolShape shape = pool::adaptive_shape("pool", p.s.rank, p.s.shape(p.n, p.c, &Line::in), output_sizes(p),
                                                 DataFormat::channels_first);
    const PoolSpec spec{"pool", p.s.rank, false, true, std::nullopt, {}};
    check_windows(family, x, adaptive_largest(p, x), spec, shape, true);
}

// Indices of the larger map, with repetitions; the last of them wins.
template <class T>
void check_unpool(Family& family, const PoolCase& p) {
    Random& random = family.random;
    const auto x = random_array<T>(random, p.s.result(p.n, p.c), any_layout(random));
    Array<int64_t> indices(x.sizes, any_layout(random));
    std::vector<T> expected(static_cast<size_t>(p.n * p.c * p.s.inputs()));
    for (int64_t i = 0; i < x.sizes.count(); ++i) {
        const int64_t plane = i / p.s.outputs(), n = plane / p.c, c = plane % p.c;
        const Point o = p.s.output(i % p.s.outputs());
        const int64_t to = random.within(0, p.s.inputs() - 1);
        indices(n, c, o.d, o.h, o.w) = to;
        expected[plane * p.s.inputs() + to] = x(n, c, o.d, o.h, o.w);
    }
    const pool::UnpoolShape shape{p.n, p.c, {p.s.d.out, p.s.h.out, p.s.w.out}, {p.s.d.in, p.s.h.in, p.s.w.in}, true};
    on_every_setting([&](const Setting& setting) {
        auto out = unwritten<T>(p.n * p.c * p.s.inputs());
        const pool::UnpoolCall call{shape, x.bytes(), indices.bytes(), out.data(), sizeof(T)};
        family.same(std::vector<int64_t>{pool::first_bad_index(call, setting)}, {-1},
                    "first bad index, " + setting.text());
        pool::run_unpool(call, setting);
        family.same(out, expected, setting.text());
    });
}

}  // namespace

bool check_pool_indices(const Plan& plan) {
    Family sliding("max pool indices", plan.seed + 10), adaptive("adaptive pool indices", plan.seed + 11),
        unpool("max unpool", plan.seed + 12);
    const auto next = [](Family& family, PoolCase (*any)(Random&)) {
        PoolCase p = any(family.random);
        family.next_case(p.text());
        return p;
    };
    for (int64_t i = 0; i < plan.cases; ++i) {
        with_any_type(sliding.random, [&](auto t) { check_sliding<decltype(t)>(sliding, next(sliding, any_pool)); });
        with_any_type(adaptive.random,
                      [&](auto t) { check_adaptive<decltype(t)>(adaptive, next(adaptive, any_adaptive)); });
        with_any_type(unpool.random, [&](auto t) { check_unpool<decltype(t)>(unpool, next(unpool, any_pool)); });
    }
    bool right = true;
    for (const Family* family : {&sliding, &adaptive, &unpool}) right = family->report() && right;
    return right;
}

}  // namespace convx::native
