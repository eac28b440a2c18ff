#include "binary.h"

#include <algorithm>
#include <vector>

#include "../runtime/context.h"
#include "../runtime/parallel.h"

namespace convx::elementwise {
namespace {

constexpr int64_t LONGEST_ROW = TASK_ELEMENTS / 2;

struct Axis {
    int64_t size, a, b;
};

// The axes, outermost first, without those of size 1, and joined where both operands go on as they did.
std::vector<Axis> joined(const Shape& shape, const Shape& a, const Shape& b) {
    std::vector<Axis> axes;
    for (size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 1) continue;
        const Axis next{shape[i], a[i], b[i]};
        if (!axes.empty() && axes.back().a == next.size * next.a && axes.back().b == next.size * next.b)
            axes.back() = {axes.back().size * next.size, next.a, next.b};
        else
            axes.push_back(next);
    }
    if (axes.empty()) axes.push_back({1, 0, 0});
    return axes;
}

// Rows of the last axis, counted over all others. Those of the last but one lie evenly apart.
template <class T>
class Rows {
  public:
    Rows(const BinaryArrays<T>& arrays, const Kernels<T>& k)
        : arrays_(arrays), k_(k), axes_(joined(arrays.shape, arrays.a_strides, arrays.b_strides)) {
        inner_ = axes_.back();
        axes_.pop_back();
        if (axes_.empty()) axes_.push_back({1, 0, 0});
        for (const Axis& axis : axes_) count_ *= axis.size;
    }

    int64_t count() const { return count_; }
    int64_t length() const { return inner_.size; }

    void run(const Range& rows, const Range& columns) const {
        const Axis& last = axes_.back();
        for (int64_t row = rows.begin; row < rows.end;) {
            const int64_t some = std::min(rows.end - row, last.size - row % last.size);
            int64_t a = columns.begin * inner_.a, b = columns.begin * inner_.b, rest = row;
            for (size_t i = axes_.size(); i-- > 0; rest /= axes_[i].size) {
                a += rest % axes_[i].size * axes_[i].a;
                b += rest % axes_[i].size * axes_[i].b;
            }
            k_.binary_rows({arrays_.a + a, arrays_.b + b, arrays_.y + row * inner_.size + columns.begin, some,
                            columns.size(), last.a, last.b, inner_.size, static_cast<int32_t>(inner_.a),
                            static_cast<int32_t>(inner_.b), arrays_.op, arrays_.activation});
            row += some;
        }
    }

  private:
    const BinaryArrays<T>& arrays_;
    const Kernels<T>& k_;
    std::vector<Axis> axes_;  // but the last
    Axis inner_{};
    int64_t count_ = 1;
};

}  // namespace

template <class T>
void binary(const BinaryArrays<T>& arrays) {
    int64_t count = 1;
    for (const int64_t n : arrays.shape) count *= n;
    if (count == 0) return;
    const Context context = decide(4 * static_cast<double>(count));
    const Rows<T> rows(arrays, context.kernels<T>());
    const Pieces columns{rows.length(), std::min(rows.length(), LONGEST_ROW)};
    const Pieces bands = worth_a_task(rows.count(), 2 * columns.size);
    parallel_tasks(bands.count() * columns.count(), context.threads, [&](int64_t task, int) {
        rows.run(bands.at(task / columns.count()), columns.at(task % columns.count()));
    });
}

#define CONVX_INSTANTIATE(T) template void binary(const BinaryArrays<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::elementwise
