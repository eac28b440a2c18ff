#include "cache.h"

#include <algorithm>

#if defined(__linux__)
#include <unistd.h>
#endif

namespace convx {

int64_t l2_bytes() {
    static const int64_t size = [] {
        int64_t reported = 0;
#if defined(_SC_LEVEL2_CACHE_SIZE)
        reported = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
        if (reported <= 0)
            reported = 512 << 10;  // the smallest in use on servers and laptops of the last ten years is 256 KiB
        return std::clamp<int64_t>(reported, 256 << 10, 2 << 20);
    }();
    return size;
}

}  // namespace convx
