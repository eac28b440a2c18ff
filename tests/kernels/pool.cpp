// Pooling in two halves: rows, then columns.
#include <algorithm>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

// Puts a number that is none where the reduction has to do with it: true where it must be noticed.
template <class Reduction, class T>
bool spoil(Test& test, Guarded<T>& x, int64_t at) {
    if (Reduction::AVERAGE || !test.random.one_in(2)) return false;
    const T infinity = std::numeric_limits<T>::infinity();
    const T bad[] = {std::numeric_limits<T>::quiet_NaN(), infinity, -infinity};
    x[at] = bad[test.random.within(0, 2)];
    return Reduction::FINITE;
}

}  // namespace

template <class T, class Reduction>
void Pool<T, Reduction>::pool_rows(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (int64_t count = 1; count <= 2 * k.lanes + 1; ++count)
        for (int i = 0; i < 40; ++i) {
            const int64_t planes = test.random.within(1, 2), stride = test.random.within(1, 3),
                          rows = test.random.within(1, 4);
            const int64_t height = test.random.within(1, 5), src_row = count + test.random.within(0, 3);
            const int64_t all = (rows - 1) * stride + height, src_plane = all * src_row,
                          images = test.random.within(1, 2);
            const int64_t src_image = planes * src_plane + test.random.within(0, 3),
                          dst_row = count + test.random.within(0, 3);
            std::vector<WindowRows> window;
            for (int64_t r = 0, seen = 0; r < rows; ++r) {
                const bool none = test.random.one_in(8);
                window.push_back({r * stride * src_row, planes, none ? 0 : height, r * stride + height - seen});
                if (none) continue;
                window.back().fresh = std::min(height, window.back().fresh);
                seen = r * stride + height;
            }
            Guarded<T> src =
                test.array<T>((images - 1) * src_image + (planes - 1) * src_plane + (all - 1) * src_row + count);
            const WindowRows& last = window.back();
            const bool bad =
                last.rows && spoil<Reduction>(test, src, last.first + (last.rows - 1) * src_row + count - 1);
            Guarded<T> dst = test.array<T>((images * rows - 1) * dst_row + count);
            test.with({{"count", count},
                       {"planes", planes},
                       {"rows", rows},
                       {"height", height},
                       {"stride", stride},
                       {"images", images},
                       {"dst_row", dst_row},
                       {"bad", bad}});
            Expected<T> expected(dst);
            if (count < k.lanes) expected.leave_open(0, dst.size);  // in order: what runs over is overwritten
            for (int64_t at = 0; at < images * rows * count; ++at) {
                const int64_t n = at / (rows * count), r = at / count % rows, q = at % count;
                const WindowRows& w = window[size_t(r)];
                T sum = Reduction::NEUTRAL;
                for (int64_t t = 0; t < w.planes; ++t)
                    for (int64_t j = 0; j < w.rows; ++j)
                        sum = Reduction::of(sum, src[n * src_image + w.first + t * src_plane + j * src_row + q]);
                expected.set((n * rows + r) * dst_row + q, sum);
                expected.open[size_t((n * rows + r) * dst_row + q)] = false;
            }
            const bool use = pool.pool_rows({src.data(), src.end(), dst.data(), dst.end(), window.data(), images, rows,
                                             count, src_image, src_plane, src_row, dst_row});
            test.compare<T>(use, !bad);
            if (use) test.compare(dst, expected);
        }
}

template <class T, class Reduction>
void Pool<T, Reduction>::pool_tall(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (int64_t count = 1; count <= 5 * k.lanes + 1; ++count)
        for (int i = 0; i < 12; ++i) {
            const int64_t kernel = test.random.within(1, 9);
            const int64_t stride = test.random.one_in(2) ? 1 : test.random.within(1, kernel);
            const int64_t rows = test.random.within(1, 9), all = (rows - 1) * stride + kernel;
            const int64_t skip = std::min(test.random.within(0, kernel - 1), all - 1);
            const int64_t live = test.random.within(std::max(skip + 1, all - kernel + 1), all);
            const int64_t src_row = count + test.random.within(0, 3), width = std::max<int64_t>(count, k.lanes);
            const int64_t dst_row = width + test.random.within(0, 3);
            Guarded<T> rows_of = test.array<T>((live - skip - 1) * src_row + count);  // those that count
            const T* const src = rows_of.data() - skip * src_row;
            const bool bad = spoil<Reduction>(test, rows_of, rows_of.size - 1);
            Guarded<T> dst = test.array<T>((rows - 1) * dst_row + width);
            Guarded<T> scratch(test.random, kernel * POOL_TALL_VECTORS * k.lanes);
            test.with({{"count", count},
                       {"kernel", kernel},
                       {"stride", stride},
                       {"rows", rows},
                       {"skip", skip},
                       {"live", live},
                       {"bad", bad}});
            Expected<T> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t q = 0; q < width; ++q) {
                    T sum = Reduction::NEUTRAL;
                    for (int64_t j = r * stride; j < r * stride + kernel; ++j)
                        if (j >= skip && j < live && q < count) sum = Reduction::of(sum, src[j * src_row + q]);
                    expected.set(r * dst_row + q, sum);
                }
            const bool use = pool.pool_tall({src, rows_of.end(), dst.data(), scratch.data(), rows, count, kernel,
                                             stride, skip, live, src_row, dst_row});
            test.compare<T>(use, !bad);
            if (use) test.compare(dst, expected);
            if (!scratch.surroundings_are_untouched()) test.fail("stored outside of its scratch");
        }
}

template <class T, class Reduction>
void Pool<T, Reduction>::pool_columns(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (const Along along : {Along::taps, Along::pairs, Along::triples, Along::wide})
        for (int64_t outputs = 1; outputs <= 5 * k.lanes + 1; outputs += outputs <= 2 * k.lanes ? 1 : 3)
            for (int i = 0; i < 16; ++i) {
                const bool any = along == Along::taps, wide = along == Along::wide;
                const int64_t stride = along == Along::pairs || along == Along::triples ? 2 : 1;
                const int64_t taps = any                     ? test.random.within(1, 5)
                                     : wide                  ? test.random.within(4, 90)
                                     : along == Along::pairs ? 2
                                                             : 3;
                const int64_t dilation = any ? test.random.within(1, 3) : 1,
                              extent = (outputs - 1) * stride + (taps - 1) * dilation + 1;
                const int64_t images = test.random.within(1, 2),
                              rows = test.random.within(1, wide && i % 4 == 0 ? 70 : 3);
                const int64_t src_row = extent + test.random.within(0, 3), dst_row = outputs + test.random.within(0, 3);
                const int64_t dst_image = rows * dst_row + test.random.within(0, 3);
                int levels = 0;
                for (int64_t n = 4; n <= taps; n *= 4) ++levels;
                Guarded<T> src = test.array<T>((images * rows - 1) * src_row + extent + 2 * k.lanes);
                if (!Reduction::FINITE && !Reduction::AVERAGE) src[extent - 1] = std::numeric_limits<T>::quiet_NaN();
                Guarded<T> dst = test.array<T>((images - 1) * dst_image + (rows - 1) * dst_row + outputs);
                Guarded<T> width = test.array<T>(up_to_multiple(outputs, k.lanes)), height = test.array<T>(rows);
                for (int64_t q = 0; q < width.size; ++q) width[q] = T(test.random.within(1, 9));
                for (int64_t r = 0; r < rows; ++r) height[r] = T(test.random.within(1, 9));
                Guarded<T> scratch(test.random, levels * (std::max(POOL_WIDE_GROUP, src_row) + 2 * k.lanes));
                const T scale = test.random.one_in(2) ? T(0.125) : T(0);
                test.with({{"along", int(along)},
                           {"outputs", outputs},
                           {"taps", taps},
                           {"dilation", dilation},
                           {"images", images},
                           {"rows", rows},
                           {"src_row", src_row},
                           {"dst_row", dst_row},
                           {"scale", scale}});
                Expected<T> expected(dst);
                if (outputs < k.lanes) expected.leave_open(0, dst.size);
                for (int64_t at = 0; at < images * rows * outputs; ++at) {
                    const int64_t row = at / outputs, n = row / rows, r = row % rows, q = at % outputs;
                    T sum = Reduction::NEUTRAL;
                    for (int64_t t = 0; t < taps; ++t)
                        sum = Reduction::of(sum, src[row * src_row + q * stride + t * dilation]);
                    if (Reduction::AVERAGE) sum = scale != 0 ? sum * scale : sum / (width[q] * height[r]);
                    expected.set(n * dst_image + r * dst_row + q, sum);
                    expected.open[size_t(n * dst_image + r * dst_row + q)] = false;
                }
                pool.pool_columns({src.data(),
                                   dst.data(),
                                   dst.end(),
                                   scratch.data(),
                                   {width.data(), height.data(), scale},
                                   along,
                                   images,
                                   rows,
                                   outputs,
                                   taps,
                                   dilation,
                                   src_row,
                                   dst_image,
                                   dst_row});
                test.compare(dst, expected);
                if (!src.surroundings_are_untouched() || !scratch.surroundings_are_untouched())
                    test.fail("stored outside of its input or its scratch");
            }
}

template <class T, class Reduction>
void Small<T, Reduction>::pool_pixels(Test& test, const Kernels<T>& k, const PoolKernels<T>& pool) {
    for (int64_t pixel = 2; pixel <= 2 * k.lanes + 1; ++pixel)
        for (int64_t outputs = 1; outputs <= 2 * k.lanes + 1; ++outputs) {
            const int64_t taps = test.random.within(1, 5), stride = test.random.within(1, 3);
            const int64_t dilation = test.random.within(1, 2), rows = test.random.within(1, 3);
            const int64_t extent = ((outputs - 1) * stride + (taps - 1) * dilation + 1) * pixel;
            const int64_t src_row = extent + test.random.within(0, 3);
            const int64_t dst_row = outputs * pixel + (test.random.one_in(2) ? test.random.within(1, 3) : 0);
            Guarded<T> src = test.array<T>((rows - 1) * src_row + extent + 2 * k.lanes);
            if (!Reduction::FINITE && !Reduction::AVERAGE) src[extent - 1] = std::numeric_limits<T>::quiet_NaN();
            Guarded<T> dst = test.array<T>((rows - 1) * dst_row + outputs * pixel);
            Guarded<T> width = test.array<T>(outputs), height = test.array<T>(rows);
            for (int64_t q = 0; q < outputs; ++q) width[q] = T(test.random.within(1, 9));
            for (int64_t r = 0; r < rows; ++r) height[r] = T(test.random.within(1, 9));
            const T scale = test.random.one_in(2) ? T(0.125) : T(0);
            test.with({{"pixel", pixel},
                       {"outputs", outputs},
                       {"taps", taps},
                       {"stride", stride},
                       {"dilation", dilation},
                       {"rows", rows},
                       {"dst_row", dst_row},
                       {"scale", scale}});
            Expected<T> expected(dst);
            for (int64_t at = 0; at < rows * outputs * pixel; ++at) {
                const int64_t r = at / pixel / outputs, q = at / pixel % outputs, c = at % pixel;
                T sum = Reduction::NEUTRAL;
                for (int64_t t = 0; t < taps; ++t)
                    sum = Reduction::of(sum, src[r * src_row + (q * stride + t * dilation) * pixel + c]);
                if (Reduction::AVERAGE) sum = scale != 0 ? sum * scale : sum / (width[q] * height[r]);
                expected.set(r * dst_row + q * pixel + c, sum);
            }
            pool.pool_pixels({src.data(),
                              dst.data(),
                              dst.end(),
                              {width.data(), height.data(), scale},
                              1,
                              rows,
                              outputs,
                              pixel,
                              taps,
                              stride,
                              dilation,
                              src_row,
                              0,
                              dst_row});
            test.compare(dst, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
