// Convolution by Fourier transforms: tiles of the input, two at a time, one as real and one as imaginary part, are
// multiplied by the weight's spectra and transformed back. Its time hardly grows with the kernel.
#pragma once
#include "algorithm.h"
#include "fft_tile_transform.h"

namespace convx::fft {

template <class T>
Algorithm<T> row();

// What a weight is packed into: tables of the transforms, then its spectra, U[group][group of output channels][group of
// input channels][frequency/lanes][block of output channels][input channel][output channel][real, imaginary][lane], as
// fft_products has it; an input channel is a channel and a piece of the taps.
template <class T>
struct Packing {
    const TileTransform<T> transform;
    const int64_t channels, outputs, pieces;  // of a group of the convolution
    const Groups groups;
    const int64_t vector;  // frequencies of a pair of channels, in elements

    template <class Window>
    Packing(const Window& d, const Window& h, const Window& w, int64_t channels_, int64_t outputs_, const Kernels<T>& k,
            int variant)
        : transform(tile_of(d, h, w, sizeof(T), variant), k),
          channels(channels_ * transform.tile.pieces()),
          outputs(outputs_),
          pieces(transform.tile.pieces()),
          groups(groups_of(channels, outputs, spectrum_bytes())),
          vector(2 * transform.spectrum.frequencies()) {}

    int64_t spectrum_bytes() const { return transform.spectrum.elements * static_cast<int64_t>(sizeof(T)); }
    // Of the spectra of these output channels by these input channels.
    int64_t offset(int64_t group, Range k, Range c) const {
        return transform.table_elements() + vector * ((group * outputs + k.begin) * channels + k.size() * c.begin);
    }
};

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant);  // bytes for a run
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::fft
