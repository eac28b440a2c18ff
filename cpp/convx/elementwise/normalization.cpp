#include "normalization.h"

#include <cmath>

#include "../runtime/context.h"
#include "rows.h"

namespace convx::elementwise {
namespace {

constexpr double WORK = 20;  // multiply-adds that take as long as an element

// (x - mean) * factor * more: two factors where one would overflow.
struct Change {
    double mean = 0, factor = 1, more = 1;
};

double over_length(double sum, int64_t length) { return sum / static_cast<double>(length); }

Change by_norm(double norm) {
    if (norm == 0) return {0, 0, 1};
    if (norm < 0x1p-100) return {0, 0x1p-100 / norm, 0x1p100};
    return {0, 1 / norm, 1};
}

template <class T>
class Rows {
  public:
    Rows(const NormArrays<T>& arrays, const Kernels<T>& k) : a_(arrays), k_(k) {}

    template <class Each>
    void run(int64_t row, double* partial, const Each& each) const {
        const Change change = change_of(a_.x + row * a_.length, partial, each);
        each(blocks_of(a_.length), [&](const Range& block, int64_t) { store(row, block, change); });
    }

  private:
    template <class Each>
    Change change_of(const T* x, double* partial, const Each& each) const {
        const auto sum = [&](const auto& of) { return row_sum<T>(a_.length, partial, each, of); };
        const auto squares = [&](double mean) {
            return sum([&](int64_t i, int64_t n) { return k_.sum_squares({x + i, n, mean}); });
        };
        switch (a_.norm) {
            case Norm::standard: {
                const double mean =
                    over_length(sum([&](int64_t i, int64_t n) { return k_.sum({x + i, n}); }), a_.length);
                return {mean, 1 / std::sqrt(over_length(squares(mean), a_.length) + a_.epsilon), 1};
            }
            case Norm::root_mean_square:
                return {0, 1 / std::sqrt(over_length(squares(0), a_.length) + a_.epsilon), 1};
            case Norm::l1:
                return by_norm(sum([&](int64_t i, int64_t n) { return k_.sum_sizes({x + i, n}); }));
            case Norm::l2:
                return by_norm(std::sqrt(squares(0)));
            case Norm::none:
                break;
        }
        return {};
    }

    void store(int64_t row, const Range& block, const Change& change) const {
        const T mean = static_cast<T>(change.mean), more = static_cast<T>(change.more);
        const T* const x = a_.x + row * a_.length;
        T* const y = a_.y + row * a_.length;
        Standardize<T> s{x + block.begin,
                         y + block.begin,
                         block.size(),
                         mean,
                         static_cast<T>(change.mean - static_cast<double>(mean)),
                         static_cast<T>(change.factor),
                         nullptr,
                         nullptr,
                         0};
        if (change.more != 1) s.scale = &more;  // norms have no other
        if (!a_.maps) {
            if (a_.scale) s.scale = a_.scale + block.begin;
            if (a_.bias) s.bias = a_.bias + block.begin;
            s.step = a_.scale || a_.bias;
            return k_.standardize(s);
        }
        const Pieces maps{a_.length, a_.length / a_.maps};
        const int64_t first = row * a_.maps % a_.channels;
        for (int64_t at = block.begin; at < block.end; at += s.count) {
            const int64_t map = at / maps.size;
            s.x = x + at;
            s.y = y + at;
            s.count = std::min(maps.at(map).end, block.end) - at;
            if (a_.scale) s.scale = a_.scale + first + map;
            if (a_.bias) s.bias = a_.bias + first + map;
            k_.standardize(s);
        }
    }

    const NormArrays<T>& a_;
    const Kernels<T>& k_;
};

}  // namespace

template <class T>
void normalize(const NormArrays<T>& arrays) {
    if (arrays.rows == 0 || arrays.length == 0) return;
    const Context context = decide(static_cast<double>(arrays.rows) * static_cast<double>(arrays.length) * WORK);
    const Rows<T> rows(arrays, context.kernels<T>());
    for_rows(arrays.rows, arrays.length, context.threads,
             [&](int64_t row, double* partial, const auto& each) { rows.run(row, partial, each); });
}

#define CONVX_INSTANTIATE(T) template void normalize(const NormArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
