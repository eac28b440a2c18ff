// Memory laid out for the tiles.
#include <algorithm>
#include <memory>

#include "cases.h"

namespace convx::CONVX_ISA {

template <class T>
void Any<T>::copy_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t step : {1, 2, 3, 0, -1, -2})
        for (int64_t count = 0; count <= 2 * k.lanes + 2; ++count) {
            const int64_t rows = test.random.within(0, 3), left = test.random.within(0, 3),
                          right = test.random.within(0, 3);
            const int64_t reach = count ? (count - 1) * std::abs(step) + 1 : 0,
                          src_row = reach + test.random.within(0, 3);
            const int64_t dst_row = left + count + right + test.random.within(0, 3);
            const Guarded<T> src = test.array<T>(rows && reach ? (rows - 1) * src_row + reach : 0);
            Guarded<T> dst = test.array<T>(rows ? (rows - 1) * dst_row + left + count + right : 0);
            const T* const from = src.data() + (step < 0 && count ? reach - 1 : 0);
            const T fill = test.number<T>();
            test.with({{"step", step}, {"count", count}, {"rows", rows}, {"left", left}, {"right", right}});
            Expected<T> expected(dst);
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t j = 0; j < left + count + right; ++j) {
                    const bool in = j >= left && j < left + count;
                    expected.set(r * dst_row + j, in ? from[r * src_row + (j - left) * step] : fill);
                }
            k.copy_rows({from, dst.data(), rows, src_row, dst_row, step, left, count, right, fill});
            test.compare(dst, expected);
        }
}

template <class T>
void Argmax<T>::split_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t phases : {2, 3, 4, 8})
        for (int64_t count = 0; count <= 7 * k.lanes + 3; ++count)
            for (int64_t left = 0; left <= phases + 1; ++left) {
                const int64_t length = (left + count + phases - 1) / phases + test.random.within(0, 2);
                const int64_t rows = test.random.within(1, 2), src_row = count + test.random.within(0, 3);
                const int64_t dst_row = phases * length + test.random.within(0, 3);
                const Guarded<T> src = test.array<T>((rows - 1) * src_row + count);
                Guarded<T> dst = test.array<T>((rows - 1) * dst_row + phases * length);
                const T fill = test.number<T>();
                test.with({{"phases", phases}, {"count", count}, {"left", left}, {"length", length}, {"rows", rows}});
                Expected<T> expected(dst);
                for (int64_t y = 0; y < rows; ++y)
                    for (int64_t j = 0; j < phases * length; ++j) {
                        const bool in = j >= left && j < left + count;
                        expected.set(y * dst_row + j % phases * length + j / phases,
                                     in ? src[y * src_row + j - left] : fill);
                    }
                k.split_rows(
                    {src.data(), dst.data(), rows, src_row, dst_row, left, count, length, int32_t(phases), fill});
                test.compare(dst, expected);
            }
}

template <class T>
void Float<T>::interleave_rows(Test& test, const Kernels<T>& k) {
    for (int64_t stride = 1; stride <= 5; ++stride)
        for (int64_t width = 1; width <= 4 * k.lanes + 5; ++width)
            for (const bool all : {false, true}) {
                const int64_t rows = test.random.within(1, 3), dst_row = width + test.random.within(0, 3);
                std::vector<std::unique_ptr<Guarded<T>>> arrays;
                std::vector<PhaseRows<T>> phases;
                for (int64_t f = 0; f < std::min(stride, width); ++f) {
                    if (!all && test.random.one_in(2)) continue;
                    const int64_t most = (width - f + stride - 1) / stride;
                    const int64_t count = all ? most : test.random.within(0, most),
                                  row = count + test.random.within(0, 3);
                    arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>((rows - 1) * row + count)));
                    phases.push_back({arrays.back()->data(), row, f, count});
                }
                // Where all phases are there, their counts are those of one row.
                if (int64_t(phases.size()) == stride && !all) continue;
                Guarded<T> dst = test.array<T>((rows - 1) * dst_row + width);
                test.with({{"stride", stride}, {"width", width}, {"rows", rows}, {"phases", double(phases.size())}});
                Expected<T> expected(dst);
                for (const PhaseRows<T>& f : phases)
                    for (int64_t y = 0; y < rows; ++y)
                        for (int64_t i = 0; i < f.count; ++i)
                            expected.set(y * dst_row + f.first + i * stride, f.src[y * f.row + i]);
                k.interleave_rows({phases.data(), dst.data(), rows, dst_row, stride, int64_t(phases.size())});
                test.compare(dst, expected);
            }
}

template <class T>
void Float<T>::transpose_rows(Test& test, const Kernels<T>& k) {
    for (int64_t rows = 1; rows <= 2 * k.lanes + 1; ++rows)
        for (int64_t cols = 1; cols <= 2 * k.lanes + 1; ++cols) {
            const int64_t src_row = cols + test.random.within(0, 3), dst_row = rows + test.random.within(0, 3);
            const Guarded<T> src = test.array<T>((rows - 1) * src_row + cols);
            Guarded<T> dst = test.array<T>((cols - 1) * dst_row + rows);
            test.with({{"rows", rows}, {"cols", cols}, {"src_row", src_row}, {"dst_row", dst_row}});
            Expected<T> expected(dst);
            for (int64_t c = 0; c < cols; ++c)
                for (int64_t r = 0; r < rows; ++r) expected.set(c * dst_row + r, src[r * src_row + c]);
            k.transpose_rows({src.data(), dst.data(), rows, cols, src_row, dst_row});
            test.compare(dst, expected);
        }
}

template <class T>
void Float<T>::add_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t dst_step : {1, 2})
        for (const int64_t src_step : {1, 3})
            for (int64_t count = 0; count <= 2 * k.lanes + 1; ++count) {
                const int64_t rows = test.random.within(1, 3), src_row = count * src_step + test.random.within(0, 3);
                const int64_t dst_row = count * dst_step + test.random.within(0, 3);
                const Guarded<T> src = test.array<T>(count ? (rows - 1) * src_row + (count - 1) * src_step + 1 : 0);
                Guarded<T> dst = test.array<T>(count ? (rows - 1) * dst_row + (count - 1) * dst_step + 1 : 0);
                test.with({{"count", count}, {"src_step", src_step}, {"dst_step", dst_step}, {"rows", rows}});
                Expected<T> expected(dst);
                for (int64_t r = 0; r < rows; ++r)
                    for (int64_t i = 0; i < count; ++i)
                        expected.set(r * dst_row + i * dst_step,
                                     dst[r * dst_row + i * dst_step] + src[r * src_row + i * src_step]);
                k.add_rows({src.data(), dst.data(), rows, count, src_row, dst_row, src_step, dst_step});
                test.compare(dst, expected);
            }
}

template <class T>
void Float<T>::sample_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t corners : {2, 4, 8})
        for (int64_t count = 0; count <= 3 * k.lanes; ++count) {
            const int64_t whole = up_to_multiple(count, k.lanes), points = whole + test.random.within(0, 3);
            const int64_t channels = test.random.within(1, 3), x_channel = 40,
                          dst_channel = whole + test.random.within(0, 3);
            Guarded<T> x = test.array<T>(channels * x_channel), weight = test.array<T>((corners - 1) * points + whole);
            Guarded<T> dst = test.array<T>((channels - 1) * dst_channel + whole);
            Guarded<int64_t> offset(test.random, weight.size);
            for (int64_t c = 0; c < channels; ++c) x[c * x_channel + 7] = std::numeric_limits<T>::infinity();
            for (int64_t i = 0; i < offset.size; ++i) {
                offset[i] = test.random.within(0, x_channel - 1);
                if (offset[i] == 7) weight[i] = 0;  // which is no term, not 0 * infinity
            }
            test.with({{"corners", corners}, {"count", count}, {"channels", channels}});
            Expected<T> expected(dst);
            for (int64_t c = 0; c < channels; ++c) {
                expected.leave_open(c * dst_channel + count, c * dst_channel + whole);
                for (int64_t i = 0; i < count; ++i) {
                    double sum = 0;
                    for (int64_t j = i; j < corners * points; j += points)
                        if (weight[j] != 0) sum += double(weight[j]) * x[c * x_channel + offset[j]];
                    expected.set(c * dst_channel + i, T(sum));
                }
            }
            k.sample_rows({x.data(), dst.data(), offset.data(), weight.data(), channels, x_channel, dst_channel, count,
                           points, int32_t(corners)});
            test.compare(dst, expected);
        }
}

template <class T>
void Float<T>::copy_pixels(Test& test, const Kernels<T>& k) {
    for (int64_t pixel = 1; pixel <= k.lanes + 1; ++pixel)
        for (int64_t count = 1; count <= 2 * k.lanes + 1; ++count) {
            const int64_t step = pixel * test.random.within(1, 3) + test.random.within(0, 1);
            const Guarded<T> src = test.array<T>((count - 1) * step + pixel);
            Guarded<T> dst = test.array<T>(count * pixel);
            test.with({{"pixel", pixel}, {"count", count}, {"step", step}});
            Expected<T> expected(dst);
            for (int64_t i = 0; i < count * pixel; ++i) expected.set(i, src[i / pixel * step + i % pixel]);
            k.copy_pixels({src.data(), dst.data(), count, pixel, step});
            test.compare(dst, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
