// Max, average and Lp pooling, and adaptive pooling.
#include "../../cpp/convx/pool/pool.h"

#include <cmath>

#include "../../cpp/convx/pool/pool_adaptive.h"
#include "adaptive_case.h"
#include "families.h"

namespace convx::native {
namespace {

using pool::Kind;

template <class T>
std::vector<T> run(const PoolSpec& spec, const PoolShape& shape, const Array<T>& x, Kind kind, const Setting& setting,
                   double norm = 0) {
    auto out = unwritten<T>(shape.n * shape.c * shape.d.out * shape.h.out * shape.w.out);
    pool::run<T>({spec, shape, x.view(), out.data(), kind, norm}, setting);
    return out;
}

template <class T>
void check_max(Family& family, const PoolCase& p) {
    const auto x = pool_input<T>(family.random, p.s.input(p.n, p.c));
    const PoolSpec spec = p.spec();
    const PoolShape shape = p.shape(spec);
    family.same(output_shape(spec, shape), p.s.shape(p.n, p.c, &Line::out), "output shape");
    const Largest<T> expected = largest(p, x);
    on_every_setting([&](const Setting& setting) {
        family.same(run(spec, shape, x, Kind::max, setting), expected.value, setting.text());
    });
}

template <class T>
void check_average(Family& family, const PoolCase& p) {
    Random& random = family.random;
    const auto x = random_array<T>(random, p.s.input(p.n, p.c), any_layout(random));
    const bool include_pad = random.one_in(2);
    const auto divisor = random.one_in(4) ? std::optional<int64_t>(random.within(1, 9)) : std::nullopt;
    const PoolSpec spec = p.spec(include_pad, divisor);
    const PoolShape shape = p.shape(spec);
    Expected expected(p.n * p.c * p.s.outputs());
    for (int64_t i = 0; i < p.n * p.c * p.s.outputs(); ++i) {
        const int64_t plane = i / p.s.outputs(), o = i % p.s.outputs();
        const auto count = static_cast<double>(divisor ? *divisor : counted(p, o, include_pad));
        under_window(p.s, x, plane / p.c, plane % p.c, o,
                     [&](T v, int64_t) { expected.add(i, static_cast<double>(v)); });
        expected.value[i] /= count;
        expected.magnitude[i] /= count;
    }
    on_every_setting([&](const Setting& setting) {
        family.close(run(spec, shape, x, Kind::average, setting), expected, 4 + static_cast<double>(p.s.taps()),
                     setting.text());
    });
}

template <class T>
void check_norm(Family& family, const PoolCase& p) {
    constexpr double INF = std::numeric_limits<double>::infinity();
    Random& random = family.random;
    const auto x = random_array<T>(random, p.s.input(p.n, p.c), any_layout(random));
    const PoolSpec spec = p.spec();
    const PoolShape shape = p.shape(spec);
    const double norm = random.one_of({1.0, 2.0, 3.0, 2.5, INF});
    Expected expected(p.n * p.c * p.s.outputs());
    for (int64_t i = 0; i < p.n * p.c * p.s.outputs(); ++i) {
        const int64_t plane = i / p.s.outputs(), o = i % p.s.outputs();
        double sum = 0;
        under_window(p.s, x, plane / p.c, plane % p.c, o, [&](T v, int64_t) {
            const double size = std::abs(static_cast<double>(v));
            sum = norm == INF ? std::max(sum, size) : sum + std::pow(size, norm);
        });
        expected.add(i, norm == INF ? sum : std::pow(sum, 1 / norm));
    }
    on_every_setting([&](const Setting& setting) {
        family.close(run(spec, shape, x, Kind::norm, setting, norm), expected, 16 + static_cast<double>(p.s.taps()),
                     std::to_string(norm) + ", " + setting.text());
    });
}

template <class T>
std::vector<T> run_adaptive(const PoolShape& shape, int rank, const Array<T>& x, Kind kind, const Setting& setting) {
    const PoolSpec spec{"pool", rank, false, true, std::nullopt, {}};
    auto out = unwritten<T>(shape.n * shape.c * shape.d.out * shape.h.out * shape.w.out);
    pool::run_adaptive<T>({spec, shape, x.view(), out.data(), kind}, setting);
    return out;
}

template <class T>
void check_adaptive(Family& family, const PoolCase& p) {
    const auto x = pool_input<T>(family.random, p.s.input(p.n, p.c));
    const PoolShape shape = pool::adaptive_shape("pool", p.s.rank, p.s.shape(p.n, p.c, &Line::in), output_sizes(p),
                                                 DataFormat::channels_first);
    const Largest<T> most = adaptive_largest(p, x);
    on_every_setting([&](const Setting& setting) {
        family.same(run_adaptive(shape, p.s.rank, x, Kind::max, setting), most.value, "max, " + setting.text());
    });
    if constexpr (std::is_floating_point_v<T>) {
        Expected mean(p.n * p.c * p.s.outputs());
        for (int64_t i = 0; i < p.n * p.c * p.s.outputs(); ++i) {
            const int64_t plane = i / p.s.outputs();
            int64_t count = 0;
            under_adaptive(p.s, x, plane / p.c, plane % p.c, i % p.s.outputs(), [&](T v, int64_t) {
                mean.add(i, static_cast<double>(v));
                ++count;
            });
            mean.value[i] /= static_cast<double>(count);
        }
        on_every_setting([&](const Setting& setting) {
            family.close(run_adaptive(shape, p.s.rank, x, Kind::average, setting), mean, 8,
                         "average, " + setting.text());
        });
    }
}

}  // namespace

bool check_pool(const Plan& plan) {
    Family max("max pool", plan.seed + 6), average("average pool", plan.seed + 7), norm("lp pool", plan.seed + 8),
        adaptive("adaptive pool", plan.seed + 9);
    const auto next = [](Family& family, PoolCase (*any)(Random&)) {
        PoolCase p = any(family.random);
        family.next_case(p.text());
        return p;
    };
    for (int64_t i = 0; i < plan.cases; ++i) {
        with_any_type(max.random, [&](auto t) { check_max<decltype(t)>(max, next(max, any_pool)); });
        with_any_float(average.random, [&](auto t) { check_average<decltype(t)>(average, next(average, any_pool)); });
        with_any_float(norm.random, [&](auto t) { check_norm<decltype(t)>(norm, next(norm, any_pool)); });
        with_any_type(adaptive.random,
                      [&](auto t) { check_adaptive<decltype(t)>(adaptive, next(adaptive, any_adaptive)); });
    }
    bool right = true;
    for (const Family* family : {&max, &average, &norm, &adaptive}) right = family->report() && right;
    return right;
}

}  // namespace convx::native
