#include "isa.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <vector>

#if defined(CONVX_AVX2_FLAGS)
#include <cpuid.h>
#endif

#include "../shape/message.h"

namespace convx {

// Those whose flags are defined are in this build.
namespace baseline {
extern const KernelTable kernels;
extern const DotTable dots;
}  // namespace baseline
namespace neon {
extern const KernelTable kernels;
extern const DotTable dots;
}  // namespace neon
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

bool always() { return true; }

#if defined(CONVX_AVX2_FLAGS)

// The levels of the psABI, feature by feature: Clang 14 does not know their names, nor those of the last three here.
// The others, by name, include what the operating system saves.
bool is_v3() {
    const auto has = [](unsigned leaf, unsigned bit) {
        unsigned a = 0, b = 0, c = 0, d = 0;
        return __get_cpuid(leaf, &a, &b, &c, &d) && (c & bit) != 0;
    };
    return __builtin_cpu_supports("avx") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") && has(1, bit_F16C) && has(1, bit_MOVBE) &&
           has(0x80000001, bit_LZCNT);
}
#if defined(CONVX_EMULATE_AVX512)
bool is_v4() { return is_v3(); }
bool is_v4_with_vnni() { return false; }
#else
bool is_v4() {
    return is_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
bool is_v4_with_vnni() { return is_v4() && __builtin_cpu_supports("avx512vnni"); }
#endif

#endif

// Best first; the last is what every CPU of this architecture runs.
const Isa ISAS[] = {
#if defined(CONVX_AVX2_FLAGS)
    {"avx512vnni", &avx512::kernels, &avx512vnni::dots, CONVX_AVX512VNNI_FLAGS, is_v4_with_vnni},
    {"avx512", &avx512::kernels, &avx512::dots, CONVX_AVX512_FLAGS, is_v4},
    {"avx2", &avx2::kernels, &avx2::dots, CONVX_AVX2_FLAGS, is_v3},
#endif
#if defined(CONVX_NEON_FLAGS)
    {"neon", &neon::kernels, &neon::dots, CONVX_NEON_FLAGS, always},
#else
    {"baseline", &baseline::kernels, &baseline::dots, CONVX_BASELINE_FLAGS, always},
#endif
};

std::atomic<const Isa*> active{nullptr};

const Isa* find(const std::string& name) {
    if (const Isa* const isa = usable_isa(name)) return isa;
    throw std::invalid_argument("instruction set must be one of " + show_choices(usable_isa_names(), "") +
                                " on this CPU, got '" + name + "'");
}

const Isa* environment_choice() {
    const char* name = std::getenv("CONVX_ISA");
    return name && *name ? find(name) : usable_isas().front();
}

}  // namespace

const std::vector<const Isa*>& usable_isas() {
    static const std::vector<const Isa*> known = [] {  // a virtual machine takes 20 us for each question to its CPU
        std::vector<const Isa*> usable;
        for (const Isa& isa : ISAS)
            if (isa.usable()) usable.push_back(&isa);
        return usable;
    }();
    return known;
}

const Isa* usable_isa(const std::string& name) {
    for (const Isa* isa : usable_isas())
        if (name == isa->name) return isa;
    return nullptr;
}

std::vector<std::string> usable_isa_names() {
    std::vector<std::string> names;
    for (const Isa* isa : usable_isas()) names.emplace_back(isa->name);
    return names;
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

std::string cpu_name() {
    std::string name;
#if defined(CONVX_AVX2_FLAGS)
    unsigned part[4];
    for (unsigned leaf = 0x80000002; leaf <= 0x80000004; ++leaf)  // 16 of 48 characters each
        if (__get_cpuid(leaf, &part[0], &part[1], &part[2], &part[3]))
            name.append(reinterpret_cast<const char*>(part), sizeof part);
    name = name.c_str();  // up to the first zero
#elif defined(__linux__)
    std::ifstream("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1") >> name;
    if (!name.empty()) name = "arm64 " + name;
#endif
    const size_t first = name.find_first_not_of(' ');
    return first == std::string::npos ? "unknown" : name.substr(first, name.find_last_not_of(' ') - first + 1);
}

}  // namespace convx
