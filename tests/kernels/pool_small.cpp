// Pooling of small windows, and of whole images.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

template <class T, class Reduction>
void small_case(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool, Along along, int64_t to) {
    const int64_t taps = along == Along::pairs ? 2 : 3, stride = along == Along::taps ? 1 : 2;
    const int64_t from = test.random.within(0, std::min<int64_t>(taps - 1, to - 1)), images = test.random.within(1, 2);
    const int64_t outputs = test.random.within(1, (to - 1) / stride + 1), height = test.random.within(1, 7);
    const bool square = test.random.one_in(2);
    const int64_t stride_h = square ? stride : test.random.within(1, 3),
                  kernel_h = square ? taps : test.random.within(1, 3), under = (outputs - 1) * stride + taps;
    const int64_t pad = test.random.within(0, kernel_h - 1), rows = (height + pad - 1) / stride_h + 1;
    const int64_t src_row = to + test.random.within(0, 5), src_image = height * src_row + test.random.within(0, 5);
    std::vector<WindowRows> window;
    for (int64_t r = 0, seen = 0; r < rows; ++r) {
        const int64_t y0 = std::max<int64_t>(r * stride_h - pad, 0),
                      y1 = std::min(r * stride_h - pad + kernel_h, height);
        window.push_back({y0 * src_row, 1, y1 - y0, y1 - std::max(y0, seen)});
        seen = y1;
    }
    const int64_t above = kernel_h - window.front().rows, below = kernel_h - window.back().rows;
    const bool down = square && stride == 1 && rows > 1 && outputs >= k.lanes && above <= 1 && below <= 1;
    const int64_t whole = std::max(up_to_multiple(to, k.lanes), down ? under : 0);
    Guarded<T> src = test.array<T>((images - 1) * src_image + (height - 1) * src_row + whole);
    bool bad = false;
    if (!Reduction::AVERAGE && test.random.one_in(2)) {
        src[(images - 1) * src_image + window.back().first + test.random.within(from, std::min(to, under) - 1)] =
            std::numeric_limits<T>::quiet_NaN();
        bad = Reduction::FINITE;
    }
    const int64_t dst_row = outputs + test.random.within(0, 3), dst_image = rows * dst_row + test.random.within(0, 3);
    Guarded<T> dst = test.array<T>((images - 1) * dst_image + (rows - 1) * dst_row + outputs);
    Guarded<T> width = test.array<T>(up_to_multiple(outputs, k.lanes)), divisor_h = test.array<T>(rows);
    for (int64_t q = 0; q < width.size; ++q) width[q] = T(test.random.within(1, 3));
    for (int64_t r = 0; r < rows; ++r) divisor_h[r] = T(test.random.within(1, 3));
    const T scale = test.random.one_in(2) ? T(0.25) : T(0);
    test.with({{"along", int(along)},
               {"from", from},
               {"to", to},
               {"outputs", outputs},
               {"rows", rows},
               {"images", images},
               {"kernel_h", kernel_h},
               {"stride_h", stride_h},
               {"pad", pad},
               {"height", height},
               {"dst_row", dst_row},
               {"scale", scale},
               {"down", down},
               {"bad", bad}});
    Expected<T> expected(dst);
    expected.leave_open(0, dst.size);
    for (int64_t at = 0; at < images * rows * outputs; ++at) {
        const int64_t n = at / (rows * outputs), r = at / outputs % rows, q = at % outputs;
        const WindowRows& w = window[size_t(r)];
        T sum = Reduction::NEUTRAL;
        for (int64_t j = 0; j < w.rows; ++j)
            for (int64_t i = q * stride; i < q * stride + taps; ++i)
                if (i >= from && i < to) sum = Reduction::of(sum, src[n * src_image + w.first + j * src_row + i]);
        if (Reduction::AVERAGE) sum = scale != 0 ? sum * scale : sum / (width[q] * divisor_h[r]);
        expected.set(n * dst_image + r * dst_row + q, sum);
        expected.open[size_t(n * dst_image + r * dst_row + q)] = false;
    }
    const bool use =
        pool.pool_small({src.data(), dst.data(), dst.end(), window.data(), {width.data(), divisor_h.data(), scale},
                         along,      images,     rows,      outputs,       from,
                         to,         stride_h,   src_image, src_row,       dst_image,
                         dst_row,    down,       above,     below,         test.random.one_in(2) ? src_row : 0});
    if (bad || !Reduction::FINITE) test.compare<T>(use, !bad);  // what lies outside of [from, to) may be noticed too
    if (use) test.compare(dst, expected);
}

template <class T, class Of>
void images_cases(Test& test, const Kernels<T>& k, bool spoiled, void (*kernel)(const PoolImages<T>&), const Of& of) {
    for (int64_t images = 1; images <= 2 * k.lanes + 1; ++images)
        for (int i = 0; i < 6; ++i) {
            const int64_t count = i ? test.random.within(1, 9 * k.lanes) : 1,
                          src_image = count + test.random.within(0, 3);
            Guarded<T> src = test.array<T>((images - 1) * src_image + count), dst = test.array<T>(images);
            if (spoiled && i % 2) src[test.random.within(0, src.size - 1)] = std::numeric_limits<T>::quiet_NaN();
            if (spoiled && i % 3 == 1) src[test.random.within(0, src.size - 1)] = std::numeric_limits<T>::infinity();
            const T divisor = T(test.random.within(1, 9));
            test.with({{"images", images}, {"count", count}, {"src_image", src_image}, {"divisor", divisor}});
            Expected<T> expected(dst);
            for (int64_t n = 0; n < images; ++n) expected.set(n, of(src.data() + n * src_image, count, divisor));
            kernel({src.data(), dst.data(), divisor, images, count, src_image});
            test.compare(dst, expected);
        }
}

}  // namespace

template <class T, class Reduction>
void Small<T, Reduction>::pool_small(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (const Along along : {Along::taps, Along::pairs, Along::triples})
        for (int64_t to = 1; to <= 5 * k.lanes + 1; ++to)
            for (int i = 0; i < 16; ++i) small_case<T, Reduction>(test, k, pool, along, to);
}

template <class T>
void Float<T>::images_max(Test& test, const Kernels<T>& k) {
    images_cases(test, k, true, k.images_max, [](const T* x, int64_t count, T) {
        T most = -std::numeric_limits<T>::infinity();
        for (int64_t i = 0; i < count; ++i) most = Max<T>::of(most, x[i]);
        return most;
    });
}

template <class T>
void Float<T>::images_average(Test& test, const Kernels<T>& k) {
    images_cases(test, k, false, k.images_average, [](const T* x, int64_t count, T divisor) {
        T sum = 0;
        for (int64_t i = 0; i < count; ++i) sum += x[i];
        return sum / divisor;
    });
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
