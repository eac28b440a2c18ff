// Aligned scratch memory: the one place where the core allocates. Always before a parallel region, never inside.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace convx {

constexpr int64_t CACHE_LINE = 64;

template <class T>
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(int64_t count) : data_(static_cast<T*>(allocate(count))), count_(count) {}

    T* data() const { return data_.get(); }
    int64_t size() const { return count_; }

private:
    static void* allocate(int64_t count) {
        int64_t bytes;
        if (count < 0 || __builtin_mul_overflow(count, int64_t{sizeof(T)}, &bytes) ||
            __builtin_add_overflow(bytes, CACHE_LINE - 1, &bytes))
            throw std::bad_alloc();
        void* p = std::aligned_alloc(CACHE_LINE, static_cast<size_t>(bytes / CACHE_LINE * CACHE_LINE + CACHE_LINE));
        if (!p) throw std::bad_alloc();
        return p;
    }
    struct Free {
        void operator()(T* p) const { std::free(p); }
    };

    std::unique_ptr<T, Free> data_;
    int64_t count_ = 0;
};

}  // namespace convx
