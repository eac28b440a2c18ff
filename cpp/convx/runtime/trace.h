// CONVX_VERBOSE=1: a line on stderr for each call, as
//   convx: conv2d weight=float32:64x3x7x7 input=float32:1x3x224x224 algorithm=direct isa=avx512 threads=2/2 ms=0.612
// threads: how many worked, of how many that could have. Further words where they hold: copied=weight:37632:dtype
// (bytes, and why), back_off (a team would have waited for another process, see oversubscription.h), failed. Off, it
// costs a load.
//
// Bindings open a Call around each call of theirs and tell it of arrays and copies; what the core does meanwhile on
// that thread adds to the innermost Call. One made by a signal handler or an array's __array__ in between has its own
// line. A call that takes no array has none, unless it fails.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace convx::trace {

inline std::atomic<int> setting{-1};  // -1: not yet read
bool read_setting();

inline bool on() {
    const int s = setting.load(std::memory_order_relaxed);
    return s < 0 ? read_setting() : s != 0;
}

class Call {
  public:
    explicit Call(const char* function) : on_(trace::on()) {
        if (on_) begin(function);
    }
    explicit Call(const std::string& function) : Call(function.c_str()) {}
    ~Call() {
        if (on_) end();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    static Call* current();  // of this thread, or null
    void array(const char* name, const char* dtype, const int64_t* sizes, int axes, const void* data);
    void copied(const void* from, const void* to, int64_t bytes, const char* why);
    void decided(const char* isa, int threads);
    void ran(const char* algorithm);
    void worked(int threads);
    void backed_off() { back_off_ = true; }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr int MOST_BYTES = 1024, MOST_ALGORITHMS = 4, MOST_ARRAYS = 16;

    struct Known {
        const void* data;
        const char* name;
    };

    void begin(const char* function);
    void end();
    void know(const void* data, const char* name);
    const char* name_of(const void* data) const;  // or null
    __attribute__((format(printf, 2, 3))) void add(const char* format, ...);

    // Nothing below is touched while it is off.
    const bool on_;
    bool back_off_;
    Call* outer_;
    Clock::time_point start_;
    int exceptions_, algorithm_count_, known_count_, threads_, worked_, length_;
    const char* isa_;
    const char* algorithms_[MOST_ALGORITHMS];
    Known known_[MOST_ARRAYS];
    char line_[MOST_BYTES];
};

// Nothing where this thread is in no traced call.
template <class Tell>
void tell(const Tell& tell) {
    if (!on()) return;
    if (Call* const call = Call::current()) tell(*call);
}

// An argument or a result; sizes as the user sees them. The name must last, as all strings here.
inline void array(const char* name, const char* dtype, const int64_t* sizes, int axes, const void* data) {
    tell([&](Call& call) { call.array(name, dtype, sizes, axes, data); });
}
// The name is found by either address, and so will a copy of the copy be; one that is unknown is the result. why: one
// word.
inline void copied(const void* from, const void* to, int64_t bytes, const char* why) {
    tell([&](Call& call) { call.copied(from, to, bytes, why); });
}
inline void decided(const char* isa, int threads) {
    tell([&](Call& call) { call.decided(isa, threads); });
}
inline void ran(const char* algorithm) {
    tell([&](Call& call) { call.ran(algorithm); });
}
inline void worked(int threads) {
    tell([&](Call& call) { call.worked(threads); });
}
inline void backed_off() {
    tell([](Call& call) { call.backed_off(); });
}

}  // namespace convx::trace
