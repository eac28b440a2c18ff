// convx_kernel_tests [kernel]: every kernel of the table, or those whose name begins so, alone, on every instruction
// set that runs here. Exit status 1 when any result is wrong.
#include <signal.h>

#include <cstring>
#include <map>

#include "rows_of_table.h"

namespace convx::CONVX_ISA {
namespace {

// A kernel that reads or writes where it may not has met a forbidden page.
void report_fault(int) {
    if (Test::current) Test::current->describe();
    std::puts("  touched memory outside of its arrays");
    std::fflush(stdout);
    _exit(1);
}

constexpr uint64_t SEEDS = 3;

class Suite {
  public:
    Suite(const Isa& isa, const char* only) : isa_(isa.name), only_(only) {}

    template <class Case>
    void visit(const char* name, const char* type, const Case& run) {
        if (std::strncmp(name, only_, std::strlen(only_)) != 0) return;
        auto& [cases, types] = cases_[name];
        int64_t wrong = 0;
        for (uint64_t seed = 1; seed <= SEEDS; ++seed) {
            Test test(isa_, name, type, seed);
            run(test);
            if (!test.cases) test.fail("has no cases");
            cases += test.cases;
            wrong += test.failures;
        }
        if (wrong) std::printf("  %lld results are wrong\n", static_cast<long long>(wrong));
        right = right && !wrong;
        ++types;
    }

    void print() const {
        for (const auto& [name, count] : cases_)
            std::printf("  %-20s %8lld cases in %d types\n", name.c_str(), static_cast<long long>(count.first),
                        count.second);
    }

    bool right = true;

  private:
    const char *const isa_, *const only_;
    std::map<std::string, std::pair<int64_t, int>> cases_;
};

}  // namespace
}  // namespace convx::CONVX_ISA

int main(int argc, char** argv) {
    using namespace convx::CONVX_ISA;
    signal(SIGSEGV, report_fault);
    signal(SIGBUS, report_fault);
    bool right = true;
    for (const convx::Isa* isa : convx::usable_isas()) {
        std::printf("%s\n", isa->name);
        Suite suite(*isa, argc > 1 ? argv[1] : "");
        Rows<Suite>(*isa, suite).visit();
        suite.print();
        right = right && suite.right;
    }
    std::puts(right ? "all right" : "WRONG RESULTS");
    return right ? 0 : 1;
}
