// Where all memory of the core comes from: scratch and packed weights by Buffer, the rest by operator new. One place,
// so that a test can make any allocation fail.
#pragma once
#include <cstddef>
#include <cstdint>

namespace convx::memory {

void* allocate(size_t bytes, size_t alignment);  // throws std::bad_alloc
void release(void* p) noexcept;

// From now on allocations are counted, and number `fail_at` fails; 0: none. Ends with `unwatch`.
void watch(int64_t fail_at);
struct Counts {
    int64_t made, alive;  // alive: made since then, and not released
};
Counts unwatch();

}  // namespace convx::memory
