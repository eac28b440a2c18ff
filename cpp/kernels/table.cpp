// The kernels of the instruction set this directory is compiled for.
#include "kernels.h"
#include "tile.h"

namespace convx::CONVX_ISA {

template <class T>
void gemm_tile(const GemmTile<T>&);
struct Multiply;
template <class T, class Op>
void direct_tile(const DirectTile<T>&);
template <class T>
void pack_weight(const WeightPack<T>&);
template <class T>
void winograd_weight(const WinogradWeight<T>&);
template <class T>
void winograd_input(const WinogradInput<T>&);
template <class T>
void winograd_output(const WinogradOutput<T>&);
template <class T>
void depthwise_planes(const DepthwisePlanes<T>&);
template <class T>
void depthwise_pixels(const DepthwisePixels<T>&);
template <class T>
void pixel_tile(const PixelTile<T>&);
template <class T>
void pack_panel(const PanelPack<T>&);
template <class T>
void copy_rows(const RowCopy<T>&);
template <class T>
void split_rows(const RowSplit<T>&);
template <class T>
void transpose_rows(const RowTranspose<T>&);
template <class T>
void sample_rows(const SampleRows<T>&);
template <class T>
void add_rows(const RowAdd<T>&);
template <class T>
void interleave_rows(const Interleave<T>&);
template <class T>
void reduce_max(const Reduce<T>&);
template <class T>
void reduce_sum(const Reduce<T>&);
template <class T>
void average(T*, const T*, T, int64_t);
template <class T>
struct FiniteMax;
template <class T>
struct Max;
template <class T>
struct Sum;
template <class T, class Op>
bool pool_rows(const PoolRows<T>&);
template <class T, class Op>
bool pool_tall(const PoolTall<T>&);
template <class T, class Op>
void pool_columns(const PoolColumns<T>&);
template <class T, class Op>
bool pool_small(const PoolSmall<T>&);
template <class T>
void images_max(const PoolImages<T>&);
template <class T>
void images_average(const PoolImages<T>&);
template <class T>
void pool_argmax(const PoolArgmax<T>&);
template <class T>
void pool_argmax_row(const PoolArgmaxRow<T>&);
template <class T>
void reduce_abs(const Reduce<T>&);
template <class T>
void reduce_squares(const Reduce<T>&);
template <class T>
void reduce_abs_max(const Reduce<T>&);
template <class Wide, class T>
void widen(void*, const void*, int64_t, int64_t);
template <class Wide, class T>
void narrow(void*, const void*, int64_t);
template <class T>
bool all_finite(const T*, int64_t);
template <class T>
double fma_burst(int64_t, T*);
template <class T>
void row_dots(const RowDots<T>&);
template <class T>
void winograd_spread(const WinogradInput<T>&);
template <class T>
void winograd_taps(const WinogradTaps<T>&);
template <class T>
double sum(const T*, int64_t);

namespace {

template <class T, class Op>
constexpr PoolKernels<T> pool_kernels() {
    return {pool_rows<T, Op>, pool_tall<T, Op>, pool_columns<T, Op>, pool_small<T, Op>};
}

template <class T>
constexpr Kernels<T> kernels_for() {
    Kernels<T> k{};
    k.lanes = LANES<T>;
    k.half_lanes = HALF_LANES<T>;
    k.fma = HAS_FMA;
    k.mr = MR;
    k.nr = NR<T>;
    k.kc = PANEL_BYTES / (NR<T> * static_cast<int>(sizeof(T)));
    k.gemm_tile = gemm_tile<T>;
    k.direct_tile = direct_tile<T, Multiply>;
    k.pack_weight = pack_weight<T>;
    k.winograd_weight = winograd_weight<T>;
    k.winograd_input = winograd_input<T>;
    k.winograd_output = winograd_output<T>;
    k.pixel_rows = PIXEL_ROWS;
    k.pixel_registers = PIXEL_REGISTERS;
    k.pixel_tile = pixel_tile<T>;
    k.depthwise_planes = depthwise_planes<T>;
    k.depthwise_pixels = depthwise_pixels<T>;
    k.pack_panel = pack_panel<T>;
    k.copy_rows = copy_rows<T>;
    k.split_rows = split_rows<T>;
    k.transpose_rows = transpose_rows<T>;
    k.sample_rows = sample_rows<T>;
    k.add_rows = add_rows<T>;
    k.interleave_rows = interleave_rows<T>;
    k.reduce_max = reduce_max<T>;
    k.reduce_sum = reduce_sum<T>;
    k.average = average<T>;
    k.pool_finite_max = pool_kernels<T, FiniteMax<T>>();
    k.pool_max = pool_kernels<T, Max<T>>();
    k.pool_average = pool_kernels<T, Sum<T>>();
    k.images_max = images_max<T>;
    k.images_average = images_average<T>;
    k.pool_argmax = pool_argmax<T>;
    k.pool_argmax_row = pool_argmax_row<T>;
    k.reduce_abs = reduce_abs<T>;
    k.reduce_squares = reduce_squares<T>;
    k.reduce_abs_max = reduce_abs_max<T>;
    k.all_finite = all_finite<T>;
    k.gradient = {row_dots<T>, winograd_spread<T>, winograd_taps<T>, sum<T>};
    k.fma_burst = fma_burst<T>;
    return k;
}

template <class T>
constexpr IntegerKernels<T> integer_kernels() {
    return {LANES<T>, copy_rows<T>, reduce_max<T>};
}

template <class T>
constexpr ArgmaxKernels<T> argmax_kernels() {
    return {LANES<T>, copy_rows<T>, split_rows<T>, pool_argmax<T>, pool_argmax_row<T>};
}

template <class Wide, class T>
constexpr Conversion conversion() {
    return {widen<Wide, T>, narrow<Wide, T>};
}

constexpr KernelTable all_kernels() {
    KernelTable t{};
    t.f32 = kernels_for<float>();
    t.f64 = kernels_for<double>();
    t.i8 = integer_kernels<int8_t>();
    t.i16 = integer_kernels<int16_t>();
    t.i32 = integer_kernels<int32_t>();
    t.i64 = integer_kernels<int64_t>();
    t.u8 = integer_kernels<uint8_t>();
    t.u16 = integer_kernels<uint16_t>();
    t.u32 = integer_kernels<uint32_t>();
    t.u64 = integer_kernels<uint64_t>();
    t.argmax32 = argmax_kernels<int32_t>();
    t.argmax64 = argmax_kernels<int64_t>();
    t.i8_i32 = conversion<int32_t, int8_t>();
    t.u8_i32 = conversion<int32_t, uint8_t>();
    t.i16_i32 = conversion<int32_t, int16_t>();
    t.u16_i32 = conversion<int32_t, uint16_t>();
    t.u32_i64 = conversion<int64_t, uint32_t>();
    t.u64_i64 = conversion<int64_t, uint64_t>();
    return t;
}

}  // namespace

extern const KernelTable kernels;
constexpr KernelTable kernels = all_kernels();

}  // namespace convx::CONVX_ISA
