#include "separable.h"

#include <algorithm>
#include <type_traits>

#include "../runtime/cache.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "bytes.h"
#include "star.h"

namespace convx::filter {
namespace {

constexpr int64_t BAND = 64;  // rows of a task, or a few times as many as a sum has terms

struct Stages {
    Stage down, along;
    bool wide, bytes;

    explicit Stages(const SeparableFilter& f) {
        const bool integers = !f.in.is_float, cut = !f.out.is_float;
        const double largest = f.added || !cut || !f.down.taps() ? f.in.largest : std::max(f.in.largest, f.out.largest);
        const auto is_double = [](const PixelType& t) { return t.is_float && t.size == 8; };
        wide = is_double(f.in) || is_double(f.out);
        for (bool before = !wide; before != wide;) {  // once more where one of them needs double
            down = stage_of(f.down, f.in.largest, integers, cut && !f.added, wide);
            along = stage_of(f.along, largest, integers && (cut || !f.down.taps()), cut && !f.added, wide);
            before = wide;
            wide = wide || down.wide || along.wide;
        }
        const bool scales_beyond = f.along.border == Border::zeros && f.cval != 0;
        if (f.in.is_float && !cut && down.way == Way::box && along.way == Way::box && !scales_beyond) {
            down.weight *= along.weight;
            along.weight = 1;
        }
        const auto is_byte = [](const PixelType& t) { return !t.is_float && t.size == 1 && !t.is_signed; };
        bytes = !wide && !f.added && is_byte(f.in) && is_byte(f.out) && makes_bytes(f.down, down, f.out) &&
                makes_bytes(f.along, along, f.out);
    }
};

// A tile of the result for each task: a band of rows by a strip of columns. The rows of input that a row of sums is
// made of fill half of L2, those of a box all of it. Strips are as wide as that allows, though rows of sums leave L1:
// the next row of a narrow one lies in another page, of which nothing was fetched ahead.
struct Tiles {
    Pieces bands;
    EvenSplit strips;  // none is narrower than half of the others: its last columns may need its first ones

    Tiles(const SeparableFilter& f, const Stages& stages, int64_t sum_size, bool is_star)
        : bands{f.images.made, std::max(BAND, 4 * f.down.taps())},
          strips(f.images.width(), widest(f, stages, sum_size, is_star)) {}
    int64_t count() const { return bands.count() * strips.count; }
    int64_t width() const { return strips.size(0); }  // of the widest strip
    Range strip(int64_t i) const { return {strips.start(i), strips.start(i) + strips.size(i)}; }

  private:
    static int64_t widest(const SeparableFilter& f, const Stages& stages, int64_t sum_size, bool is_star) {
        const int64_t width = f.images.width(), halo = std::max<int64_t>(f.along.taps() - 1, 0) * f.images.inner,
                      input = caches().l2 / (stages.down.way == Way::box ? 1 : 2) /
                              (std::max<int64_t>(f.down.taps(), 1) * std::max(f.in.size, sum_size));
        const bool whole = f.along.border == Border::circular && (f.added || stages.down.way == Way::box);
        return whole || is_star ? width : std::min(std::max(input, 4 * halo), width);
    }
};

template <class A>
class Pass {
  public:
    Pass(const SeparableFilter& f, const Stages& stages, const void* src, void* dst, const Context& context)
        : f_(f),
          src_(static_cast<const char*>(src)),
          dst_(static_cast<char*>(dst)),
          is_star_(Star<A>::takes(f, stages.down, stages.along) &&
                   f.along.border != Border::circular),  // which needs whole rows
          tiles_(f, stages, sizeof(A), is_star_),
          before_(f.along.before * f.images.inner),
          behind_(f.along.behind() * f.images.inner),
          in_place_(!f.along.taps() && !f.added && (f.out.is_float || stages.bytes) && f.out.size == sizeof(A)),
          sums_row_(tiles_.width() + before_ + behind_ + Rows<A>::SLACK),
          space_(context.threads),
          columns_(f, stages.down, f.in.kernels(context), tiles_.bands.size, sums_row_, space_),
          rows_(f, stages.along, f.out.kernels(context), context.pixels<A>(), sums_row_, space_),
          sums_(space_.own<A>(in_place_ ? 0 : FILTER_ROWS * sums_row_)),
          addend_(space_.own<A>(f.added ? FILTER_ROWS * sums_row_ : 0)),
          star_(f, f.in.kernels(context), space_) {
        space_.allocate();
        columns_.set(space_);
        if (is_star_) star_.set(space_);
        rows_.set(space_);
        parallel_tasks(f.images.count * tiles_.count(), context.threads,
                       [&](int64_t task, int thread) { run(task, thread); });
    }

  private:
    void run(int64_t task, int thread) const {
        const int64_t tile = task % tiles_.count(), image = task / tiles_.count();
        const Range band = tiles_.bands.at(tile / tiles_.strips.count),
                    strip = tiles_.strip(tile % tiles_.strips.count);
        const char* const src = src_ + image * f_.images.src_image;
        char* const dst = dst_ + image * f_.images.dst_image + band.begin * f_.images.dst_row;
        const Range inner = where_rows_lie(strip);
        band_of(src, dst, band, {strip.begin, inner.begin}, false, thread);
        band_of(src, dst, band, inner, true, thread);
        band_of(src, dst, band, {inner.end, strip.end}, false, thread);
    }

    // Where all that a sum along rows reads lies in the image.
    Range where_rows_lie(Range strip) const {
        const int64_t begin = std::max(strip.begin, before_), end = std::min(strip.end, f_.images.width() - behind_);
        return is_star_ && begin < end ? Range{begin, end} : Range{strip.begin, strip.begin};
    }

    // dst: the first element of the band's first row.
    void band_of(const char* src, char* dst, Range band, Range strip, bool is_star, int thread) const {
        if (strip.empty()) return;
        columns_.begin(src, band, std::max<int64_t>(strip.begin - before_, 0), thread);
        dst += strip.begin * f_.out.size;
        Pace pace;
        for (int64_t at = 0; at < band.size(); at += FILTER_ROWS) {
            const Range rows{at, std::min(at + FILTER_ROWS, band.size())};
            char* const to = dst + at * f_.images.dst_row;
            if (is_star)
                for (int64_t r = rows.begin; r < rows.end; ++r)
                    star_.sum(columns_, r, strip.size(), to + (r - rows.begin) * f_.images.dst_row, thread);
            else
                some_rows(rows, strip, to, thread);
            pace.step(FILTER_ROWS * (f_.down.taps() + f_.along.taps()) * strip.size() / 8);
        }
    }

    // A few rows of a band.
    void some_rows(Range rows, Range strip, char* dst, int thread) const {
        const int64_t count = rows.size();
        if (in_place_) {
            const int64_t row = f_.images.dst_row / static_cast<int64_t>(sizeof(A));
            return columns_.sum(rows.begin, count, 0, strip.size(), {reinterpret_cast<A*>(dst), row}, thread);
        }
        const Range needed{strip.begin - before_, strip.end + behind_},
            inside{std::max<int64_t>(needed.begin, 0), std::min(needed.end, f_.images.width())};
        A *const sums = space_.at(sums_, thread), *const addend = f_.added ? space_.at(addend_, thread) : nullptr;
        const Sums<A> first{sums + (inside.begin - needed.begin), sums_row_};
        if (f_.added) {
            columns_.sum(rows.begin, count, strip.begin - inside.begin, strip.size(), {addend, sums_row_}, thread);
            if constexpr (!std::is_same_v<A, uint8_t>) columns_.copy(rows.begin, count, inside.size(), first, thread);
        } else {
            columns_.sum(rows.begin, count, 0, inside.size(), first, thread);
        }
        const int64_t inner = f_.images.inner, width = f_.images.width();
        for (int64_t i = needed.begin; i < 0; i += inner) set_beyond(rows, {i, i + inner}, needed, inside, thread);
        for (int64_t i = width; i < needed.end; i += inner)
            set_beyond(rows, {i, std::min(i + inner, needed.end)}, needed, inside, thread);
        rows_.sum({sums, sums_row_}, {addend, sums_row_}, dst, count, strip.size(), thread);
    }

    // A pixel beyond the ends of the rows.
    void set_beyond(Range rows, Range pixel, Range needed, Range inside, int thread) const {
        const int64_t column = place(f_.along, f_.images.columns, pixel.begin / f_.images.inner),
                      from = column * f_.images.inner, count = pixel.size();
        A* sums = space_.at(sums_, thread) - needed.begin;
        if (column >= 0 && (from < inside.begin || from + count > inside.end)) {
            const Sums<A> to{sums + pixel.begin, sums_row_};
            return columns_.sum(rows.begin, rows.size(), from - inside.begin, count, to, thread);
        }
        for (int64_t r = 0; r < rows.size(); ++r, sums += sums_row_)
            if (column < 0)
                std::fill_n(sums + pixel.begin, count, static_cast<A>(f_.cval));
            else
                std::copy_n(sums + from, count, sums + pixel.begin);
    }

    const SeparableFilter& f_;
    const char* const src_;
    char* const dst_;
    const bool is_star_;  // in one sum, but for the ends of rows
    const Tiles tiles_;
    const int64_t before_, behind_;  // how far sums along rows reach, in elements
    const bool in_place_;            // what the columns give is the result
    const int64_t sums_row_;
    Workspace space_;
    Columns<A> columns_;
    Rows<A> rows_;
    const Part<A> sums_, addend_;
    Star<A> star_;
};

}  // namespace

void separable(const SeparableFilter& f, const void* src, void* dst) {
    const Stages stages(f);
    if (f.images.count <= 0 || f.images.made <= 0 || f.images.width() <= 0) return;
    const double elements = static_cast<double>(f.images.count) * static_cast<double>(f.images.made) *
                            static_cast<double>(f.images.width());
    const Context context = decide(elements * static_cast<double>(4 + f.down.taps() + f.along.taps()));
    trace::ran("separable");
    if (stages.wide)
        Pass<double>(f, stages, src, dst, context);
    else if (stages.bytes)
        Pass<uint8_t>(f, stages, src, dst, context);
    else
        Pass<float>(f, stages, src, dst, context);
}

}  // namespace convx::filter
