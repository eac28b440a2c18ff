// Arrays between pages that no one may touch, and with a pattern wherever else nothing is to be written.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "../native/random.h"

namespace convx::kernel_tests {

using native::Random;

// Pages between two forbidden ones, used again and again: a mapping costs more than most kernels' cases.
class Pages {
  public:
    explicit Pages(size_t bytes) : count_((bytes + page() - 1) / page() + (bytes == 0)) {
        std::vector<char*>& left = unused(count_);
        if (left.empty()) left.push_back(map(count_));
        begin_ = left.back();
        left.pop_back();
    }
    ~Pages() {
        if (begin_) unused(count_).push_back(begin_);
    }
    Pages(Pages&& other) noexcept : count_(other.count_), begin_(std::exchange(other.begin_, nullptr)) {}
    Pages& operator=(Pages&&) = delete;

    char* begin() const { return begin_; }
    char* end() const { return begin_ + count_ * page(); }

  private:
    static size_t page() {
        static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        return size;
    }
    static std::vector<char*>& unused(size_t count) {
        static std::vector<std::vector<char*>> all;
        if (all.size() <= count) all.resize(count + 1);
        return all[count];
    }
    static char* map(size_t count) {
        void* const all = mmap(nullptr, (count + 2) * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char* const begin = static_cast<char*>(all) + page();
        if (all == MAP_FAILED || mprotect(begin, count * page(), PROT_READ | PROT_WRITE) != 0) std::abort();
        return begin;
    }

    size_t count_;
    char* begin_;
};

// `size` elements that end before a forbidden page, begin behind one, or lie anywhere between.
template <class T>
class Guarded {
  public:
    Guarded(Random& random, int64_t size) : size(size), pages_(static_cast<size_t>(size) * sizeof(T)) {
        const auto bytes = static_cast<size_t>(size) * sizeof(T);
        const auto free =
            static_cast<int64_t>((static_cast<size_t>(pages_.end() - pages_.begin()) - bytes) / sizeof(T));
        const int64_t place = random.within(0, 3);  // the end twice as often: most mistakes run over it
        at_ = pages_.begin() + sizeof(T) * static_cast<size_t>(place >= 2   ? free
                                                               : place == 1 ? 0
                                                                            : random.within(0, free));
        if (place >= 2) at_ = pages_.end() - bytes;
        std::memset(pages_.begin(), PATTERN, static_cast<size_t>(pages_.end() - pages_.begin()));
    }

    T* data() { return reinterpret_cast<T*>(at_); }
    const T* data() const { return reinterpret_cast<const T*>(at_); }
    T& operator[](int64_t i) { return data()[i]; }
    const T& operator[](int64_t i) const { return data()[i]; }
    T* end() { return data() + size; }

    bool surroundings_are_untouched() const {
        const char* const end = at_ + static_cast<size_t>(size) * sizeof(T);
        for (const char* p = pages_.begin(); p < at_; ++p)
            if (*p != PATTERN) return false;
        for (const char* p = end; p < pages_.end(); ++p)
            if (*p != PATTERN) return false;
        return true;
    }

    const int64_t size;

  private:
    static constexpr char PATTERN = 0x5a;
    Pages pages_;
    char* at_;
};

}  // namespace convx::kernel_tests
