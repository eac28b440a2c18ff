// (N, C, D, H, W) arrays of the driver, in one of several layouts; never longer than their last element.
#pragma once
#include <vector>

#include "../../cpp/convx/shape/view.h"
#include "random.h"

namespace convx::native {

struct Sizes {
    int64_t n = 1, c = 1, d = 1, h = 1, w = 1;
    int64_t count() const { return n * c * d * h * w; }
};

enum class Layout { packed, channels_last, spread, backwards };

template <class T>
class Array {
  public:
    explicit Array(Sizes sizes, Layout layout = Layout::packed) : sizes(sizes) {
        const int64_t gap = layout == Layout::spread ? 1 : 0;  // elements behind each row
        w_ = layout == Layout::channels_last ? sizes.c : layout == Layout::spread ? 2 : 1;
        h_ = w_ * sizes.w + gap;
        d_ = h_ * sizes.h;
        c_ = layout == Layout::channels_last ? 1 : d_ * sizes.d;
        n_ = layout == Layout::channels_last ? d_ * sizes.d : c_ * sizes.c;
        const int64_t last = place(sizes.n - 1, sizes.c - 1, sizes.d - 1, sizes.h - 1, sizes.w - 1);
        values_.resize(static_cast<size_t>(last + 1));
        if (layout != Layout::backwards) return;
        first_ = place(0, 0, 0, sizes.h - 1, sizes.w - 1);
        h_ = -h_;
        w_ = -w_;
    }

    void fill(Random& random) {
        for (T& x : values_) x = random.element<T>();
    }
    void fill_small(Random& random) {
        for (T& x : values_) x = random.small_element<T>();
    }

    T& operator()(int64_t n, int64_t c, int64_t d, int64_t h, int64_t w) {
        return values_[static_cast<size_t>(place(n, c, d, h, w))];
    }
    const T& operator()(int64_t n, int64_t c, int64_t d, int64_t h, int64_t w) const {
        return values_[static_cast<size_t>(place(n, c, d, h, w))];
    }

    View<const T> view() const { return {values_.data() + first_, n_, c_, d_, h_, w_}; }
    View<const char> bytes() const {  // strides in bytes
        constexpr auto size = static_cast<int64_t>(sizeof(T));
        return {reinterpret_cast<const char*>(values_.data() + first_),
                n_ * size,
                c_ * size,
                d_ * size,
                h_ * size,
                w_ * size};
    }

    const Sizes sizes;

  private:
    int64_t place(int64_t n, int64_t c, int64_t d, int64_t h, int64_t w) const {
        return first_ + n * n_ + c * c_ + d * d_ + h * h_ + w * w_;
    }
    std::vector<T> values_;
    int64_t first_ = 0, n_, c_, d_, h_, w_;
};

inline Layout any_layout(Random& random) {
    return random.one_of({Layout::packed, Layout::packed, Layout::channels_last, Layout::spread, Layout::backwards});
}

template <class T>
Array<T> random_array(Random& random, Sizes sizes, Layout layout) {
    Array<T> array(sizes, layout);
    array.fill(random);
    return array;
}

template <class T>
std::vector<T> random_vector(Random& random, int64_t count) {
    std::vector<T> values(static_cast<size_t>(count));
    for (T& x : values) x = random.element<T>();
    return values;
}

}  // namespace convx::native
