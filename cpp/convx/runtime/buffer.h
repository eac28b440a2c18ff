// Aligned arrays for scratch and packed weights. Allocated before a parallel region, never inside,
// but by calls that are a part of another.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "memory.h"

namespace convx {

constexpr int64_t CACHE_LINE = 64;
constexpr int64_t HUGE_PAGE = 2 << 20;  // from this size on, packed weights would miss the TLB on every 4 KiB

// For how long: what is kept may lie in huge pages. What is freed at the end of a call must not, or every call would
// have new ones from the system, to be cleared.
enum class Lifetime { kept, call };

template <class T>
class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(int64_t count, Lifetime lifetime = Lifetime::kept)
        : data_(static_cast<T*>(allocate(count, lifetime))), count_(count) {}

    T* data() const { return data_.get(); }
    int64_t size() const { return count_; }

  private:
    static void* allocate(int64_t count, Lifetime lifetime) {
        int64_t bytes;
        if (count < 0 || __builtin_mul_overflow(count, int64_t{sizeof(T)}, &bytes) ||
            __builtin_add_overflow(bytes, HUGE_PAGE, &bytes))
            throw std::bad_alloc();
        bytes -= HUGE_PAGE;
        const int64_t alignment = bytes < HUGE_PAGE || lifetime == Lifetime::call ? CACHE_LINE : HUGE_PAGE;
        const int64_t rounded = (bytes + CACHE_LINE) / CACHE_LINE * CACHE_LINE;
        void* const p = memory::allocate(static_cast<size_t>(rounded), static_cast<size_t>(alignment));
#if defined(__linux__)
        // A hint: failure changes nothing. What does not fill the last one would take it up all the same.
        if (alignment == HUGE_PAGE) madvise(p, static_cast<size_t>(bytes / HUGE_PAGE * HUGE_PAGE), MADV_HUGEPAGE);
#endif
        return p;
    }
    struct Free {
        void operator()(T* p) const { memory::release(p); }
    };

    std::unique_ptr<T, Free> data_;
    int64_t count_ = 0;
};

}  // namespace convx
