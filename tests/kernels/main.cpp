// convx_kernels [kernel]: every kernel of the table, or those whose name begins so, alone, on every instruction set
// that runs here. Exit status 1 when any result is wrong.
#include <signal.h>

#include <cstring>
#include <map>

#include "../../cpp/convx/isa.h"
#include "cases.h"

namespace convx::CONVX_ISA {
namespace {

// A kernel that reads or writes where it may not has met a forbidden page.
void report_fault(int) {
    if (Test::current) Test::current->describe();
    std::puts("  touched memory outside of its arrays");
    std::fflush(stdout);
    _exit(1);
}

template <class T>
constexpr const char* TYPE = std::is_same_v<T, float>    ? "float"
                             : std::is_same_v<T, double> ? "double"
                                                         : nullptr;
#define CONVX_TYPE(type) \
    template <>          \
    constexpr const char* TYPE<type##_t> = #type;
CONVX_TYPE(int8)
CONVX_TYPE(int16) CONVX_TYPE(int32) CONVX_TYPE(int64) CONVX_TYPE(uint8) CONVX_TYPE(uint16) CONVX_TYPE(uint32)
    CONVX_TYPE(uint64)

        class Suite {
  public:
    Suite(const Isa& isa, const char* only) : isa_(isa), only_(only) {}

    bool run() {
        floats<float>();
        floats<double>();
        argmax<float, double, int32_t, int64_t>();
        any<float, double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>();
        convert<int8_t, int16_t, uint8_t, uint16_t, uint32_t, uint64_t>();
        if (isa_.dots->bytes.parts) words<Bytes>(isa_.dots->bytes, "bytes");
        words<Pairs>(isa_.dots->pairs, "pairs");
        dots<int64_t, Multiply>(isa_.dots->wide, "wide");
        bytes();
        for (const auto& [name, cases] : cases_)
            std::printf("  %-18s %8lld cases of %d kinds\n", name.c_str(), static_cast<long long>(cases.first),
                        cases.second);
        return right_;
    }

  private:
    template <class Case>
    void test(const char* name, const char* type, const Case& run) {
        if (std::strncmp(name, only_, std::strlen(only_)) != 0) return;
        Test test(isa_.name, name, type, 1);
        run(test);
        right_ &= test.failures == 0;
        auto& [count, kinds] = cases_[name];
        count += test.cases;
        ++kinds;
        if (test.failures) std::printf("  %lld results are wrong\n", static_cast<long long>(test.failures));
        if (!test.cases) test.fail("has no cases"), right_ = false;
    }

    template <class T>
    const Kernels<T>& kernels() const {
        return kernels_of<T>(*isa_.kernels);
    }

    template <class T>
    void floats() {
#define CONVX_FLOAT_KERNEL(result, name, contract) \
    test(#name, TYPE<T>, [&](Test& test) { Float<T>::name(test, kernels<T>()); });
#include "../../cpp/kernels/kernels.inc"
        pools<T, FiniteMax<T>>(kernels<T>().pool_finite_max);
        pools<T, Max<T>>(kernels<T>().pool_max);
        pools<T, Sum<T>>(kernels<T>().pool_average);
    }

    template <class T, class Reduction>
    void pools(const PoolKernels<T>& pool) {
#define CONVX_POOL_KERNEL(result, name, contract) \
    test(#name, TYPE<T>, [&](Test& test) { Pool<T, Reduction>::name(test, kernels<T>(), pool); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class... T>
    void argmax() {
#define CONVX_ARGMAX_KERNEL(result, name, contract) \
    (test(#name, TYPE<T>, [&](Test& test) { Argmax<T>::name(test, kernels<T>()); }), ...);
#include "../../cpp/kernels/kernels.inc"
    }

    template <class... T>
    void any() {
#define CONVX_ANY_KERNEL(result, name, contract) \
    (test(#name, TYPE<T>, [&](Test& test) { Any<T>::name(test, kernels<T>()); }), ...);
#include "../../cpp/kernels/kernels.inc"
    }

    template <class... T>
    void convert() {
#define CONVX_CONVERT_KERNEL(result, name, contract) \
    (test(#name, TYPE<T>, [&](Test& test) { Convert<T>::name(test, kernels<T>()); }), ...);
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T, class Product>
    void dots(const DotKernels<T>& k, const char* type) {
#define CONVX_DOT_KERNEL(result, name, contract) test(#name, type, [&](Test& test) { Dot<T, Product>::name(test, k); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class Product>
    void words(const DotKernels<int32_t>& k, const char* type) {
        dots<int32_t, Product>(k, type);
#define CONVX_WORD_KERNEL(result, name, contract) test(#name, type, [&](Test& test) { Word<Product>::name(test, k); });
#include "../../cpp/kernels/kernels.inc"
    }

    void bytes() {
#define CONVX_BYTE_KERNEL(result, name, contract) \
    test(#name, "uint8", [&](Test& test) { Byte::name(test, *isa_.dots); });
#include "../../cpp/kernels/kernels.inc"
    }

    const Isa& isa_;
    const char* const only_;
    std::map<std::string, std::pair<int64_t, int>> cases_;
    bool right_ = true;
};

}  // namespace
}  // namespace convx::CONVX_ISA

int main(int argc, char** argv) {
    signal(SIGSEGV, convx::CONVX_ISA::report_fault);
    signal(SIGBUS, convx::CONVX_ISA::report_fault);
    bool right = true;
    for (const convx::Isa* isa : convx::usable_isas()) {
        std::printf("%s\n", isa->name);
        right &= convx::CONVX_ISA::Suite(*isa, argc > 1 ? argv[1] : "").run();
    }
    std::puts(right ? "all right" : "WRONG RESULTS");
    return right ? 0 : 1;
}
