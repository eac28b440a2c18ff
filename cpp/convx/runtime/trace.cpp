#include "trace.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

namespace convx::trace {
namespace {

thread_local Call* innermost = nullptr;

// At once, so that lines of several threads and processes do not mix.
void write_line(const char* text, size_t count) {
    while (count) {
        const ssize_t n = write(STDERR_FILENO, text, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        text += n;
        count -= static_cast<size_t>(n);
    }
}

}  // namespace

bool read_setting() {
    const char* const value = std::getenv("CONVX_VERBOSE");
    const bool on = value && *value && std::strcmp(value, "0") != 0;
    setting.store(on, std::memory_order_relaxed);
    return on;
}

Call* Call::current() { return innermost; }

void Call::begin(const char* function) {
    outer_ = innermost;
    innermost = this;
    back_off_ = false;
    algorithm_count_ = known_count_ = length_ = threads_ = 0;
    worked_ = 1;
    isa_ = nullptr;
    exceptions_ = std::uncaught_exceptions();
    add("convx: %s", function);
    start_ = Clock::now();
}

void Call::end() {
    innermost = outer_;
    const bool failed = std::uncaught_exceptions() > exceptions_;
    if (!failed && algorithm_count_ == 0 && known_count_ == 0) return;
    const int saved = errno;
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
    for (int i = 0; i < algorithm_count_; ++i) add(i ? ",%s" : " algorithm=%s", algorithms_[i]);
    if (isa_) add(" isa=%s threads=%d/%d", isa_, worked_, threads_);
    if (back_off_) add(" back_off");
    if (failed) add(" failed");
    add(" ms=%.3f", ms);
    line_[length_++] = '\n';
    write_line(line_, static_cast<size_t>(length_));
    errno = saved;
}

// What does not fit is left out.
void Call::add(const char* format, ...) {
    const int room = MOST_BYTES - 1 - length_;  // and the end of the line
    va_list values;
    va_start(values, format);
    const int n = std::vsnprintf(line_ + length_, static_cast<size_t>(room), format, values);
    va_end(values);
    length_ += std::clamp(n, 0, room - 1);
}

void Call::know(const void* data, const char* name) {
    if (known_count_ < MOST_ARRAYS) known_[known_count_++] = {data, name};
}

const char* Call::name_of(const void* data) const {
    for (int i = known_count_ - 1; i >= 0; --i)  // memory may have been given back and taken again
        if (known_[i].data == data) return known_[i].name;
    return nullptr;
}

void Call::array(const char* name, const char* dtype, const int64_t* sizes, int axes, const void* data) {
    know(data, name);
    add(" %s=%s", name, dtype);
    for (int i = 0; i < axes; ++i) add(i ? "x%lld" : ":%lld", static_cast<long long>(sizes[i]));
}

void Call::copied(const void* from, const void* to, int64_t bytes, const char* why) {
    const char* const source = name_of(from);
    const char* const name = source ? source : name_of(to);
    if (source) know(to, source);
    add(" copied=%s:%lld:%s", name ? name : "out", static_cast<long long>(bytes), why);
}

void Call::decided(const char* isa, int threads) {
    isa_ = isa;
    threads_ = std::max(threads_, threads);
}

void Call::ran(const char* algorithm) {
    for (int i = 0; i < algorithm_count_; ++i)
        if (std::strcmp(algorithms_[i], algorithm) == 0) return;
    if (algorithm_count_ < MOST_ALGORITHMS) algorithms_[algorithm_count_++] = algorithm;
}

void Call::worked(int threads) { worked_ = std::max(worked_, threads); }

}  // namespace convx::trace
