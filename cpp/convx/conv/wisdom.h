// What was measured: which algorithm is the fastest for convolutions of one shape, on an instruction set and with a
// number of threads. Held by the process for all of its plans, which ask here before they ask the model of costs.
#pragma once
#include <utility>
#include <vector>

#include "../runtime/isa.h"
#include "algorithm.h"
#include "winograd_schemes.h"

namespace convx::wisdom {

// All that an answer depends on.
struct Question {
    const Isa* isa;
    int threads;
    winograd::Level level;  // off also where weight or input is not finite
    int rank;
    DataFormat format;  // of the output
    ConvShape shape;
};

template <class T>
const Algorithm<T>* known(const Question& question);  // null: not measured

template <class T>
void learn(const Question& question, const Algorithm<T>& algorithm);
void forget();

template <class T>
std::vector<std::pair<Question, const Algorithm<T>*>> everything();

// How often anything was learned or forgotten: who keeps an answer asks again when this has changed.
int64_t changes();

}  // namespace convx::wisdom
