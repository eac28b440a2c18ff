#include "isa.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace convx {

namespace baseline {
extern const KernelTable kernels;
extern const DotTable dots;
}  // namespace baseline
namespace avx2 {
extern const KernelTable kernels;
extern const DotTable dots;
}  // namespace avx2
namespace avx512 {
extern const KernelTable kernels;
extern const DotTable dots;
}  // namespace avx512
namespace avx512vnni {
extern const DotTable dots;
}

namespace {

const Isa ISAS[] = {
#if defined(CONVX_X86_FLAGS)
    {"avx512vnni", &avx512::kernels, &avx512vnni::dots, CONVX_AVX512VNNI_FLAGS,
     [] { return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni"); }},
    {"avx512", &avx512::kernels, &avx512::dots, CONVX_AVX512_FLAGS,
     [] { return bool(__builtin_cpu_supports("x86-64-v4")); }},
    {"avx2", &avx2::kernels, &avx2::dots, CONVX_AVX2_FLAGS, [] { return bool(__builtin_cpu_supports("x86-64-v3")); }},
#endif
    {"baseline", &baseline::kernels, &baseline::dots, CONVX_BASELINE_FLAGS, [] { return true; }},
};

std::atomic<const Isa*> active{nullptr};

const Isa* find(const std::string& name) {
    std::string choices;
    for (const Isa* isa : usable_isas()) {
        if (name == isa->name) return isa;
        choices += (choices.empty() ? "" : ", ") + std::string(isa->name);
    }
    throw std::invalid_argument("instruction set must be one of " + choices + " on this CPU, got '" + name + "'");
}

const Isa* environment_choice() {
    const char* name = std::getenv("CONVX_ISA");
    return name && *name ? find(name) : usable_isas().front();
}

}  // namespace

std::vector<const Isa*> usable_isas() {
    std::vector<const Isa*> usable;
    for (const Isa& isa : ISAS)
        if (isa.usable()) usable.push_back(&isa);
    return usable;
}

const Isa& active_isa() {
    const Isa* isa = active.load(std::memory_order_relaxed);
    if (!isa) {
        isa = environment_choice();
        active.store(isa, std::memory_order_relaxed);
    }
    return *isa;
}

void set_isa(const char* name) { active.store(name ? find(name) : environment_choice(), std::memory_order_relaxed); }

}  // namespace convx
