// What a computation should give, and the count of those that did not.
#pragma once
#include <string>
#include <vector>

#include "../../cpp/convx/runtime/context.h"
#include "../../cpp/convx/runtime/threads.h"
#include "random.h"

namespace convx::native {

// Sums in double, and the sums of the absolute values of their terms, by which rounding is measured.
struct Expected {
    std::vector<double> value, magnitude;
    explicit Expected(int64_t count) : value(static_cast<size_t>(count)), magnitude(static_cast<size_t>(count)) {}
    void add(int64_t i, double term) {
        value[static_cast<size_t>(i)] += term;
        magnitude[static_cast<size_t>(i)] += term < 0 ? -term : term;
    }
    double most() const;  // the largest magnitude
};

// One line of the report.
class Family {
  public:
    Family(std::string name, uint64_t seed) : random(seed), name_(std::move(name)) {}

    // Of one result; `what` describes it where it is wrong. A Tolerance of rounding errors is in units of the
    // magnitude's last place; `spread` is a magnitude that holds for all elements, for algorithms that mix them.
    template <class T>
    void close(const std::vector<T>& got, const Expected& expected, double units, const std::string& what,
               double spread = 0);
    template <class T>
    void same(const std::vector<T>& got, const std::vector<T>& expected, const std::string& what);

    void next_case(std::string text);
    bool report() const;  // prints the line; true when nothing was wrong

    Random random;

  private:
    void wrong(const std::string& what, size_t element, double got, double expected);
    std::string name_, case_;
    int64_t cases_ = 0, results_ = 0, wrong_ = 0;
};

struct Setting : Context {
    std::string text() const { return std::string(isa.name) + ", threads " + std::to_string(threads); }
};

// Calls f(setting) with every usable instruction set active, and one and three threads.
template <class F>
void on_every_setting(const F& f) {
    for (const Isa* isa : usable_isas()) {
        set_isa(isa->name);
        for (const int threads : {1, 3}) {
            set_num_threads(threads);
            f(Setting{{*isa, threads}});
        }
    }
    set_isa(nullptr);
    set_num_threads(0);
}

// A result that nobody has written yet.
template <class T>
std::vector<T> unwritten(int64_t count) {
    return std::vector<T>(static_cast<size_t>(count), static_cast<T>(77));
}

}  // namespace convx::native
