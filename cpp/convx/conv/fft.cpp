#include "fft.h"

#include "../runtime/interrupt.h"

namespace convx::fft {
namespace {

template <class T>
int variant(const ConvShape& s, const Kernels<T>& k, winograd::Level) {
    return best_tile(s, cost::machine_of<T>(k, false)).tile.variant();
}

double cost(const ConvShape& s, const cost::Machine& m) {
    constexpr int64_t LEAST_TAPS = 16;  // fewer have cheaper ways
    if (s.taps() < LEAST_TAPS || !cost::worth_transforms(s, m)) return NOT_TAKEN;
    const BestTile best = best_tile(s, m);
    return best.cost + (m.packs_weight ? best.packing : 0);
}

// The spectrum of a piece of one channel's taps, scaled so that the inverse needs no factor.
template <class T>
class Spectrum {
  public:
    Spectrum(const TileTransform<T>& transform, const T* tables)
        : transform_(transform),
          tile_(transform.tile),
          tables_(tables),
          scale_(1 / static_cast<double>(tile_.points())),
          grid_(transform.turns() ? transform.grid.elements : 0) {}

    void make(const T* weight, int64_t piece, T* spectrum) {
        x_ = transform_.turns() ? grid_.data() : spectrum;
        std::fill_n(x_, transform_.grid.elements, T(0));
        const auto taps = [](const TileAxis& a, int64_t i) { return Pieces{a.taps, a.piece}.at(i); };
        const Tile::Piece p = tile_.piece(piece);
        const Range d = taps(tile_.d, p.d), h = taps(tile_.h, p.h), w = taps(tile_.w, p.w);
        for (int64_t t = d.begin; t < d.end; ++t)
            for (int64_t r = h.begin; r < h.end; ++r)
                for (int64_t s = w.begin; s < w.end; ++s)
                    place(weight[(t * tile_.h.taps + r) * tile_.w.taps + s], t - d.begin, r - h.begin, s - w.begin);
        transform_.forward(tables_, x_, spectrum);
    }

  private:
    // Where a tap lies: backwards, as output o wants input o + tap * dilation. Along an axis that is not transformed it
    // is everywhere.
    static Range positions(const TileAxis& a, int64_t tap) {
        if (!a.transformed()) return {0, a.length};
        const int64_t at = tap ? a.length - tap * a.dilation : 0;
        return {at, at + 1};
    }

    void place(T weight, int64_t t, int64_t r, int64_t s) {
        const T value = static_cast<T>(static_cast<double>(weight) * scale_);
        const Range d = positions(tile_.d, t), h = positions(tile_.h, r), w = positions(tile_.w, s);
        const int64_t row = transform_.grid.row, cols = tile_.cols();
        for (int64_t z = d.begin; z < d.end; ++z)
            for (int64_t y = h.begin; y < h.end; ++y)
                for (int64_t x = w.begin; x < w.end; ++x)
                    x_[(z * tile_.h.length + y + x / cols) * row + x % cols] = value;
    }

    const TileTransform<T>& transform_;
    const Tile& tile_;
    const T* const tables_;
    const double scale_;
    const Buffer<T> grid_;
    T* x_ = nullptr;  // the grid, or where the spectrum is to be
};

// The spectra of input channel c of some by some output channels to their places, as fft_products wants them.
template <class T>
void spread(const Grid& grid, const T* spectra, int64_t c, int64_t channels, int64_t outputs, const Kernels<T>& k,
            T* to) {
    const int64_t lanes = k.lanes, whole = outputs / k.fft_outputs * k.fft_outputs;
    for (int64_t j = 0; j < grid.length; ++j)
        for (int64_t i = 0; i < grid.signals; i += lanes, to += 2 * lanes * channels * outputs)
            for (int64_t o = 0; o < outputs; ++o) {
                const int64_t block = o < whole ? k.fft_outputs : 1;
                const T* const from = spectra + o * grid.elements + j * grid.row + i;
                T* const at = to + 2 * lanes * ((o / block * channels + c) * block + o % block);
                std::copy_n(from, lanes, at);
                std::copy_n(from + grid.imaginary, lanes, at + lanes);
            }
}

int64_t product(std::initializer_list<int64_t> factors) {
    int64_t all = 1;
    for (const int64_t f : factors)
        if (__builtin_mul_overflow(all, f, &all)) throw std::bad_alloc();
    return all;
}

template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant, int) {
    const Packing<T> p(spec.window[0], spec.window[1], spec.window[2], spec.c_per_group, spec.k_per_group(), k,
                       variant);
    const int64_t elements = product({spec.groups, p.outputs, p.channels, p.vector});
    PackedWeight<T> packed{Buffer<T>(elements + p.transform.table_elements())};
    T* const data = packed.data.data();
    p.transform.fill_tables(data);
    Spectrum<T> spectrum(p.transform, data);
    const Grid& grid = p.transform.spectrum;
    const Buffer<T> spectra(p.groups.outputs.size * grid.elements);
    std::fill_n(spectra.data(), spectra.size(), T(0));
    const auto pack_channel = [&](int64_t g, Range ks, Range cs, int64_t c) {
        for (int64_t o = 0; o < ks.size(); ++o) {
            checkpoint();
            const int64_t channel = (g * p.outputs + ks.begin + o) * spec.c_per_group + c / p.pieces;
            spectrum.make(weight + channel * spec.taps(), c % p.pieces, spectra.data() + o * grid.elements);
        }
        spread(grid, spectra.data(), c - cs.begin, cs.size(), ks.size(), k, data + p.offset(g, ks, cs));
    };
    for (int64_t g = 0; g < spec.groups; ++g)
        for (int64_t i = 0; i < p.groups.outputs.count(); ++i)
            for (int64_t j = 0; j < p.groups.channels.count(); ++j) {
                const Range cs = p.groups.channels.at(j);
                for (int64_t c = cs.begin; c < cs.end; ++c) pack_channel(g, p.groups.outputs.at(i), cs, c);
            }
    return packed;
}

}  // namespace

template <class T>
Algorithm<T> row() {
    Algorithm<T> a;
    a.name = "fft";
    a.summary = "large kernels: products of Fourier transforms of tiles, at a small cost in accuracy";
    a.spreads_nonfinite = true;
    a.cost = cost;
    a.variant = variant<T>;
    a.pack = pack<T>;
    a.workspace = workspace<T>;
    a.run = run<T>;
    a.in_place = any_shape<T>;
    return a;
}

#define CONVX_INSTANTIATE(T) template Algorithm<T> row();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::fft
