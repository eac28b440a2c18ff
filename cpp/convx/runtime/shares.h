// How tasks are handed out: one by one, to each thread those that lie side by side, which share input, lines of output
// and what was made ready for one of them. Who has done its own goes on with those of others.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

#include "../shape/integer_math.h"
#include "buffer.h"

namespace convx {

class Shares {
  public:
    Shares(int64_t tasks, int threads) : count_(static_cast<int>(std::clamp<int64_t>(threads, 1, MOST))) {
        for (int64_t i = 0; i < count_; ++i) {
            shares_[i].next.store(ceil_div(tasks * i, count_), std::memory_order_relaxed);
            shares_[i].end = ceil_div(tasks * (i + 1), count_);
        }
    }

    // -1: none is left.
    int64_t take(int thread) {
        for (int i = 0; i < count_; ++i) {
            Share& s = shares_[(thread + i) % count_];
            if (s.left() == 0) continue;
            const int64_t task = s.next.fetch_add(1);
            if (task < s.end) return task;
        }
        return -1;
    }

    int64_t left() const {
        int64_t sum = 0;
        for (int i = 0; i < count_; ++i) sum += shares_[i].left();
        return sum;
    }

  private:
    static constexpr int MOST = 16;  // of which more threads take from the same

    struct alignas(CACHE_LINE) Share {
        std::atomic<int64_t> next;
        int64_t end;
        int64_t left() const { return std::max<int64_t>(end - next.load(std::memory_order_relaxed), 0); }
    };

    const int count_;
    Share shares_[MOST];
};

}  // namespace convx
