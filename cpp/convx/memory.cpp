#include "memory.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CONVX_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONVX_SANITIZED
#endif

namespace convx::memory {
namespace {

std::atomic<bool> watching{false};
std::atomic<int64_t> made{0}, alive{0}, failing{0};

// Outside of a watch, a load and a branch.
void count() {
    if (!watching.load(std::memory_order_relaxed)) return;
    if (made.fetch_add(1) + 1 == failing) throw std::bad_alloc();
    ++alive;
}

}  // namespace

void* allocate(size_t bytes, size_t alignment) {
    count();
    const size_t whole = (bytes + alignment - 1) / alignment * alignment;
    void* const p = alignment <= alignof(std::max_align_t) ? std::malloc(std::max<size_t>(bytes, 1))
                                                           : std::aligned_alloc(alignment, whole);
    if (p) return p;
    if (watching) --alive;
    throw std::bad_alloc();
}

void release(void* p) noexcept {
    if (p && watching.load(std::memory_order_relaxed)) --alive;
    std::free(p);
}

void watch(int64_t fail_at) {
    made = alive = 0;
    failing = fail_at;
    watching = true;
}

Counts unwatch() {
    watching = false;
    return {made, alive};
}

}  // namespace convx::memory

// For this module alone: the linker exports none of these. A sanitizer brings its own.
#if !defined(CONVX_SANITIZED)

void* operator new(size_t bytes) { return convx::memory::allocate(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return operator new(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) {
    return convx::memory::allocate(bytes, static_cast<size_t>(alignment));
}
void operator delete(void* p) noexcept { convx::memory::release(p); }
void operator delete[](void* p) noexcept { convx::memory::release(p); }
void operator delete(void* p, size_t) noexcept { convx::memory::release(p); }
void operator delete[](void* p, size_t) noexcept { convx::memory::release(p); }
void operator delete(void* p, std::align_val_t) noexcept { convx::memory::release(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { convx::memory::release(p); }

#endif
