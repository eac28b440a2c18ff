// Winograd convolution for kernels of up to seven taps along H and W: fewer multiplications, at a documented cost in
// accuracy.
#pragma once
#include "algorithm.h"
#include "winograd_schemes.h"

namespace convx::winograd {

// What "auto" may take: CONVX_WINOGRAD at first. Asking for it by name always works.
Level level();
void set_level(Level level);
inline bool allowed() { return level() != Level::off; }
Level level_named(const std::string& name);  // throws std::invalid_argument
const char* name_of(Level level);

template <class T>
Algorithm<T> row();

// U[group][slab of output channels][point][depth tap][input channel][nr]
template <class T>
PackedWeight<T> pack(const ConvSpec& spec, const T* weight, const Kernels<T>& k, int variant, int threads);

template <class T>
int64_t workspace(const ConvShape& s, const Kernels<T>& k, int threads, int variant);  // bytes for a run
template <class T>
void run(const ConvCall<T>& call);

}  // namespace convx::winograd
