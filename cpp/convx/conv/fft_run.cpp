// One call: bands of pairs of tiles are transformed, multiplied by the weight's spectra, and transformed back. Threads
// take bands and groups of output channels or, where there are too few, share each of these steps.
#include <algorithm>

#include "../data/patch.h"
#include "../runtime/interrupt.h"
#include "../runtime/parallel.h"
#include "../runtime/workspace.h"
#include "fft.h"

namespace convx::fft {
namespace {

constexpr int64_t TASKS_PER_THREAD = 4;

// Outputs of a tile, in the order of D, H and W.
struct TileGrid {
    Pieces d, h, w;
    TileGrid(const ConvShape& s, const Tile& t)
        : d{s.d.out, std::min(t.d.outputs(), s.d.out)},
          h{s.h.out, std::min(t.h.outputs(), s.h.out)},
          w{s.w.out, std::min(t.w.outputs(), s.w.out)} {}
    int64_t count() const { return d.count() * h.count() * w.count(); }
    Block at(int64_t i) const {
        const Range x = w.at(i % w.count()), y = h.at(i / w.count() % h.count()), z = d.at(i / w.count() / h.count());
        return {z.begin, z.end, y.begin, y.end, x.begin, x.end};
    }
};

struct Task {
    int64_t image, group;
    Range pairs, outputs;  // groups of output channels
};

template <class T>
struct Setup {
    const Packing<T> packing;
    const TileTransform<T>& transform;
    const ConvShape padded;
    const TileGrid tiles;
    const bool shares;          // the steps of a band, rather than that each thread reads all spectra of weights
    const Pieces bands, parts;  // of pairs of tiles, of groups of output channels
    PatchMaker<T> maker;
    Workspace workspace;
    Part<int64_t> columns;
    Part<T> patch, grid, z, m;

    Setup(const ConvShape& s, const View<const T>& x, const Kernels<T>& k, int threads, int variant)
        : packing(s.d, s.h, s.w, s.c_per_group(), s.k_per_group(), k, variant),
          transform(packing.transform),
          padded(padded_input(s)),
          tiles(s, transform.tile),
          shares(share(s, threads)),
          bands(cut(s, shares ? 1 : threads)),
          parts(cut_outputs(s, threads)),
          maker(padded, x, {tile().d.length, tile().h.length, tile().w.length, 1, 1, 1, 1}, k),
          workspace(threads),
          columns(workspace.shared<int64_t>(maker.table_elements())),
          patch(workspace.own<T>(maker.scratch_elements())),
          grid(workspace.own<T>(transform.turns() ? transform.grid.elements : 0)),
          z(spectra(bands.size * channels())),
          m(spectra(bands.size * outputs())) {}

    const Tile& tile() const { return transform.tile; }
    int64_t channels() const { return packing.groups.channels.size; }
    int64_t outputs() const { return packing.groups.outputs.size; }
    int64_t pairs() const { return ceil_div(tiles.count(), 2); }
    int64_t tasks(const ConvShape& s) const { return s.n * s.groups * bands.count() * parts.count(); }

    Task at(const ConvShape& s, int64_t i) const {
        const int64_t part = i % parts.count(), band = i / parts.count() % bands.count();
        const int64_t map = i / parts.count() / bands.count();
        return {map / s.groups, map % s.groups, bands.at(band), parts.at(part)};
    }

  private:
    Part<T> spectra(int64_t count) {
        const int64_t elements = count * transform.spectrum.elements;
        return shares ? workspace.shared<T>(elements) : workspace.own<T>(elements);
    }

    // Where the weight's spectra come from afar, each pass over them counts, if there are channels for all threads.
    bool share(const ConvShape& s, int threads) const {
        const Groups& groups = packing.groups;
        return threads > 1 && streams(groups, packing.spectrum_bytes()) && groups.channels.count() == 1 &&
               groups.channels.size >= TASKS_PER_THREAD * threads && s.n * s.groups * cut(s, 1).count() < 2 * threads;
    }

    Pieces cut(const ConvShape& s, int threads) const {
        int64_t most = pairs_at_once(packing.groups, packing.spectrum_bytes());
        if (threads > 1) most = std::min(most, ceil_div(s.n * s.groups * pairs(), TASKS_PER_THREAD * threads));
        return {pairs(), even_part(pairs(), std::max<int64_t>(most, 1))};
    }

    Pieces cut_outputs(const ConvShape& s, int threads) const {
        const int64_t groups = packing.groups.outputs.count(),
                      tasks = std::max<int64_t>(s.n * s.groups * bands.count(), 1);
        const int64_t count = threads > 1 ? std::min(groups, ceil_div(2 * threads, tasks)) : 1;
        return {groups, ceil_div(groups, count)};
    }
};

template <class T>
class Worker {
  public:
    Worker(const ConvCall<T>& call, const Setup<T>& setup, int thread)
        : call_(call),
          s_(call.shape),
          k_(call.kernels),
          setup_(setup),
          transform_(setup.transform),
          tile_(setup.tile()),
          patch_(setup.workspace.at(setup.patch, thread)),
          grid_(setup.workspace.at(setup.grid, thread)),
          z_(setup.workspace.at(setup.z, thread)),
          m_(setup.workspace.at(setup.m, thread)) {}

    void run(const Task& task) {
        const Groups& groups = setup_.packing.groups;
        const int64_t chunks = groups.channels.count();
        for (int64_t i = task.outputs.begin; i < task.outputs.end; ++i) {
            for (int64_t j = 0; j < chunks; ++j) {
                const Range channels = groups.channels.at(j);
                if (chunks > 1 || i == task.outputs.begin) transform_input(task, channels, {0, channels.size()});
                multiply(task, groups.outputs.at(i), channels, {0, transform_.spectrum.length});
            }
            transform_output(task, groups.outputs.at(i), {0, groups.outputs.at(i).size()});
        }
    }

    // Z[pair][channel], `some` of all these.
    void transform_input(const Task& task, Range all, Range some) {
        for (int64_t pair = task.pairs.begin; pair < task.pairs.end; ++pair)
            for (int64_t c = some.begin; c < some.end; ++c) {
                checkpoint();
                T* const z = z_ + ((pair - task.pairs.begin) * all.size() + c) * elements();
                T* const grid = grid_of(z);
                load(task, 2 * pair, all.begin + c, grid);
                if (2 * pair + 1 < setup_.tiles.count())
                    load(task, 2 * pair + 1, all.begin + c, grid + transform_.grid.imaginary);
                else
                    clear(grid + transform_.grid.imaginary);
                transform_.forward(tables(), grid, z);
            }
    }

    // M[pair][output channel], some of its rows.
    void multiply(const Task& task, Range outputs, Range channels, Range rows) {
        const Grid& g = transform_.spectrum;
        const T* const u = tables() + setup_.packing.offset(task.group, outputs, channels);
        const int64_t vectors = g.signals / k_.lanes, each = 2 * k_.lanes * outputs.size() * channels.size();
        const int64_t steps = std::max<int64_t>(task.pairs.size() * vectors * each, 1);
        in_pieces(rows.size(), std::max<int64_t>(CHECKED_STEPS * k_.lanes / steps, 1), [&](int64_t i, int64_t count) {
            const int64_t first = rows.begin + i;
            k_.fft_products({z_ + first * g.row, u + first * vectors * each, m_ + first * g.row, count, g.row,
                             g.imaginary, g.signals, task.pairs.size(), channels.size(), outputs.size(),
                             channels.size() * elements(), elements(), outputs.size() * elements(), elements(),
                             channels.begin == 0});
        });
    }

    void transform_output(const Task& task, Range all, Range some) {
        for (int64_t pair = task.pairs.begin; pair < task.pairs.end; ++pair)
            for (int64_t k = some.begin; k < some.end; ++k) {
                checkpoint();
                T* const m = m_ + ((pair - task.pairs.begin) * all.size() + k) * elements();
                T* const grid = grid_of(m);
                transform_.inverse(tables(), m, grid);
                const int64_t channel = task.group * s_.k_per_group() + all.begin + k;
                store(task.image, channel, 2 * pair, grid);
                if (2 * pair + 1 < setup_.tiles.count())
                    store(task.image, channel, 2 * pair + 1, grid + transform_.grid.imaginary);
            }
    }

  private:
    int64_t elements() const { return transform_.spectrum.elements; }
    const T* tables() const { return call_.weight.data.data(); }
    T* grid_of(T* spectrum) const { return transform_.turns() ? grid_ : spectrum; }

    // The inputs of a tile for a channel and a piece of the taps.
    void load(const Task& task, int64_t tile, int64_t c, T* to) {
        const int64_t pieces = setup_.packing.pieces, channel = c / pieces;
        const Tile::Piece piece = tile_.piece(c % pieces);
        const Block outputs = setup_.tiles.at(tile);
        const auto start = [](const TileAxis& a, int64_t output, int64_t i) {
            return output * a.stride + i * a.piece * a.dilation;
        };
        const int64_t z = start(tile_.d, outputs.d0, piece.d), y = start(tile_.h, outputs.p0, piece.h),
                      x = start(tile_.w, outputs.q0, piece.w);
        const Block inputs{z, z + tile_.d.length, y, y + tile_.h.length, x, x + tile_.w.length};
        const Patch<T> patch =
            setup_.maker.make(task.image, task.group * s_.c_per_group(), channel, channel + 1, inputs, patch_);
        const int64_t row = transform_.grid.row;
        if (tile_.folded()) {
            k_.copy_rows({patch.x, to, tile_.rows(), tile_.cols(), row, 1, 0, tile_.cols(), 0, T(0)});
            return;
        }
        for (int64_t i = 0; i < tile_.d.length; ++i)
            k_.copy_rows({patch.x + i * patch.out_d, to + i * tile_.h.length * row, tile_.h.length, patch.out_p, row, 1,
                          0, tile_.cols(), 0, T(0)});
    }

    void clear(T* to) { k_.copy_rows({to, to, tile_.rows(), 0, transform_.grid.row, 1, tile_.cols(), 0, 0, T(0)}); }

    void store(int64_t image, int64_t channel, int64_t tile, const T* from) {
        const Block b = setup_.tiles.at(tile);
        FftStore<T> store{};
        store.epilogue = call_.epilogue;
        if (store.epilogue.bias) store.epilogue.bias += channel;
        store.step = tile_.w.stride;
        store.out_row = s_.w.out;
        T* const out = call_.out_at(image, channel, b.q0);
        if (tile_.folded()) return store_folded(b, from, out + (b.d0 * s_.h.out + b.p0) * s_.w.out, store);
        store.rows = b.p1 - b.p0;
        store.count = b.cols();
        store.x_row = tile_.h.stride * transform_.grid.row;
        for (int64_t d = b.d0; d < b.d1; ++d) {
            store.x = from + (d - b.d0) * tile_.d.stride * tile_.h.length * transform_.grid.row;
            store.out = out + (d * s_.h.out + b.p0) * s_.w.out;
            k_.fft_store(store);
        }
    }

    // Row by row: each holds the outputs that follow those of the row before.
    void store_folded(const Block& b, const T* from, T* out, FftStore<T> store) {
        const int64_t cols = tile_.cols(), step = tile_.w.stride;
        store.rows = 1;
        for (int64_t row = 0, i = 0; i < b.cols(); ++row) {
            const int64_t end = std::min(ceil_div((row + 1) * cols, step), b.cols());
            store.count = end - i;
            store.x = from + row * transform_.grid.row + (i * step - row * cols);
            store.out = out + i;
            if (end > i) k_.fft_store(store);
            i = end;
        }
    }

    const ConvCall<T>& call_;
    const ConvShape& s_;
    const Kernels<T>& k_;
    const Setup<T>& setup_;
    const TileTransform<T>& transform_;
    const Tile& tile_;
    T *const patch_, *const grid_, *const z_, *const m_;
};

template <class T>
void run_shared(const ConvCall<T>& call, const Setup<T>& setup) {
    const Pieces& all = setup.packing.groups.outputs;
    const Range channels{0, setup.channels()};
    const int64_t rows = setup.transform.spectrum.length, step = ceil_div(rows, TASKS_PER_THREAD * call.threads);
    for (int64_t band = 0; band < setup.tasks(call.shape); band += setup.parts.count()) {
        const Task task = setup.at(call.shape, band);
        parallel_pieces({channels.size(), 1}, call.threads, [&](const Range& some, int thread) {
            Worker<T>(call, setup, thread).transform_input(task, channels, some);
        });
        for (int64_t i = 0; i < all.count(); ++i) {
            const Range outputs = all.at(i);
            parallel_pieces({rows, step}, call.threads, [&](const Range& some, int thread) {
                Worker<T>(call, setup, thread).multiply(task, outputs, channels, some);
            });
            parallel_pieces({outputs.size(), 1}, call.threads, [&](const Range& some, int thread) {
                Worker<T>(call, setup, thread).transform_output(task, outputs, some);
            });
        }
    }
}

}  // namespace

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant) {
    return Setup<T>(s, {nullptr, 0, 0, 0, 0, 1}, k, threads, variant).workspace.bytes();
}

template <class T>
void run(const ConvCall<T>& call) {
    Setup<T> setup(call.shape, call.x, call.kernels, call.threads, call.variant);
    setup.workspace.allocate();
    setup.maker.fill_table(setup.workspace.at(setup.columns));
    for (int i = 0; i < call.threads; ++i) {
        // Lanes that hold no signal are transformed like the others: no slow denormals there.
        const auto clear = [&](Part<T> part, const Grid& grid, int64_t count) {
            if (!grid.full) std::fill_n(setup.workspace.at(part, i), count * grid.elements, T(0));
        };
        if (setup.transform.turns()) clear(setup.grid, setup.transform.grid, 1);
        clear(setup.z, setup.transform.spectrum, setup.bands.size * setup.channels());
    }
    if (setup.shares) return run_shared(call, setup);
    parallel_tasks(setup.tasks(call.shape), call.threads,
                   [&](int64_t task, int thread) { Worker<T>(call, setup, thread).run(setup.at(call.shape, task)); });
}

#define CONVX_INSTANTIATE(T)                                                   \
    template int64_t workspace(const ConvShape&, const Kernels<T>&, int, int); \
    template void run(const ConvCall<T>&);
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::fft
