// Depthwise convolution.
#include <memory>

#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

template <class T>
constexpr T NOTHING = std::numeric_limits<T>::quiet_NaN();  // where there is no input

// An output's sum over its taps; input(row, column) is zero where there is none.
template <class T, class Input>
double sum_of_taps(const T* w, int64_t kernel, int64_t row, int64_t column, const Input& input) {
    double sum = 0;
    for (int64_t r = 0; r < kernel; ++r)
        for (int64_t s = 0; s < kernel; ++s) sum += double(input(row + r, column + s)) * w[r * kernel + s];
    return sum;
}

template <class T>
void planes_case(Test& test, const Kernels<T>& k, int64_t kernel, int64_t stride, int64_t height, int64_t width) {
    const int64_t channels = test.random.within(1, 2), multiplier = test.random.within(1, 2),
                  planes = channels * multiplier;
    const int64_t reach = std::max<int64_t>(width, k.lanes) * stride + kernel - 1, used = (width - 1) * stride + kernel;
    const int64_t left = std::min(test.random.within(0, kernel / 2), used - 1);
    const int64_t right = std::min(test.random.within(0, kernel / 2), used - 1 - left);
    const int64_t row_count = (height - 1) * stride + kernel, step = reach + test.random.within(0, 2);
    const int64_t out_plane = height * width + (test.random.one_in(2) ? 0 : test.random.within(1, 5));
    Guarded<T> inside(test.random, reach);
    for (int64_t i = 0; i < reach; ++i) {
        const bool in = i >= left && i < used - right;
        std::memset(&inside[i], in ? 0xff : 0, sizeof(T));
    }
    std::vector<std::unique_ptr<Guarded<T>>> arrays;
    std::vector<const T*> rows, at_first;
    std::vector<int64_t> row_step;
    for (int64_t r = 0; r < row_count; ++r) {
        const bool padding = test.random.one_in(4);
        arrays.push_back(std::make_unique<Guarded<T>>(test.array<T>(padding ? reach : (channels - 1) * step + reach)));
        Guarded<T>& row = *arrays.back();
        for (int64_t i = 0; i < row.size; ++i) {
            const int64_t column = padding ? i : i % step;
            if (padding) row[i] = 0;
            if (column < left || column >= used - right) row[i] = NOTHING<T>;
        }
        rows.push_back(row.data());
        row_step.push_back(padding ? 0 : step);
    }
    const Guarded<T> w = test.array<T>(planes * kernel * kernel);
    Guarded<T> out = test.array<T>((planes - 1) * out_plane + height * width);
    const Finish<T> finish(test, planes, out);
    const int64_t inner0 = std::min((left + stride - 1) / stride, width);
    const int64_t inner1 = used - right < kernel ? inner0 : std::max(inner0, (used - right - kernel) / stride + 1);
    test.with({{"kernel", kernel},
               {"stride", stride},
               {"height", height},
               {"width", width},
               {"left", left},
               {"right", right},
               {"channels", channels},
               {"multiplier", multiplier},
               {"out_plane", out_plane},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t p = 0; p < planes; ++p)
        for (int64_t i = 0; i < height; ++i)
            for (int64_t q = 0; q < width; ++q) {
                const double sum = sum_of_taps(
                    w.data() + p * kernel * kernel, kernel, i * stride, q * stride, [&](int64_t row, int64_t column) {
                        const bool in = column >= left && column < used - right;
                        return in ? rows[size_t(row)][p / multiplier * row_step[size_t(row)] + column] : T(0);
                    });
                const int64_t at = p * out_plane + i * width + q;
                expected.set(at, finish.of(T(sum), p, at));
            }
    k.depthwise_planes({rows.data(), row_step.data(), w.data(), inside.data(), out.data(), out_plane, channels,
                        multiplier, row_count, height, width, inner0, inner1, int32_t(kernel), int32_t(stride),
                        finish.epilogue()});
    test.compare(out, expected);
}

// Rows that lie whole or half pages apart, and output that begins so many bytes further behind a page.
template <class T>
void aligned_case(Test& test, const Kernels<T>& k, int64_t kernel, int64_t stride, int64_t width, int64_t distance) {
    constexpr int64_t PAGE = 4096 / int64_t(sizeof(T));
    const int64_t height = test.random.within(1, 8), row_count = (height - 1) * stride + kernel, left = kernel / 2;
    const int64_t pitch = width * stride, reach = pitch + kernel - 1;
    const Guarded<T> x = test.array<T>((row_count + 1) * pitch + PAGE + kernel);
    Guarded<T> out = test.array<T>(height * width + PAGE);
    const auto place = [](const T* p) { return int64_t(reinterpret_cast<uintptr_t>(p) / sizeof(T) % PAGE); };
    const int64_t start = (place(x.data()) + distance / int64_t(sizeof(T)) - place(out.data()) + 2 * PAGE) % PAGE;
    std::vector<const T*> rows;
    for (int64_t r = 0; r < row_count; ++r) rows.push_back(x.data() + r * pitch);
    const std::vector<int64_t> row_step(size_t(row_count), 0);
    Guarded<T> inside(test.random, reach);
    for (int64_t i = 0; i < reach; ++i) std::memset(&inside[i], i >= left && i < pitch + left ? 0xff : 0, sizeof(T));
    const Guarded<T> w = test.array<T>(kernel * kernel);
    const Finish<T> finish(test, 1, out);
    test.with({{"kernel", kernel},
               {"stride", stride},
               {"height", height},
               {"width", width},
               {"distance", distance},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t i = 0; i < height; ++i)
        for (int64_t q = 0; q < width; ++q) {
            const double sum = sum_of_taps(w.data(), kernel, i * stride, q * stride, [&](int64_t row, int64_t column) {
                return column >= left && column < pitch + left ? rows[size_t(row)][column] : T(0);
            });
            expected.set(start + i * width + q, finish.of(T(sum), 0, start + i * width + q));
        }
    k.depthwise_planes({rows.data(), row_step.data(), w.data(), inside.data(), out.data() + start, height * width, 1, 1,
                        row_count, height, width, (left + stride - 1) / stride, (pitch + left - kernel) / stride + 1,
                        int32_t(kernel), int32_t(stride), finish.epilogue()});
    test.compare(out, expected);
}

// Rows of which the first and the last outputs have copies of their own, and nothing else is to be read there.
template <class T>
void ends_case(Test& test, const Kernels<T>& k, int64_t kernel, int64_t stride, int64_t width) {
    const int64_t height = test.random.within(1, 14), row_count = (height - 1) * stride + kernel;
    const int64_t inner0 = test.random.within(0, 3), inner1 = width - test.random.within(0, 3);
    const int64_t reach = width * stride + kernel - 1, first = (inner0 + k.lanes - 1) / k.lanes * k.lanes,
                  last = (inner1 / k.lanes - 1) * k.lanes;
    const Guarded<T> x = test.array<T>(row_count * reach), w = test.array<T>(kernel * kernel);
    Guarded<T> parts(test.random, 3 * row_count * reach), inside(test.random, reach),
        out = test.array<T>(height * width);
    std::memset(inside.data(), 0xff, size_t(reach) * sizeof(T));
    std::vector<const T*> rows;
    const auto list = [&](int64_t begin, int64_t end) {
        for (int64_t r = 0; r < row_count; ++r) {
            T* const to = parts.data() + int64_t(rows.size()) * reach;
            for (int64_t i = 0; i < reach; ++i) to[i] = i >= begin && i < end ? x[r * reach + i] : NOTHING<T>;
            rows.push_back(to);
        }
    };
    list(inner0 * stride, (inner1 - 1) * stride + kernel + 1);
    list(0, first * stride + kernel - 1);
    list(last * stride, reach);
    const Finish<T> finish(test, 1, out);
    test.with({{"kernel", kernel},
               {"stride", stride},
               {"height", height},
               {"width", width},
               {"inner0", inner0},
               {"inner1", inner1},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t i = 0; i < height; ++i)
        for (int64_t q = 0; q < width; ++q) {
            const double sum = sum_of_taps(w.data(), kernel, i * stride, q * stride,
                                           [&](int64_t row, int64_t column) { return x[row * reach + column]; });
            expected.set(i * width + q, finish.of(T(sum), 0, i * width + q));
        }
    k.depthwise_planes({rows.data(), nullptr, w.data(), inside.data(), out.data(), height * width, 1, 1, row_count,
                        height, width, inner0, inner1, int32_t(kernel), int32_t(stride), finish.epilogue()});
    test.compare(out, expected);
}

}  // namespace

template <class T>
void Float<T>::depthwise_planes(Test& test, const Kernels<T>& k) {
    for (const int64_t kernel : {3, 5, 7})
        for (const int64_t stride : {1, 2})
            for (int64_t width = 4 * k.lanes + 3; width <= 16 * k.lanes; width += 5)
                ends_case(test, k, kernel, stride, width);
    constexpr int64_t PAGE = 4096 / int64_t(sizeof(T));
    for (const int64_t kernel : {3, 5, 7})
        for (const int64_t stride : {1, 2})
            for (const int64_t width : {PAGE / 2, PAGE, 3 * PAGE / 2})
                for (const int64_t distance : {0, 8, 64, 128, 192, 256, 1024, 2048, 3968})
                    aligned_case(test, k, kernel, stride, width, distance);
    for (const int64_t kernel : {3, 5, 7})
        for (const int64_t stride : {1, 2})
            for (int64_t width = 1; width <= 2 * k.lanes + 3; ++width)
                for (const int64_t height : {1, 2, 3, 4, 6, 7, 13}) planes_case(test, k, kernel, stride, height, width);
}

template <class T>
void pixels_case(Test& test, const Kernels<T>& k, int64_t channels, int64_t count, int64_t columns) {
    const int64_t rows = test.random.within(0, 4), pixel = channels + (test.random.one_in(2) ? 0 : channels + 1);
    const int64_t step = pixel * test.random.within(1, 3), column_step = pixel * test.random.within(1, 2);
    const int64_t w_step = channels + test.random.within(0, 3);
    const int64_t used = count && columns ? (count - 1) * step + (columns - 1) * column_step + channels : 0;
    std::vector<std::unique_ptr<Guarded<T>>> x, w;
    std::vector<TapRow<T>> list;
    for (int64_t r = 0; r < rows; ++r) {
        x.push_back(std::make_unique<Guarded<T>>(test.array<T>(used)));
        w.push_back(std::make_unique<Guarded<T>>(
            test.array<T>(columns ? (columns - 1) * w_step + std::max<int64_t>(channels, k.lanes) : 0)));
        list.push_back({x.back()->data(), w.back()->data()});
    }
    Guarded<T> out = test.array<T>(count * channels);
    const Finish<T> finish(test, channels, out);
    test.with({{"channels", channels},
               {"count", count},
               {"rows", rows},
               {"columns", columns},
               {"step", step},
               {"column_step", column_step},
               {"epilogue", finish.kind()}});
    Expected<T> expected(out);
    for (int64_t q = 0; q < count; ++q)
        for (int64_t c = 0; c < channels; ++c) {
            double sum = 0;
            for (int64_t r = 0; r < rows; ++r)
                for (int64_t s = 0; s < columns; ++s)
                    sum +=
                        double(list[size_t(r)].w[s * w_step + c]) * list[size_t(r)].x[q * step + s * column_step + c];
            expected.set(q * channels + c, finish.of(T(sum), c, q * channels + c));
        }
    k.depthwise_pixels(
        {list.data(), out.data(), rows, columns, count, step, column_step, w_step, channels, finish.epilogue()});
    test.compare(out, expected);
}

template <class T>
void Float<T>::depthwise_pixels(Test& test, const Kernels<T>& k) {
    for (int64_t channels = 1; channels <= 3 * k.lanes + 1; ++channels)
        for (int64_t count = 0; count <= 29; ++count)
            pixels_case(test, k, channels, count,
                        test.random.one_in(2) ? 3 + 2 * test.random.within(0, 2) : test.random.within(0, 9));
}

template <class T>
void Float<T>::depthwise_rows(Test& test, const Kernels<T>& k) {
    for (const int64_t kernel : {1, 2, 3, 5})
        for (const int64_t stride : {1, 2, 3})
            for (int64_t width = 1; width <= 7 * k.lanes; width += test.random.within(1, 4)) {
                const int64_t height = test.random.within(1, 8), period = k.lanes * test.random.within(1, 3);
                const int64_t kernel_w = test.random.one_in(2) ? kernel : kernel + 1;
                const int64_t count = (height - 1) * stride + kernel, out_row = width + test.random.within(0, 3);
                std::vector<int64_t> tap;
                for (int64_t s = 0; s < kernel_w; ++s) tap.push_back(test.random.within(0, 9));
                std::vector<std::unique_ptr<Guarded<T>>> x;
                std::vector<const T*> rows;
                for (int64_t r = 0; r < count; ++r) {
                    x.push_back(std::make_unique<Guarded<T>>(test.array<T>(9 + up_to_multiple(width, k.lanes))));
                    rows.push_back(x.back()->data());
                }
                Guarded<T> w = test.array<T>(kernel * kernel_w * period);
                Guarded<T> out = test.array<T>((height - 1) * out_row + width);
                const Finish<T> finish(test, period, out);
                test.with({{"kernel", kernel},
                           {"kernel_w", kernel_w},
                           {"stride", stride},
                           {"width", width},
                           {"height", height},
                           {"period", period},
                           {"epilogue", finish.kind()}});
                Expected<T> expected(out);
                for (int64_t i = 0; i < height; ++i)
                    for (int64_t e = 0; e < width; ++e) {
                        double sum = 0;
                        for (int64_t r = 0; r < kernel; ++r)
                            for (int64_t s = 0; s < kernel_w; ++s)
                                sum += double(rows[size_t(i * stride + r)][e + tap[size_t(s)]]) *
                                       w[(r * kernel_w + s) * period + e % period];
                        expected.set(i * out_row + e, finish.of(T(sum), e % period, i * out_row + e));
                    }
                k.depthwise_rows({rows.data(), tap.data(), w.data(), out.data(), out_row, height, width, period, kernel,
                                  kernel_w, stride, finish.epilogue()});
                test.compare(out, expected);
            }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
