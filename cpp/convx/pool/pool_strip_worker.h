// One thread's work on the strips of a call, see pool_strips.cpp.
#pragma once
#include <algorithm>
#include <type_traits>

#include "../shape/integer_math.h"
#include "../shape/taps.h"
#include "pool_plan.h"

namespace convx::pool::strips {

// Whether a call can be pooled by strips.
template <class T>
bool takes(const PoolCall<T>& call) {
    if (call.kind == Kind::norm) return false;
    if (call.pixel > 1) return true;
    const Axis w = trimmed(call.shape.w);
    if (w.kernel == 0 || (call.x.w != 1 && w.in > 1)) return false;
    if (trimmed(call.shape.d).kernel * trimmed(call.shape.h).kernel > MOST_UNDER_WINDOWS / w.in) return false;
    return w.stride == 1 || w.out == 1 || (w.stride == 2 && w.dilation == 1 && (w.kernel == 2 || w.kernel == 3));
}

// Calls body(kernels) with those of the call's reduction. Finite elements are the rule: their maximum is taken for
// granted first, and again with care where it was not so.
template <class T, class Body>
void with_reduction(const PoolCall<T>& call, const Body& body) {
    const Kernels<T>& k = call.kernels;
    const bool least = call.kind == Kind::min;
    if constexpr (std::is_floating_point_v<T>) {
        if (body(call.kind == Kind::average ? k.pool_average : least ? k.pool_finite_min : k.pool_finite_max)) return;
    }
    body(least ? k.pool_min : k.pool_max);
}

// The part of an image, or of several, that is pooled at a time.
struct Strip {
    int64_t image, images;  // within one batch entry
    int64_t r0, r1;         // rows of windows
    int64_t q0, q1;
};

template <class T>
class Worker {
  public:
    Worker(const StripPlan<T>& plan, int thread)
        : plan_(plan),
          call_(plan.call),
          s_(plan.s),
          windows_(plan.workspace.at(plan.windows)),
          reduced_(plan.workspace.at(plan.scratch, thread)),
          spare_(reduced_ + plan.reduced()) {}

    // Strips [first, last) of all images, those of small images together; `out` is where the first image begins.
    void run(int64_t first, int64_t last, T* out) {
        const Pieces &rows = plan_.h.rows, &outputs = plan_.w.outputs;
        const int64_t across = outputs.count(), parts = rows.count() * across, first_image = first / parts;
        while (first < last) {
            const int64_t image = first / parts;
            const Range r = rows.at(first % parts / across), q = outputs.at(first % across);
            const int64_t images = parts > 1 ? 1 : std::min({plan_.h.images, last - first, s_.c - image % s_.c});
            const int64_t row = (image - first_image) * plan_.h.rows.total + r.begin;
            run({image, images, r.begin, r.end, q.begin, q.end}, out + (row * s_.w.out + q.begin) * call_.pixel);
            first += images;
        }
    }

    // Some strips' rows of windows of one image.
    void run_rows(int64_t image, const Range& rows, T* out) {
        for (Range r{rows.begin, 0}; r.begin < rows.end; r.begin = r.end) {
            r.end = std::min(r.begin + plan_.h.rows.size, rows.end);
            for (int64_t i = 0; i < plan_.w.outputs.count(); ++i) {
                const Range q = plan_.w.outputs.at(i);
                run({image, 1, r.begin, r.end, q.begin, q.end}, out + (r.begin - rows.begin) * s_.w.out + q.begin);
            }
        }
    }

  private:
    void run(const Strip& strip, T* out) {
        if (plan_.way == Way::small && strip.images > 1 && !small_fits(strip)) {
            const int64_t image = plan_.h.rows.total * s_.w.out, last = strip.images - 1;
            run({strip.image, 1, strip.r0, strip.r1, strip.q0, strip.q1}, out);
            if (last > 1) run({strip.image + 1, last - 1, strip.r0, strip.r1, strip.q0, strip.q1}, out + image);
            return run({strip.image + last, 1, strip.r0, strip.r1, strip.q0, strip.q1}, out + last * image);
        }
        with_reduction(call_, [&](const PoolKernels<T>& kernels) { return pool(kernels, strip, out); });
    }

    bool pool(const PoolKernels<T>& kernels, const Strip& strip, T* out) {
        const int64_t start = column_of(strip);
        const Range in = columns_of(strip);
        T* base = direct() ? out : reduced_ + plan_.w.origin;
        T* end = direct() ? end_of(strip, out) : spare_;
        if (plan_.way == Way::small && small_fits(strip)) return small(kernels, strip, out);
        if (plan_.dirty()) clean(strip, in.size());
        if (!in.empty() && !rows(kernels, strip, start + in.begin, in.size(), base, end)) return false;
        if (!direct()) columns(kernels, strip, base - in.begin * call_.pixel, out);
        return true;
    }

    // Where whole vectors of all the rows lie within the array: everywhere but at its very ends.
    bool small_fits(const Strip& strip) const {
        const T* image = image_of(strip) + column_of(strip);
        const int64_t last_image = (strip.images - 1) * call_.x.c,
                      columns = std::max(round_up(columns_of(strip).end, call_.kernels.lanes),
                                         plan_.down ? plan_.w.columns(strip.q1 - strip.q0) : 0);
        for (const int64_t r : {strip.r0, strip.r1 - 1}) {
            const WindowRows& w = windows_[r];
            const int64_t last_row = (w.rows - 1) * call_.x.h;
            const T* low = image + w.first + std::min<int64_t>(last_image, 0) + std::min<int64_t>(last_row, 0);
            const T* high =
                image + w.first + std::max<int64_t>(last_image, 0) + std::max<int64_t>(last_row, 0) + columns;
            if (w.rows == 0 || low < plan_.begin || high > plan_.end) return false;
        }
        return true;
    }

    bool small(const PoolKernels<T>& kernels, const Strip& strip, T* out) {
        const Range in = columns_of(strip);
        const int64_t outputs = strip.q1 - strip.q0, image = plan_.h.rows.total * s_.w.out;
        T* end =
            plan_.w.outputs.count() > 1 ? out : out + (strip.images - 1) * image + (strip.r1 - strip.r0) * s_.w.out;
        const int64_t rows = strip.r1 - strip.r0, height = plan_.h.axis.kernel;
        const int64_t above = height - windows_[strip.r0].rows, below = height - windows_[strip.r1 - 1].rows;
        const bool down = plan_.down && rows > 1 && above <= 1 && below <= 1 && outputs >= call_.kernels.lanes;
        return kernels.pool_small({image_of(strip) + column_of(strip),
                                   out,
                                   end,
                                   windows_ + strip.r0,
                                   divisor_of(strip),
                                   plan_.w.how,
                                   strip.images,
                                   rows,
                                   outputs,
                                   in.begin,
                                   in.end,
                                   s_.h.stride,
                                   call_.x.c,
                                   call_.x.h,
                                   image,
                                   s_.w.out,
                                   down,
                                   above,
                                   below,
                                   plan_.ahead});
    }

    bool direct() const { return plan_.way == Way::direct; }

    // Behind the last output of a strip that begins at `out`.
    T* end_of(const Strip& strip, T* out) const {
        const int64_t row = (strip.images - 1) * plan_.h.rows.total + strip.r1 - strip.r0 - 1;
        return out + (row * s_.w.out + strip.q1 - strip.q0) * call_.pixel;
    }

    // The input column under the first tap of the first output, and which columns from there on exist.
    int64_t column_of(const Strip& strip) const { return strip.q0 * plan_.w.axis.stride - plan_.w.axis.lo; }
    Range columns_of(const Strip& strip) const {
        return Positions{column_of(strip), 1, plan_.w.columns(strip.q1 - strip.q0)}.inside(plan_.w.axis.in);
    }

    const T* image_of(const Strip& strip) const { return plane_of(call_.x, s_.c, strip.image); }

    PoolDivisor<T> divisor_of(const Strip& strip) const {
        if (call_.kind != Kind::average) return {};
        return {plan_.divisor.width + strip.q0, plan_.divisor.height + strip.r0, plan_.divisor.scale};
    }

    // Neutral elements beside the rows, where the strip before left others.
    void clean(const Strip& strip, int64_t columns) {
        const int64_t count = columns * call_.pixel;
        T* row = reduced_;
        for (int64_t i = (strip.r1 - strip.r0) * strip.images; i > 0; --i, row += plan_.w.pitch) {
            std::fill(row, row + plan_.w.origin, plan_.neutral());
            std::fill(row + plan_.w.origin + count, row + plan_.w.pitch, plan_.neutral());
        }
    }

    bool rows(const PoolKernels<T>& kernels, const Strip& strip, int64_t column, int64_t columns, T* dst, T* end) {
        const View<const T>& x = call_.x;
        const T* src = image_of(strip) + column * call_.pixel;
        const int64_t count = columns * call_.pixel;
        if (plan_.way == Way::tall) {
            const Axis& h = plan_.h.axis;
            const int64_t first = strip.r0 * h.stride - h.lo, rows = strip.r1 - strip.r0;
            const int64_t live = std::min(h.in - first, (rows - 1) * h.stride + h.kernel);
            bool use = true;
            for (int64_t n = 0; use && n < strip.images; ++n)
                use = kernels.pool_tall({src + n * x.c + first * x.h, plan_.end, dst + n * rows * plan_.w.pitch, spare_,
                                         rows, count, h.kernel, h.stride, std::max<int64_t>(-first, 0), live, x.h,
                                         plan_.w.pitch});
            return use;
        }
        return kernels.pool_rows({src, plan_.end, dst, end, windows_ + strip.r0, strip.images, strip.r1 - strip.r0,
                                  count, x.c, s_.d.dilation * x.d, s_.h.dilation * x.h, plan_.w.pitch});
    }

    void columns(const PoolKernels<T>& kernels, const Strip& strip, T* src, T* out) {
        const int64_t outputs = strip.q1 - strip.q0, rows = strip.r1 - strip.r0;
        const int64_t row = s_.w.out * call_.pixel, image = plan_.h.rows.total * row;
        const Axis& w = plan_.w.axis;
        T* end = end_of(strip, out);
        if (call_.pixel > 1)
            return kernels.pool_pixels({src, out, end, divisor_of(strip), strip.images, rows, outputs, call_.pixel,
                                        w.kernel, w.stride, w.dilation, plan_.w.pitch, image, row});
        kernels.pool_columns({src, out, end, spare_, divisor_of(strip), plan_.w.how, strip.images, rows, outputs,
                              w.kernel, w.dilation, plan_.w.pitch, image, row});
    }

    const StripPlan<T>& plan_;
    const PoolCall<T>& call_;
    const PoolShape& s_;
    const WindowRows* windows_;
    T *reduced_, *spare_;
};

}  // namespace convx::pool::strips
