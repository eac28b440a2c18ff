#include "cache.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace convx {
namespace {

// Where nothing is reported: what servers and laptops of the last ten years have at least, nearly all of them.
constexpr Caches USUAL = {32 << 10, 512 << 10, 8 << 20};
// Blocking is sound, if not best, for any size; these keep its sums within bounds.
constexpr Caches LEAST = {8 << 10, 64 << 10, 64 << 10}, MOST = {1 << 20, 64 << 20, int64_t(1) << 40};

// What Linux knows of the first core. sysconf() is not asked for the last level: glibc adds it up over cores that share
// it, to ten times its size.
Caches reported() {
    Caches c = USUAL;
#if defined(__linux__)
    for (int i = 0; i < 8; ++i) {
        const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
        int level = 0;
        int64_t kilobytes = 0;
        std::string type;
        std::ifstream(folder + "level") >> level;
        std::ifstream(folder + "type") >> type;
        std::ifstream(folder + "size") >> kilobytes;  // "32K": the K is left unread
        if (level < 1 || level > 3 || kilobytes <= 0 || type == "Instruction") continue;
        (level == 1 ? c.l1 : level == 2 ? c.l2 : c.l3) = kilobytes << 10;
    }
#endif
    c.l1 = std::clamp(c.l1, LEAST.l1, MOST.l1);
    c.l2 = std::clamp(c.l2, LEAST.l2, MOST.l2);
    c.l3 = std::clamp(c.l3, c.l2, MOST.l3);
    return c;
}

// Reads "512K" at p, and goes behind it and one comma. 0 where there is no size.
int64_t size_at(const char*& p) {
    int64_t size = 0;
    for (; *p >= '0' && *p <= '9' && size <= MOST.l3; ++p) size = size * 10 + (*p - '0');
    const char* const units = "KMG";
    for (int i = 0; i < 3; ++i)
        if (*p == units[i]) {
            size <<= 10 * (i + 1);
            ++p;
            break;
        }
    if (*p == ',' && p[1]) ++p;
    return size;
}

Caches chosen(const char* text) {
    const char* p = text;
    Caches c{};
    c.l1 = size_at(p);
    c.l2 = size_at(p);
    c.l3 = size_at(p);
    const auto within = [](int64_t size, int64_t least, int64_t most) { return least <= size && size <= most; };
    if (*p || !within(c.l1, LEAST.l1, MOST.l1) || !within(c.l2, LEAST.l2, MOST.l2) || !within(c.l3, c.l2, MOST.l3))
        throw std::invalid_argument(
            "cache sizes must be three numbers of bytes, K, M or G, such as '32K,512K,16M': L1 of 8K to 1M, L2 of 64K "
            "to 64M, and a last level that is no smaller, got '" +
            std::string(text) + "'");
    return c;
}

}  // namespace

const Caches& caches() {
    static const Caches sizes = [] {
        const char* const text = std::getenv("CONVX_CACHES");
        return text && *text ? chosen(text) : reported();
    }();
    return sizes;
}

}  // namespace convx
