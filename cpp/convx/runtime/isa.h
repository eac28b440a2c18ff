// The instruction sets this build holds and this CPU runs. The only part that knows CPU names.
#pragma once
#include <string>
#include <vector>

#include "../../kernels/kernels.h"

namespace convx {

struct Isa {
    const char* name;
    const KernelTable* kernels;
    const DotTable* dots;  // of integers; the one in which avx512vnni differs from avx512
    const char* flags;     // how its kernels were compiled
    bool (*usable)();
};

std::vector<const Isa*> usable_isas();  // best first
const Isa& active_isa();

// Null returns to CONVX_ISA or, without it, the best. Throws std::invalid_argument for a name that cannot run here.
void set_isa(const char* name);

template <class T>
const KernelsOf<T>& kernels_of(const KernelTable& table);
template <>
inline const Kernels<float>& kernels_of<float>(const KernelTable& table) {
    return table.f32;
}
template <>
inline const Kernels<double>& kernels_of<double>(const KernelTable& table) {
    return table.f64;
}
template <>
inline const IntegerKernels<int8_t>& kernels_of<int8_t>(const KernelTable& table) {
    return table.i8;
}
template <>
inline const IntegerKernels<int16_t>& kernels_of<int16_t>(const KernelTable& table) {
    return table.i16;
}
template <>
inline const IntegerKernels<int32_t>& kernels_of<int32_t>(const KernelTable& table) {
    return table.i32;
}
template <>
inline const IntegerKernels<int64_t>& kernels_of<int64_t>(const KernelTable& table) {
    return table.i64;
}
template <>
inline const IntegerKernels<uint8_t>& kernels_of<uint8_t>(const KernelTable& table) {
    return table.u8;
}
template <>
inline const IntegerKernels<uint16_t>& kernels_of<uint16_t>(const KernelTable& table) {
    return table.u16;
}
template <>
inline const IntegerKernels<uint32_t>& kernels_of<uint32_t>(const KernelTable& table) {
    return table.u32;
}
template <>
inline const IntegerKernels<uint64_t>& kernels_of<uint64_t>(const KernelTable& table) {
    return table.u64;
}

}  // namespace convx
