// The scratch of one call: sizes are declared first, then one allocation serves all threads. Beside it stand only lists
// of windows (pool_windows.h) and, where a call is put together from others, the results of these.
#pragma once
#include <cstdint>

#include "buffer.h"

namespace convx {

template <class T>
struct Part {
    int64_t offset;
    bool shared;
};

class Workspace {
  public:
    explicit Workspace(int threads) : threads_(threads) {}
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
    ~Workspace();

    template <class T>
    Part<T> shared(int64_t count) {
        return {reserve(shared_, count, sizeof(T)), true};
    }
    template <class T>
    Part<T> own(int64_t count) {
        return {reserve(own_, count, sizeof(T)), false};
    }

    int64_t bytes() const { return shared_ + threads_ * own_; }
    void allocate();  // once

    template <class T>
    T* at(Part<T> part, int thread = 0) const {
        return reinterpret_cast<T*>(start_ + part.offset + (part.shared ? 0 : shared_ + thread * own_));
    }

  private:
    // Parts begin on their own cache line.
    static int64_t reserve(int64_t& total, int64_t count, int64_t size) {
        const int64_t offset = total;
        int64_t bytes;
        if (count < 0 || __builtin_mul_overflow(count, size, &bytes) ||
            __builtin_add_overflow(bytes, CACHE_LINE - 1, &bytes) ||
            __builtin_add_overflow(total, bytes / CACHE_LINE * CACHE_LINE, &total))
            throw std::bad_alloc();
        return offset;
    }

    int64_t threads_, shared_ = 0, own_ = 0;
    Buffer<char> memory_;
    char* start_ = nullptr;
};

}  // namespace convx
