#include "separable.h"

#include <algorithm>

#include "../../kernels/contracts/filter.h"
#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../runtime/workspace.h"
#include "../shape/border.h"

namespace convx::filter {
namespace {

constexpr int64_t BAND = 64;  // rows of a task, or a few times as many as a sum has terms

// A tile of the result for each task: a band of rows by a strip of columns, whose sums along columns stay in L1.
struct Tiles {
    Pieces bands, strips;

    Tiles(const SeparableFilter& f, int64_t sum_size) {
        const int64_t halo = std::max<int64_t>(f.along.taps() - 1, 0) * f.images.inner;
        const int64_t wide = caches().l1 / 2 / (FILTER_ROWS * sum_size);
        bands = {f.images.rows, std::max(BAND, 4 * f.down.taps())};
        strips = {f.images.width(), std::min(std::max(wide, 8 * halo), std::max<int64_t>(f.images.width(), 1))};
    }
    int64_t count() const { return bands.count() * strips.count(); }
};

template <class A>
class Pass {
  public:
    Pass(const SeparableFilter& f, const void* src, void* dst, const Context& context)
        : f_(f),
          src_(static_cast<const char*>(src)),
          dst_(static_cast<char*>(dst)),
          in_(f.in.kernels(context)),
          out_(f.out.kernels(context)),
          tiles_(f, sizeof(A)),
          before_(f.along.before * f.images.inner),
          behind_(std::max<int64_t>(f.along.behind(), 0) * f.images.inner),
          in_place_(!f.along.taps() && f.out.is_float && f.out.size == sizeof(A)),
          sums_row_(tiles_.strips.size + before_ + behind_ + SLACK),
          space_(context.threads),
          down_(space_.shared<A>(std::max<int64_t>(f.down.taps(), 1))),
          along_(space_.shared<A>(std::max<int64_t>(f.along.taps(), 1))),
          beyond_(space_.shared<char>(sums_row_ * f.in.size)),
          rows_(space_.own<const void*>(FILTER_ROWS + std::max<int64_t>(f.down.taps(), 1))),
          sums_(space_.own<A>(in_place_ ? 0 : FILTER_ROWS * sums_row_)) {
        space_.allocate();
        set(space_.at(down_), f.down);
        set(space_.at(along_), f.along);
        f.in.fill(space_.at(beyond_), sums_row_, f.cval);
        parallel_tasks(f.images.count * tiles_.count(), context.threads,
                       [&](int64_t task, int thread) { run(task, thread); });
    }

  private:
    static constexpr int64_t SLACK = 2 * CACHE_LINE / sizeof(A);  // that is read behind the last sum

    static void set(A* w, const Line& line) {
        w[0] = 1;
        for (int64_t t = 0; t < line.taps(); ++t) w[t] = static_cast<A>(line.w[static_cast<size_t>(t)]);
    }

    void run(int64_t task, int thread) const {
        const int64_t tile = task % tiles_.count(), image = task / tiles_.count();
        const Range band = tiles_.bands.at(tile / tiles_.strips.count()),
                    strip = tiles_.strips.at(tile % tiles_.strips.count());
        Pace pace;
        for (int64_t r = band.begin; r < band.end; r += FILTER_ROWS) {
            some_rows(image, {r, std::min(r + FILTER_ROWS, band.end)}, strip, thread);
            pace.step(FILTER_ROWS * (f_.down.taps() + f_.along.taps()) * strip.size() / 8);
        }
    }

    // A few rows of the result.
    void some_rows(int64_t image, Range rows, Range strip, int thread) const {
        const Range needed{strip.begin - before_, strip.end + behind_},
            inside{std::max<int64_t>(needed.begin, 0), std::min(needed.end, f_.images.width())};
        char* const dst =
            dst_ + image * f_.images.dst_image + rows.begin * f_.images.dst_row + strip.begin * f_.out.size;
        A* const sums = in_place_ ? reinterpret_cast<A*>(dst) : space_.at(sums_, thread);
        const int64_t sums_row = in_place_ ? f_.images.dst_row / static_cast<int64_t>(sizeof(A)) : sums_row_;
        sum_columns(image, rows, inside, {sums + (inside.begin - needed.begin), sums_row}, thread);
        if (in_place_) return;
        for (int64_t i = needed.begin; i < 0; i += f_.images.inner)
            set_beyond(image, rows, {i, i + f_.images.inner}, inside, sums - needed.begin, thread);
        for (int64_t i = f_.images.width(); i < needed.end; i += f_.images.inner)
            set_beyond(image, rows, {i, std::min(i + f_.images.inner, needed.end)}, inside, sums - needed.begin,
                       thread);
        out_.filter_rows({sums,
                          space_.at(along_),
                          dst,
                          rows.size(),
                          std::max<int64_t>(f_.along.taps(), 1),
                          f_.images.inner,
                          strip.size(),
                          sums_row_,
                          f_.images.dst_row / f_.out.size,
                          sizeof(A) == 8,
                          {}});
    }

    struct Sums {
        A* data;
        int64_t row;
    };

    // Of the elements `over` of some rows.
    void sum_columns(int64_t image, Range rows, Range over, Sums sums, int thread) const {
        const int64_t taps = std::max<int64_t>(f_.down.taps(), 1), first = rows.begin - f_.down.before;
        const char* const src = src_ + image * f_.images.src_image + over.begin * f_.in.size;
        const void** const from = space_.at(rows_, thread);
        for (int64_t t = 0; t < rows.size() + taps - 1; ++t) {
            const int64_t row = place(f_.down, f_.images.rows, first + t);
            from[t] = row < 0 ? space_.at(beyond_) : src + row * f_.images.src_row;
        }
        in_.filter_columns(
            {from, space_.at(down_), sums.data, rows.size(), taps, over.size(), sums.row, sizeof(A) == 8, {}});
    }

    // A pixel beyond the ends of the rows; sums: of element 0.
    void set_beyond(int64_t image, Range rows, Range pixel, Range inside, A* sums, int thread) const {
        const int64_t column = place(f_.along, f_.images.columns, pixel.begin / f_.images.inner),
                      from = column * f_.images.inner, count = pixel.size();
        if (column >= 0 && (from < inside.begin || from + count > inside.end))
            return sum_columns(image, rows, {from, from + count}, {sums + pixel.begin, sums_row_}, thread);
        for (int64_t r = 0; r < rows.size(); ++r, sums += sums_row_)
            if (column < 0)
                std::fill_n(sums + pixel.begin, count, static_cast<A>(f_.cval));
            else
                std::copy_n(sums + from, count, sums + pixel.begin);
    }

    static int64_t place(const Line& line, int64_t size, int64_t i) {
        return source_index(line.border, {size, size, line.taps(), 1, 1, line.before, line.taps()}, i);
    }

    const SeparableFilter& f_;
    const char* const src_;
    char* const dst_;
    const PixelKernels &in_, &out_;
    const Tiles tiles_;
    const int64_t before_, behind_;  // how far sums along rows reach, in elements
    const bool in_place_;            // what the columns give is the result
    const int64_t sums_row_;
    Workspace space_;
    const Part<A> down_, along_;  // weights
    const Part<char> beyond_;     // a row of cval
    const Part<const void*> rows_;
    const Part<A> sums_;
};

}  // namespace

void separable(const SeparableFilter& f, const void* src, void* dst) {
    if (f.images.count <= 0 || f.images.rows <= 0 || f.images.width() <= 0) return;
    const double elements = static_cast<double>(f.images.count) * static_cast<double>(f.images.rows) *
                            static_cast<double>(f.images.width());
    const Context context = decide(elements * static_cast<double>(4 + f.down.taps() + f.along.taps()));
    trace::ran("separable");
    if ((f.in.is_float && f.in.size == 8) || (f.out.is_float && f.out.size == 8))
        Pass<double>(f, src, dst, context);
    else
        Pass<float>(f, src, dst, context);
}

}  // namespace convx::filter
