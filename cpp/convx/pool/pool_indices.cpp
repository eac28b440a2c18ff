// One row of outputs after the other: the input rows under it are laid out as the kernel wants them, padded and with
// unit stride from output to output, and kept for the next rows of outputs; 8- and 16-bit integers are widened on the
// way.
#include "pool_indices.h"

#include <type_traits>

#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "../shape/integer_math.h"
#include "pool_index_plan.h"
#include "pool_paths.h"

namespace convx::pool {

using namespace indices;

namespace {

// The scratch of one thread, and what all share.
template <class W>
struct Scratch {
    const int64_t *tap, *start;
    const Code<W>*tap_code, *first;
    W *slots, *row, *values;
    int64_t* held;  // row and piece that a slot holds
    const W** rows;
    Code<W>* row_code;
};

template <class W>
class Worker {
  public:
    Worker(const IndexPlan<W>& plan, const Scratch<W>& scratch)
        : p_(plan), c_(plan.call), t_(plan.tools), s_(scratch), pieces_(plan.outputs.count()) {
        std::fill_n(s_.held, p_.slots.count, -1);
    }

    // Rows [first, last) of outputs, or pieces of them.
    void run(int64_t first, int64_t last) {
        const int64_t height = c_.h.axis.out, rows = c_.d.axis.out * height;
        int64_t row = first % rows, d = row / height, p = row % height;
        begin_piece(first / rows);
        for (int64_t i = first; i < last; ++i) {
            const int64_t at = (plane_ * rows + row) * p_.w.out + q0_;
            char* out = static_cast<char*>(c_.values) + at * t_.size;
            W* values = t_.conversion ? s_.values : reinterpret_cast<W*>(out);
            window(c_.d.spans[static_cast<size_t>(d)], c_.h.spans[static_cast<size_t>(p)], values, c_.indices + at);
            if (t_.conversion) t_.conversion->truncate({values, out, outputs_});
            ++row;
            if (++p < height) continue;
            p = 0;
            if (++d < c_.d.axis.out) continue;
            d = row = 0;
            begin_piece(i / rows + 1);
        }
    }

  private:
    void begin_piece(int64_t number) {
        piece_ = number % pieces_;
        plane_ = number / pieces_;
        q0_ = p_.outputs.at(piece_).begin;
        outputs_ = p_.outputs.at(piece_).size();
        image_ = plane_of(c_.x, c_.c, plane_);
    }

    void window(const WindowSpan& depth, const WindowSpan& height, W* values, int64_t* indices) {
        const int64_t all = p_.taps() ? depth.count * height.count : 0;
        if (all == 0) {
            std::fill_n(values, outputs_, t_.lowest);
            std::fill_n(indices, outputs_, -1);
            return;
        }
        if (p_.scalar) return one_by_one(depth, height, values, indices);
        if (p_.small && in_place(depth, height, values, indices)) return;
        for (int64_t i = 0; i < all;) {
            if (i) checkpoint();
            i = some_rows(i, all, depth, height, values, indices);
        }
        for (int64_t q = 0; p_.dead && q < outputs_; ++q)
            if (c_.w.spans[static_cast<size_t>(q0_ + q)].count == 0) indices[q] = -1;
    }

    // Small windows straight from the input; false where a vector would end outside of the array.
    bool in_place(const WindowSpan& depth, const WindowSpan& height, W* values, int64_t* indices) const {
        const Axis& w = p_.w;
        const int64_t start = q0_ * w.stride - w.lo, row = c_.h.step() * c_.x.h;
        const char* first = image_ + depth.first * c_.x.d + height.first * c_.x.h + start * c_.x.w;
        const char* last = first + (height.count - 1) * row;
        const int64_t reach = (w.stride * std::max<int64_t>(outputs_, t_.lanes) + 2) * c_.x.w;
        if (std::min(first, last) < p_.begin || std::max(first, last) + reach > p_.end) return false;
        t_.pool_argmax_row({reinterpret_cast<const W*>(first), values, indices, t_.lowest,
                            depth.first * c_.index_d + height.first * c_.index_h + start, height.count, row / t_.size,
                            c_.h.step() * c_.index_h, outputs_, -start, w.in - start, static_cast<int32_t>(w.kernel),
                            static_cast<int32_t>(w.stride)});
        return true;
    }

    // Where a row has few outputs, most lanes of a vector would stay empty.
    void one_by_one(const WindowSpan& depth, const WindowSpan& height, W* values, int64_t* indices) const {
        Pace pace;
        for (int64_t q = 0; q < outputs_; ++q) {
            const WindowSpan& span = c_.w.spans[static_cast<size_t>(q0_ + q)];
            W best = t_.lowest;
            int64_t found = -1;
            for (int64_t i = 0; i < depth.count * height.count; ++i) {
                const int64_t z = depth.first + i / height.count * c_.d.step(),
                              y = height.first + i % height.count * c_.h.step();
                const char* row = image_ + z * c_.x.d + y * c_.x.h;
                const int64_t index = z * c_.index_d + y * c_.index_h;
                for (int64_t t = 0; t < span.count; ++t, pace.step()) {
                    const int64_t x = span.first + t * c_.w.step();
                    const W v = *reinterpret_cast<const W*>(row + x * c_.x.w);
                    if (found >= 0 && !(v > best) && v == v) continue;
                    best = v;
                    found = index + x * c_.index_w;
                }
            }
            values[q] = best;
            indices[q] = found;
        }
    }

    // Rows of the window from number i on, as many as there is room for.
    int64_t some_rows(int64_t i, int64_t all, const WindowSpan& depth, const WindowSpan& height, W* values,
                      int64_t* indices) {
        const bool fresh = i == 0;
        int64_t origin = 0, count = 0;
        const int64_t span = (p_.w.extent() - 1) * c_.index_w;
        for (; i < all && count < p_.slots.count; ++i, ++count) {
            const int64_t z = depth.first + i / height.count * c_.d.step(),
                          y = height.first + i % height.count * c_.h.step();
            const int64_t index = z * c_.index_d + y * c_.index_h;
            if (count == 0) origin = index;
            if (index - origin + span > CODES) break;
            s_.row_code[count] = static_cast<Code<W>>(index - origin);
            s_.rows[count] = row_at(z, y, count);
        }
        // More than one row under the window only where taps are few.
        const int64_t piece = count > 1 ? p_.taps() : CHECKED_STEPS;
        in_pieces(p_.taps(), piece, [&](int64_t tap, int64_t taps) {
            t_.pool_argmax({s_.rows, s_.row_code, s_.tap + tap, s_.tap_code + tap, s_.first + q0_, s_.start + q0_,
                            values, indices, t_.lowest, origin, count, taps, outputs_, fresh && tap == 0});
        });
        return i;
    }

    const W* row_at(int64_t z, int64_t y, int64_t number) {
        const char* row = image_ + z * c_.x.d + y * c_.x.h;
        if (p_.direct) {
            const W* at = reinterpret_cast<const W*>(row) + q0_ - p_.w.lo;
            const int64_t reach = p_.w.extent() - 1 + round_up(outputs_, t_.lanes);
            if (reinterpret_cast<const char*>(at + reach) <= p_.end) return at;
        }
        const RowSlots& slots = p_.slots;
        const int64_t slot =
            slots.keeps ? (z % (slots.count / slots.extent_h)) * slots.extent_h + y % slots.extent_h : number;
        W* to = s_.slots + slot * slots.elements;
        const int64_t name = ((plane_ * c_.d.axis.in + z) * c_.h.axis.in + y) * pieces_ + piece_;
        if (!slots.keeps || s_.held[slot] != name) lay_out(to, row);
        s_.held[slot] = name;
        return to;
    }

    void lay_out(W* to, const char* row) {
        const W* src = reinterpret_cast<const W*>(row);
        int64_t step = c_.x.w / t_.size;
        if (t_.conversion) {
            t_.conversion->widen({row, s_.row, step, p_.w.in});
            src = s_.row;
            step = 1;
        }
        if (!c_.w.sliding) return gather(to, src, step);
        const int64_t column = q0_ * p_.w.stride - p_.w.lo;
        copy_phases<W>({t_.copy_rows, t_.split_rows}, {src, 1, 0, step}, p_.w, p_.slots.phases, column, to, 0,
                       t_.lowest);
    }

    // Windows of different widths: element t of each, and none behind the last.
    void gather(W* to, const W* src, int64_t step) {
        const WindowSpan* spans = c_.w.spans.data() + q0_;
        for (int64_t t = 0; t < p_.taps(); ++t, to += p_.slots.phases.length)
            for (int64_t q = 0; q < outputs_; ++q)
                to[q] = t < spans[q].count ? src[(spans[q].first + t) * step] : t_.lowest;
    }

    const IndexPlan<W>& p_;
    const IndexCall& c_;
    const Tools<W>& t_;
    const Scratch<W> s_;
    const int64_t pieces_;
    int64_t plane_ = 0, piece_ = 0, q0_ = 0, outputs_ = 0;
    const char* image_ = nullptr;
};

template <class W>
void run_as(const IndexCall& call, const Tools<W>& tools) {
    const IndexPlan<W> plan(call, tools);
    Workspace space(call.threads);
    const int64_t taps = plan.scalar ? 0 : plan.taps(), laid_out = plan.scalar ? 0 : plan.slots.count;
    const auto tap = space.shared<int64_t>(taps), start = space.shared<int64_t>(plan.outputs_padded());
    const auto tap_code = space.shared<Code<W>>(taps), first = space.shared<Code<W>>(plan.outputs_padded());
    const bool converts = tools.conversion != nullptr;
    const auto slots = space.own<W>(laid_out * plan.slots.elements), row = space.own<W>(converts ? plan.w.in : 0),
               values = space.own<W>(converts ? plan.outputs.size : 0);
    const auto held = space.own<int64_t>(plan.slots.count);
    const auto rows = space.own<const W*>(plan.slots.count);
    const auto row_code = space.own<Code<W>>(plan.slots.count);
    space.allocate();
    plan.fill_tables(space.at(tap), space.at(start), space.at(tap_code), space.at(first));

    const int64_t items = call.n * call.c * plan.outputs.count() * call.d.axis.out * call.h.axis.out;
    const int64_t rows_each = std::max<int64_t>(call.d.most() * call.h.most(), 1);
    const Pieces tasks = worth_a_task(items, rows_each * ceil_div(plan.w.in, plan.outputs.count()));
    parallel_pieces(tasks, call.threads, [&](const Range& some, int thread) {
        Worker<W> worker(plan, {space.at(tap), space.at(start), space.at(tap_code), space.at(first),
                                space.at(slots, thread), space.at(row, thread), space.at(values, thread),
                                space.at(held, thread), space.at(rows, thread), space.at(row_code, thread)});
        worker.run(some.begin, some.end);
    });
}

template <class W>
void run_on(const IndexCall& call) {
    run_as<W>(call, {call.kernels, nullptr, sizeof(W), neutral<W>(Kind::max)});
}

// Elements of type T, widened.
template <class T>
void run_wide(const IndexCall& call) {
    using W = typename WideInteger<T>::type;
    const Kernels<T>& own = call.kernels;
    const Conversion conversion{own.widen, own.truncate};
    const T least = neutral<T>(Kind::max);
    W least_wide;
    conversion.widen({&least, &least_wide, 1, 1});
    run_as<W>(call, {call.kernels, &conversion, sizeof(T), least_wide});
}

}  // namespace

template <class T>
void find_maxima(const IndexCall& call) {
    if constexpr (std::is_base_of_v<ArgmaxKernels<T>, Kernels<T>>)
        run_on<T>(call);
    else
        run_wide<T>(call);
}

#define CONVX_INSTANTIATE(T) template void find_maxima<T>(const IndexCall&);
CONVX_NUMBERS(CONVX_INSTANTIATE)

}  // namespace convx::pool
