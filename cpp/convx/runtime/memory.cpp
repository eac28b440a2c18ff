#include "memory.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
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
std::atomic<int64_t> made{0}, failing{0};
std::atomic<void*> alive[4096];  // those made during the watch; the standard library's own code allocates elsewhere

// Outside of a watch, a load and a branch.
bool is_watched() { return watching.load(std::memory_order_relaxed); }

void exchange_alive(void* from, void* to) {
    for (std::atomic<void*>& slot : alive) {
        void* expected = from;
        if (slot.compare_exchange_strong(expected, to)) return;
    }
}

}  // namespace

void* allocate(size_t bytes, size_t alignment) {
    if (is_watched() && made.fetch_add(1) + 1 == failing) throw std::bad_alloc();
    const size_t whole = (bytes + alignment - 1) / alignment * alignment;
    void* const p = alignment <= alignof(std::max_align_t) ? std::malloc(std::max<size_t>(bytes, 1))
                                                           : std::aligned_alloc(alignment, whole);
    if (!p) throw std::bad_alloc();
    if (is_watched()) exchange_alive(nullptr, p);
    return p;
}

void release(void* p) noexcept {
    if (p && is_watched()) exchange_alive(p, nullptr);
    std::free(p);
}

void watch(int64_t fail_at) {
    made = 0;
    for (std::atomic<void*>& slot : alive) slot = nullptr;
    failing = fail_at;
    watching = true;
}

Counts unwatch() {
    watching = false;
    const auto count =
        std::count_if(std::begin(alive), std::end(alive), [](const auto& slot) { return slot != nullptr; });
    return {made, count};
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
