// Gradients of max and average pooling.
#include "../../cpp/convx/pool/pool_backward.h"

#include "families.h"
#include "pool_case.h"

namespace convx::native {
namespace {

template <class T>
void check_max(Family& family, const PoolCase& p) {
    Random& random = family.random;
    const auto gy = random_array<T>(random, p.s.result(p.n, p.c), any_layout(random));
    Array<int64_t> indices(gy.sizes, any_layout(random));
    const int64_t few = random.one_in(2) ? std::min<int64_t>(p.s.inputs(), 5) : p.s.inputs();
    Expected expected(p.n * p.c * p.s.inputs());
    for (int64_t i = 0; i < gy.sizes.count(); ++i) {
        const int64_t plane = i / p.s.outputs(), n = plane / p.c, c = plane % p.c;
        const Point o = p.s.output(i % p.s.outputs());
        const int64_t to = random.within(0, few - 1);
        indices(n, c, o.d, o.h, o.w) = to;
        expected.add(plane * p.s.inputs() + to, static_cast<double>(gy(n, c, o.d, o.h, o.w)));
    }
    const PoolShape shape = p.shape(p.spec());
    on_every_setting([&](const Setting& setting) {
        auto gx = unwritten<T>(p.n * p.c * p.s.inputs());
        const bool fit =
            pool::run_backward(pool::MaxBackward<T>{shape, gy.view(), indices.view(), gx.data()}, true, setting);
        family.same(std::vector<int64_t>{fit}, {1}, "indices fit, " + setting.text());
        family.close(gx, expected, static_cast<double>(p.s.outputs()), setting.text());
    });
}

template <class T>
void check_average(Family& family, const PoolCase& p) {
    Random& random = family.random;
    const auto gy = random_array<T>(random, p.s.result(p.n, p.c), any_layout(random));
    const bool include_pad = random.one_in(2);
    const auto divisor = random.one_in(4) ? std::optional<int64_t>(random.within(1, 9)) : std::nullopt;
    const PoolSpec spec = p.spec(include_pad, divisor);
    const PoolShape shape = p.shape(spec);
    Expected expected(p.n * p.c * p.s.inputs());
    for (int64_t i = 0; i < gy.sizes.count(); ++i) {
        const int64_t plane = i / p.s.outputs(), output = i % p.s.outputs();
        const Point o = p.s.output(output);
        const auto count = static_cast<double>(divisor ? *divisor : counted(p, output, include_pad));
        const double part = static_cast<double>(gy(plane / p.c, plane % p.c, o.d, o.h, o.w)) / count;
        for (int64_t tap = 0; tap < p.s.taps(); ++tap) {
            const Point at = p.s.place(o, p.s.tap(tap));
            if (p.s.inside(at)) expected.add(plane * p.s.inputs() + p.s.index(at), part);
        }
    }
    on_every_setting([&](const Setting& setting) {
        auto gx = unwritten<T>(p.n * p.c * p.s.inputs());
        pool::run_backward(pool::AverageBackward<T>{spec, shape, gy.view(), gx.data()}, setting);
        family.close(gx, expected, 4 + static_cast<double>(p.s.taps()), setting.text());
    });
}

}  // namespace

bool check_pool_gradient(const Plan& plan) {
    Family max("max pool gradient", plan.seed + 13), average("average pool gradient", plan.seed + 14);
    for (int64_t i = 0; i < plan.cases; ++i)
        for (Family* family : {&max, &average}) {
            const PoolCase p = any_pool(family->random);
            family->next_case(p.text());
            with_any_float(family->random, [&](auto t) {
                using T = decltype(t);
                family == &max ? check_max<T>(*family, p) : check_average<T>(*family, p);
            });
        }
    const bool right = max.report();
    return average.report() && right;
}

}  // namespace convx::native
