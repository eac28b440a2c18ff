// Depthwise convolution: one input channel in each group, any number of output channels. Lanes are pixels, read in
// place, or channels.
#pragma once
#include <numeric>

#include "algorithm.h"

namespace convx::depthwise {

template <class T>
Algorithm<T> row();

// Weights of channels that lie side by side are packed for so many of them, beginning again after the last where they
// are fewer than lanes: then some neighbouring pixels together are whole vectors.
inline int64_t packed_channels(int64_t channels, int64_t lanes) {
    return channels >= lanes ? channels : std::lcm(channels, lanes);
}

bool has_kernel(const ConvShape& s);  // for rows; the rest is left to tiles of one output channel

// Channels in the lanes.
bool takes_channels(const ConvShape& s, double lanes, double element);
template <class T>
int64_t workspace_channels(const ConvShape& s, const Kernels<T>& k, int threads);
template <class T>
void run_channels(const ConvCall<T>& call);  // whose pixels or channels lie side by side

// Few channels side by side in input and output: elements in the lanes.
template <class T>
bool takes_few(const ConvShape& s, const Kernels<T>& k);
template <class T>
int64_t workspace_few(const ConvShape& s, const Kernels<T>& k, int threads);
template <class T>
void run_few(const ConvCall<T>& call);

template <class T>
bool writes_last(const ConvShape& shape, const View<const T>& x);  // channels side by side in input and output
template <class T>
int64_t workspace_last(const ConvShape& s, const Kernels<T>& k, int threads);
template <class T>
void run_last(const ConvCall<T>& call);

}  // namespace convx::depthwise
