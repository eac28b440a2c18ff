// The matrix of patches, and its adjoint.
#include "../../cpp/convx/columns/unfold.h"
#include "expected.h"
#include "families.h"
#include "sliding.h"

namespace convx::native {
namespace {

struct ColumnsCase {
    Sliding s;
    int64_t n, c;
    UnfoldSpec spec() const {
        return unfold_spec("columns", s.rank, s.kernel(), s.stride(), s.padding(), s.dilation());
    }
    // Calls f(n, c, tap, output, place in the image) for all elements of the columns.
    template <class F>
    void each(const F& f) const {
        for (int64_t i = 0; i < n * c; ++i)
            for (int64_t tap = 0; tap < s.taps(); ++tap)
                for (int64_t o = 0; o < s.outputs(); ++o) f(i / c, i % c, tap, o, s.place(s.output(o), s.tap(tap)));
    }
};

ColumnsCase any_columns(Family& family) {
    Random& random = family.random;
    const auto rank = static_cast<int>(random.within(1, 3));
    ColumnsCase c{any_sliding(random, rank,
                              {rank == 1   ? 120
                               : rank == 2 ? 24
                                           : 8,
                               5, 3, 2, 3}),
                  random.within(1, 2), random.within(1, 9)};
    family.next_case("n " + std::to_string(c.n) + " c " + std::to_string(c.c) + c.s.text());
    return c;
}

template <class T>
void check_unfold(Family& family, const ColumnsCase& c) {
    const auto x = random_array<T>(family.random, c.s.input(c.n, c.c), any_layout(family.random));
    const UnfoldSpec spec = c.spec();
    const Shape input = c.s.shape(c.n, c.c, &Line::in);
    const UnfoldShape shape = unfold_shape(spec, input.data(), static_cast<int>(input.size()));
    std::vector<T> expected;
    c.each([&](int64_t n, int64_t channel, int64_t, int64_t, Point p) {
        expected.push_back(c.s.inside(p) ? x(n, channel, p.d, p.h, p.w) : T(0));
    });
    on_every_setting([&](const Setting& setting) {
        auto out = unwritten<T>(static_cast<int64_t>(expected.size()));
        unfold(shape, x.view(), out.data(), setting);
        family.same(out, expected, setting.text());
    });
}

template <class T>
void check_fold(Family& family, const ColumnsCase& c) {
    const Sizes sizes{c.n, c.c * c.s.taps(), 1, 1, c.s.outputs()};
    const auto columns = random_array<T>(family.random, sizes, any_layout(family.random));
    const UnfoldSpec spec = c.spec();
    const int64_t given[] = {sizes.n, sizes.c, sizes.w};
    const UnfoldShape shape = fold_shape(spec, c.s.size(), given, 3);
    Expected expected(c.n * c.c * c.s.inputs());
    c.each([&](int64_t n, int64_t channel, int64_t tap, int64_t o, Point p) {
        if (c.s.inside(p))
            expected.add((n * c.c + channel) * c.s.inputs() + c.s.index(p),
                         static_cast<double>(columns(n, channel * c.s.taps() + tap, 0, 0, o)));
    });
    on_every_setting([&](const Setting& setting) {
        auto out = unwritten<T>(c.n * c.c * c.s.inputs());
        fold(shape, columns.view(), out.data(), setting);
        family.close(out, expected, static_cast<double>(c.s.taps()), setting.text());
    });
}

}  // namespace

bool check_columns(const Plan& plan) {
    Family unfold("unfold", plan.seed + 15), fold("fold", plan.seed + 16);
    for (int64_t i = 0; i < plan.cases; ++i)
        for (Family* family : {&unfold, &fold}) {
            const ColumnsCase c = any_columns(*family);
            family == &unfold ? check_unfold<float>(*family, c) : check_fold<float>(*family, c);
            family == &unfold ? check_unfold<double>(*family, c) : check_fold<double>(*family, c);
        }
    const bool right = unfold.report();
    return fold.report() && right;
}

}  // namespace convx::native
