// Windows that overlap along depth: each plane is pooled by itself, once for all windows that it lies under, and the
// results, which stay in cache, along depth. As many operations as a window has planes, rows and columns, or fewer:
// each axis has its van Herk.
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "pool_strip_worker.h"

namespace convx::pool::volumes {
namespace {

constexpr int64_t MOST_BYTES = int64_t{8} << 20;  // of pooled planes, for each thread
constexpr int64_t TALL = 4;                       // planes beyond are reduced at a cost that does not grow with them
constexpr int64_t LEAST_DEPTH = 8;                // windows along depth taken at a time: planes at an edge come twice

// Planes of all maps as images of a plane; where an average is wanted, their sums.
template <class T>
Pooling<T> planes_of(const PoolCall<T>& call, PoolSpec& spec, PoolShape& shape) {
    const PoolShape& s = call.shape;
    spec = call.spec;
    spec.divisor = 1;
    shape = {s.n * s.c, s.d.in, Axis{}, s.h, s.w, true};
    const int64_t map = s.c == 1 ? call.x.n : call.x.c;
    return {spec, shape, {call.x.data, map, call.x.d, 0, call.x.h, call.x.w}, call.out, call.kind};
}

template <class T>
struct Setup {
    const PoolCall<T>& call;
    const PoolShape& s;
    Axis d;
    PoolSpec spec;
    PoolShape shape;
    PoolCall<T> flat;
    strips::StripPlan<T> plan;  // of the planes
    Pieces depth, rows;         // of windows, as taken at a time
    int64_t planes;             // under those, at most
    Part<T> pooled, widths, tall, areas;
    Part<WindowRows> windows;

    explicit Setup(const PoolCall<T>& c)
        : call(c), s(c.shape), d(trimmed(s.d)), flat{planes_of(c, spec, shape), c.kernels, c.threads}, plan(flat) {
        depth = {d.out, even_part(d.out, std::max(2 * ceil_div(d.kernel, d.stride), LEAST_DEPTH))};
        planes = std::min((depth.size - 1) * d.stride + d.kernel, d.in);
        const Pieces& strips = plan.h.rows;
        const double strip = static_cast<double>(planes) * static_cast<double>(strips.size * s.w.out) * sizeof(T);
        const auto in_cache = static_cast<int64_t>(static_cast<double>(caches().l2 / 2) / strip);
        const int64_t least = std::min(ceil_div(plan.h.axis.kernel, strips.size), strips.count());
        const int64_t some = std::clamp(in_cache, least, strips.count());
        rows = {strips.total, even_part(strips.count(), some) * strips.size};
    }

    double elements() const {  // of pooled planes
        return static_cast<double>(planes) * static_cast<double>(std::min(rows.size, rows.total)) *
               static_cast<double>(s.w.out);
    }
    bool is_tall() const { return d.kernel > TALL && std::min(rows.size, rows.total) * s.w.out >= call.kernels.lanes; }

    void allocate() {
        Workspace& w = plan.workspace;
        pooled = w.own<T>(static_cast<int64_t>(elements()) + call.kernels.lanes);
        tall = w.own<T>(is_tall() ? d.kernel * POOL_TALL_VECTORS * call.kernels.lanes : 0);
        windows = w.own<WindowRows>(depth.size);
        areas = w.own<T>(call.kind == Kind::average ? std::min(rows.size, rows.total) * s.w.out : 0);
        widths = w.shared<T>(call.kind == Kind::average ? s.w.out : 0);
        w.allocate();
        plan.fill();
        if (call.kind != Kind::average) return;
        for (int64_t q = 0; q < s.w.out; ++q)
            w.at(widths)[q] =
                static_cast<T>(call.spec.divisor ? *call.spec.divisor : counted(s.w, q, call.spec.count_include_pad));
    }
};

template <class T>
class Worker {
  public:
    Worker(const Setup<T>& setup, int thread)
        : u_(setup),
          s_(setup.s),
          planes_(setup.plan, thread),
          pooled_(at(setup.pooled, thread)),
          tall_(at(setup.tall, thread)),
          areas_(at(setup.areas, thread)),
          windows_(at(setup.windows, thread)) {}

    void run(int64_t task) {
        const Range p = u_.rows.at(task % u_.rows.count());
        const Range o = u_.depth.at(task / u_.rows.count() % u_.depth.count());
        const int64_t map = task / u_.rows.count() / u_.depth.count(), first = o.begin * u_.d.stride - u_.d.lo;
        const int64_t end = first + (o.size() - 1) * u_.d.stride + u_.d.kernel;
        const Range z{std::max<int64_t>(first, 0), std::min(end, u_.d.in)};
        pool_planes(map * u_.d.in, z, p);
        T* out = u_.call.out + ((map * s_.d.out + o.begin) * s_.h.out + p.begin) * s_.w.out;
        if (u_.call.kind == Kind::average && p.begin != areas_from_) list_areas(p);
        strips::with_reduction(u_.call, [&](const PoolKernels<T>& kernels) {
            return along_depth(kernels, o, z, first, p.size() * s_.w.out, out);
        });
    }

  private:
    template <class P>
    P* at(Part<P> part, int thread) const {
        return u_.plan.workspace.at(part, thread);
    }

    void pool_planes(int64_t image, const Range& z, const Range& p) {
        const int64_t parts = u_.plan.h.rows.count() * u_.plan.w.outputs.count();
        if (p.size() == s_.h.out && parts == 1) {  // small ones together
            if (!z.empty()) planes_.run(image + z.begin, image + z.end, pooled_);
            return;
        }
        for (int64_t i = z.begin; i < z.end; ++i) {
            checkpoint();
            planes_.run_rows(image + i, p, pooled_ + (i - z.begin) * p.size() * s_.w.out);
        }
    }

    bool along_depth(const PoolKernels<T>& kernels, const Range& o, const Range& z, int64_t first, int64_t count,
                     T* out) {
        const int64_t plane = s_.h.out * s_.w.out, kernel = u_.d.kernel, lanes = u_.call.kernels.lanes;
        const T* const end = pooled_ + std::max<int64_t>(z.size(), 0) * count;
        const bool tall = kernel > TALL && count >= lanes;
        if (!tall) list_windows(o, z, count);
        const int64_t in_l1 = caches().l1 / 2 / (kernel + o.size()) / static_cast<int64_t>(sizeof(T));
        const Pieces pieces{count, even_part(count, std::max(in_l1, POOL_TALL_VECTORS * lanes))};
        bool use = true;
        for (int64_t i = 0; i < pieces.count(); ++i) {
            const Range q = pieces.at(i);
            const T* src = pooled_ + q.begin;
            T* dst = out + q.begin;
            if (tall)
                use &= kernels.pool_tall({src + (first - z.begin) * count, end, dst, tall_, o.size(), q.size(), kernel,
                                          u_.d.stride, z.begin - first, z.end - first, count, plane});
            else
                use &= kernels.pool_rows({src, end, dst, dst, windows_, 1, o.size(), q.size(), 0, 0, count, plane});
            if constexpr (std::is_floating_point_v<T>)
                if (u_.call.kind == Kind::average) divide(o, q, dst);
        }
        return use;
    }

    void list_windows(const Range& o, const Range& z, int64_t count) {
        for (int64_t i = o.begin; i < o.end; ++i) {
            const Range live = live_taps(u_.d, i, i + 1);
            const int64_t first = (i * u_.d.stride - u_.d.lo + live.begin - z.begin) * count;
            const int64_t fresh = i == o.begin ? live.size() : std::min(u_.d.stride, live.size());
            windows_[i - o.begin] = live.empty() ? WindowRows{} : WindowRows{first, 1, live.size(), fresh};
        }
    }

    void divide(const Range& o, const Range& q, T* out) {
        for (int64_t i = o.begin; i < o.end; ++i, out += s_.h.out * s_.w.out)
            u_.call.kernels.average({out, areas_ + q.begin, static_cast<T>(counted_along(s_.d, i)), q.size()});
    }

    void list_areas(const Range& p) {
        const T* widths = at(u_.widths, 0);
        T* to = areas_;
        for (int64_t r = p.begin; r < p.end; ++r)
            for (int64_t q = 0; q < s_.w.out; ++q) *to++ = widths[q] * static_cast<T>(counted_along(s_.h, r));
        areas_from_ = p.begin;
    }

    int64_t counted_along(const Axis& a, int64_t i) const {
        return u_.call.spec.divisor ? 1 : counted(a, i, u_.call.spec.count_include_pad);
    }

    const Setup<T>& u_;
    const PoolShape& s_;
    strips::Worker<T> planes_;
    T *pooled_, *tall_, *areas_;  // areas: what an average over a row and a column counts
    int64_t areas_from_ = -1;     // row of windows
    WindowRows* windows_;
};

// What a strip takes at once is little; here that holds for many planes of it too.
template <class T>
bool supports(const PoolCall<T>& call) {
    const PoolShape& s = call.shape;
    const int64_t d = trimmed(s.d).kernel, h = trimmed(s.h).kernel;
    const bool maps = s.n == 1 || s.c == 1 || call.x.n == s.c * call.x.c;
    if (!strips::takes(call) || call.pixel > 1 || !maps || s.d.dilation > 1 || s.h.dilation > 1 || h < 2) return false;
    const int64_t divided = call.kind == Kind::average ? TALL * TALL / 2 : 0;  // sums are, by themselves
    if (d <= s.d.stride || d * h <= s.d.stride * std::min(h, TALL) + std::min(d, TALL) + divided) return false;
    const Setup<T> setup(call);
    const double under = static_cast<double>(setup.planes) * static_cast<double>(s.w.in) *
                         static_cast<double>(setup.rows.size * s.h.stride + h);
    return setup.elements() * sizeof(T) <= MOST_BYTES && under <= MOST_UNDER_WINDOWS;
}

template <class T>
void run(const PoolCall<T>& call) {
    Setup<T> setup(call);
    setup.allocate();
    const int64_t tasks = call.shape.n * call.shape.c * setup.depth.count() * setup.rows.count();
    parallel_pieces(worth_a_task(tasks, static_cast<int64_t>(setup.elements())), call.threads,
                    [&](const Range& some, int thread) {
                        Worker<T> worker(setup, thread);
                        for (int64_t i = some.begin; i < some.end; ++i) worker.run(i);
                    });
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "volumes";
    a.summary = "planes of a volume, then along depth";
    a.supports = supports<T>;
    a.cost = 1.5;
    a.run = run<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool::volumes
