// The traits of the instruction set this file is compiled for, and its register tile MR x (2 vectors).
//   AVX-512: 32 registers = 14*2 accumulators + 2 vectors of B + 1 broadcast, 1 spare
//   AVX2:    16 registers =  6*2 accumulators + 2 vectors of B + 1 broadcast, 1 spare
//   SSE2:    16 registers =  4*2 accumulators + 2 vectors of B + broadcast + product (no FMA)
//   NEON:    32 registers = 12*2 accumulators + 2 vectors of B + broadcasts
// Two FMA ports x 4 cycles of latency need 8 accumulators in flight.
#pragma once

namespace convx::CONVX_ISA {

// HAS_FMA: one instruction multiplies and adds; else a product takes a register of its own.
// HALF_BYTES: of the vectors of which two take the time of one; 0 where none do.
#if defined(__AVX512F__) || defined(CONVX_EMULATE_AVX512)
constexpr int VECTOR_BYTES = 64, HALF_BYTES = 32, REGISTERS = 32, MR = 14, PIXEL_ROWS = 8;
constexpr bool HAS_FMA = true;
#elif defined(__AVX2__)
constexpr int VECTOR_BYTES = 32, HALF_BYTES = 0, REGISTERS = 16, MR = 6, PIXEL_ROWS = 6;
constexpr bool HAS_FMA = true;
#elif defined(__aarch64__)
constexpr int VECTOR_BYTES = 16, HALF_BYTES = 0, REGISTERS = 32, MR = 12, PIXEL_ROWS = 8;
constexpr bool HAS_FMA = true;
#else
constexpr int VECTOR_BYTES = 16, HALF_BYTES = 0, REGISTERS = 16, MR = 4, PIXEL_ROWS = 4;
constexpr bool HAS_FMA = false;
#endif

// Dot products of 8-bit parts in one instruction; without it, there are no kernels for them.
#if defined(__AVX512VNNI__)
#define CONVX_DOT_BYTES
constexpr bool VNNI = true;
#else
constexpr bool VNNI = false;
#endif

template <class T>
constexpr int LANES = VECTOR_BYTES / static_cast<int>(sizeof(T));

// Fewer shapes of tiles, and less code: for doubles, which are rarer, and where there are no registers for more.
template <class T>
constexpr bool FEW_TILES = sizeof(T) > sizeof(float) || !HAS_FMA;
template <class T>
constexpr int HALF_LANES = FEW_TILES<T> ? 0 : HALF_BYTES / static_cast<int>(sizeof(T));

constexpr int NV = 2;
template <class T>
constexpr int NR = NV * LANES<T>;

constexpr int PIXEL_REGISTERS = REGISTERS - (HAS_FMA ? 1 : 2);  // but for a weight and, without FMA, a product

// Output channels whose spectra are summed together: complex numbers, of two tiles.
constexpr int FFT_OUTPUTS = REGISTERS >= 32 ? 4 : 2;

constexpr int DOT_ROWS = PIXEL_ROWS < 8 ? 4 : 8;  // of a pixel tile of integers

}  // namespace convx::CONVX_ISA
