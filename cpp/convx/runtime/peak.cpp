#include "peak.h"

#include <algorithm>
#include <chrono>

#include "context.h"
#include "interrupt.h"

namespace convx {

double fma_peak(double seconds) {
    const Kernels<float>& k = decide(0).kernels<float>();
    const auto now = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    double best = 0;
    const double end = now() + seconds;
    do {
        checkpoint();
        float sink = 0.5f;
        const double start = now();
        const double operations = k.fma_burst({100000, &sink});
        best = std::max(best, operations / (now() - start) * 1e-9);
    } while (now() < end);
    return best;
}

}  // namespace convx
