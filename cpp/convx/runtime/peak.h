// What one core can do on registers alone.
#pragma once

namespace convx {

double fma_peak(double seconds);  // GFLOP/s, the best of that time

}  // namespace convx
