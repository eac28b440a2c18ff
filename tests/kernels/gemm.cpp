// Matrix products and what feeds them.
#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

// Several panels of columns in one call; read where their taps lie and packed, or packed before, for several panels of
// rows and with rows to be cached.
template <class T>
void many_panels(Test& test, const Kernels<T>& k, int64_t rows, int64_t more, int64_t cols, bool packs) {
    const int64_t below = packs ? 0 : test.random.within(0, test.random.one_in(3) ? 10 : 2);
    const int64_t all_rows = rows * (below + 1);
    const bool first = packs || test.random.one_in(2), last = !test.random.one_in(3);
    const int64_t depth = test.random.within(1, 11), nr = k.nr, ldb = packs ? (more + 1) * nr + 3 : nr;
    const int64_t taps = packs ? test.random.within(1, 3) : 1, first_tap = test.random.within(0, taps - 1);
    const std::vector<int64_t> tap{0, 3, 1};
    const auto row_of_b = [&](int64_t d) { return (first_tap + d) / taps * ldb + tap[size_t((first_tap + d) % taps)]; };
    const int64_t b_panel = packs ? nr : depth * nr, all = more * nr + cols, ldc = all + test.random.within(0, 5);
    const int64_t a_panel = depth * rows + test.random.within(0, 3);
    const Guarded<T> a = test.array<T>(below * a_panel + depth * rows);
    const Guarded<T> b = test.array<T>((more + 1) * nr * depth + 3 * depth);
    Guarded<T> c = test.array<T>((all_rows - 1) * ldc + all), packed = test.array<T>((more + 1) * depth * nr);
    const Finish<T> finish(test, all_rows, c);
    test.with({{"rows", rows},
               {"below", below},
               {"more", more},
               {"cols", cols},
               {"depth", depth},
               {"first", first},
               {"last", last},
               {"packs", packs}});
    Expected<T> expected(c), copy(packed);
    for (int64_t i = 0; i < all_rows; ++i)
        for (int64_t j = 0; j < all; ++j) {
            double sum = first ? 0 : c[i * ldc + j];
            for (int64_t d = 0; d < depth; ++d)
                sum += double(a[i / rows * a_panel + d * rows + i % rows]) * b[j / nr * b_panel + row_of_b(d) + j % nr];
            expected.set(i * ldc + j, last ? finish.of(T(sum), i, i * ldc + j) : T(sum));
        }
    GemmTile<T> t{a.data(), b.data(),      c.data(),      depth, rows, ldb,
                  ldc,      int32_t(rows), int32_t(cols), first, last, finish.epilogue()};
    t.far_c = test.random.one_in(2);
    t.far_below = test.random.one_in(2);
    t.below = below;
    t.a_panel = a_panel;
    t.more = more;
    t.b_panel = b_panel;
    if (packs) {
        t.packed = packed.data();
        t.tap = tap.data();
        t.taps = taps;
        t.first_tap = first_tap;
        for (int64_t i = 0; i < packed.size; ++i)
            copy.set(i, b[i / (depth * nr) * nr + row_of_b(i / nr % depth) + i % nr]);
    } else {
        t.ahead = b.data();
        t.ahead_row = nr;
        t.ahead_count = test.random.within(0, depth);
        t.ahead_each = test.random.within(0, depth);
    }
    k.gemm_tile(t);
    test.compare(c, expected);
    test.compare(packed, copy);
}

}  // namespace

template <class T>
void Float<T>::gemm_tile(Test& test, const Kernels<T>& k) {
    for (int64_t rows = 1; rows <= k.mr; ++rows)
        for (int64_t cols = 1; cols <= k.nr; ++cols)
            for (int flags = 0; flags < 4; ++flags) {
                const bool first = flags & 1, last = flags & 2;
                const int64_t depth = test.random.within(0, 7), lda = rows + test.random.within(0, 3);
                const int64_t width = up_to_multiple(cols, k.lanes), ldb = width + test.random.within(0, 5);
                const int64_t ldc = cols + test.random.within(0, 5);
                const Guarded<T> a = test.array<T>(depth ? (depth - 1) * lda + rows : 0);
                const Guarded<T> b = test.array<T>(depth ? (depth - 1) * ldb + width : 0);
                Guarded<T> c = test.array<T>((rows - 1) * ldc + cols);
                const Finish<T> finish(test, rows, c);
                test.with({{"rows", rows},
                           {"cols", cols},
                           {"depth", depth},
                           {"lda", lda},
                           {"ldb", ldb},
                           {"ldc", ldc},
                           {"first", first},
                           {"last", last},
                           {"epilogue", finish.kind()}});
                Expected<T> expected(c);
                for (int64_t i = 0; i < rows; ++i)
                    for (int64_t j = 0; j < cols; ++j) {
                        double sum = first ? 0 : c[i * ldc + j];
                        for (int64_t d = 0; d < depth; ++d) sum += double(a[d * lda + i]) * b[d * ldb + j];
                        expected.set(i * ldc + j, last ? finish.of(T(sum), i, i * ldc + j) : T(sum));
                    }
                k.gemm_tile({a.data(), b.data(), c.data(), depth, lda, ldb, ldc, int32_t(rows), int32_t(cols), first,
                             last, finish.epilogue(), test.random.one_in(2)});
                test.compare(c, expected);
            }
    for (int64_t rows = 1; rows <= k.mr; ++rows)
        for (int64_t more = 0; more < 3; ++more) {
            many_panels(test, k, rows, more, k.nr, true);
            for (int64_t cols = 1; cols <= k.nr; ++cols) many_panels(test, k, rows, more, cols, false);
        }
}

template <class T>
void Float<T>::pack_panel(Test& test, const Kernels<T>& k) {
    for (int64_t cols = 1; cols <= k.nr; ++cols)
        for (int i = 0; i < 12; ++i) {
            const int64_t taps = test.random.within(1, 4), channels = test.random.within(1, 12 / taps);
            const int64_t dst_row = cols + test.random.within(0, 3), k0 = test.random.within(0, taps * channels - 1);
            const int64_t k1 = test.random.within(k0, taps * channels);
            std::vector<int64_t> tap;
            for (int64_t t = 0; t < taps; ++t) tap.push_back(test.random.within(0, 9));
            std::vector<Run> runs;
            int64_t reach = 0;
            for (int64_t at = 0, count; at < cols; at += count) {
                count = test.random.within(1, std::min<int64_t>(cols - at, k.lanes));
                runs.push_back({at, test.random.within(0, 40)});
                reach = std::max(reach, runs.back().src + count);
            }
            // Channels that overlap run into the end one by one.
            const int64_t x_channel = test.random.within(0, 3) + (test.random.one_in(3) ? 0 : reach + 9);
            const int64_t room = test.random.one_in(2) ? 0 : k.lanes;  // without: the last vectors are read in part
            const Guarded<T> x = test.array<T>((channels - 1) * x_channel + reach + 9 + room);
            Guarded<T> dst = test.array<T>((k1 - k0) * dst_row + k.lanes);
            test.with({{"cols", cols}, {"runs", double(runs.size())}, {"taps", taps}, {"k0", k0}, {"k1", k1}});
            Expected<T> expected(dst);
            expected.leave_open(0, dst.size);
            for (int64_t term = k0; term < k1; ++term)
                for (size_t r = 0; r < runs.size(); ++r) {
                    const int64_t next = r + 1 < runs.size() ? runs[r + 1].dst : cols;
                    for (int64_t j = 0; j < next - runs[r].dst; ++j) {
                        const int64_t to = (term - k0) * dst_row + runs[r].dst + j;
                        expected.set(to, x[term / taps * x_channel + tap[size_t(term % taps)] + runs[r].src + j]);
                        expected.open[size_t(to)] = false;
                    }
                }
            k.pack_panel({x.data(), x.data() + x.size, dst.data(), tap.data(), runs.data(), taps, x_channel, k0, k1,
                          dst_row, int32_t(runs.size()), int32_t(cols)});
            test.compare(dst, expected);
        }
}

template <class T>
void Float<T>::transpose_pack(Test& test, const Kernels<T>& k) {
    for (int64_t rows = 1; rows <= 2 * k.lanes + 1; ++rows)
        for (int64_t depth = 0; depth <= 2 * k.lanes + 1; ++depth) {
            const int64_t width = rows + (test.random.one_in(2) ? 0 : test.random.within(0, k.nr));
            const int64_t src_row = depth + test.random.within(0, 3);
            const Guarded<T> src = test.array<T>((rows - 1) * src_row + depth);
            Guarded<T> dst = test.array<T>(depth * width);
            test.with({{"rows", rows}, {"depth", depth}, {"src_row", src_row}, {"width", width}});
            Expected<T> expected(dst);
            for (int64_t d = 0; d < depth; ++d)
                for (int64_t i = 0; i < width; ++i) expected.set(d * width + i, i < rows ? src[i * src_row + d] : T(0));
            k.transpose_pack({src.data(), dst.data(), rows, depth, src_row, width});
            test.compare(dst, expected);
        }
}

}  // namespace convx::CONVX_ISA

#include "../../cpp/kernels/instances.h"
