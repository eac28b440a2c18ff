// convx_kernel_bench [kernel [type]]: every kernel of the table, or those whose name begins so, on every instruction
// set that runs here, or the one that CONVX_ISA names.
#include <cstdlib>
#include <cstring>
#include <string>

#include "../../tests/kernels/rows_of_table.h"

namespace convx::CONVX_ISA {
namespace {

// Operations a second on registers alone.
template <class T>
double peak(const Isa& isa) {
    double operations = 0;
    const double time = kernel_bench::best_time([&] {
        T sink = T(0.5);
        operations = kernels_of<T>(*isa.kernels).fma_burst({20000, &sink});
    });
    return operations / time;
}

class Measurements {
  public:
    Measurements(const Isa& isa, const char* kernel, const char* type)
        : isa_(isa.name), kernel_(kernel), type_(type), float_(peak<float>(isa)), double_(peak<double>(isa)) {}

    template <class Case>
    void visit(const char* name, const char* type, const Case& run) const {
        if (std::strncmp(name, kernel_, std::strlen(kernel_)) != 0 ||
            std::strncmp(type, type_, std::strlen(type_)) != 0)
            return;
        Bench bench(isa_, name, type, type[0] == 'd' ? double_ : type[0] == 'f' ? float_ : 0);
        run(bench);
    }

    void print() const {
        std::printf("%s: %.1f GFLOP/s of float, %.1f of double on registers alone\n", isa_, float_ * 1e-9,
                    double_ * 1e-9);
    }

  private:
    const char *const isa_, *const kernel_, *const type_;
    const double float_, double_;
};

}  // namespace
}  // namespace convx::CONVX_ISA

int main(int argc, char** argv) {
    using namespace convx::CONVX_ISA;
    for (const Level& level : convx::kernel_bench::levels())
        std::printf("%s: %lld KiB, %.1f GB/s read and written by a copy\n", level.name,
                    static_cast<long long>(level.bytes / 1024), level.copied * 1e-9);
    const char* const only = std::getenv("CONVX_ISA");
    for (const convx::Isa* isa : convx::usable_isas()) {
        if (only && *only && std::string(only) != isa->name) continue;
        Measurements measurements(*isa, argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
        measurements.print();
        Rows<Measurements>(*isa, measurements).visit();
    }
}
