// How a team shares out a call: so that its busiest thread has the least to do, counting what it does anew for each
// block and each part of the output channels.
#pragma once
#include "blocking.h"

namespace convx {

// What a call does for one input channel, in slots of a multiply-add.
struct CutCosts {
    int64_t granule;  // pixels: a block costs as much as a whole number of them
    int64_t panels;   // of output channels
    double panel;     // a granule by one of them
    double weights;   // of a panel, read for each task
    double ready;     // a granule that each task makes ready, packs say
    bool copies;      // a block's input, ...
    bool refills;     // ... for each of its tasks, as a thread does not keep it
};

// Blocks no larger than `most` and parts of the panels.
BlockTasks cut_for_team(const ConvShape& s, const Blocking& most, const CutCosts& costs, int threads);

// Reading the weights of so many output channels; all of them: where they do not stay in L2.
double weights_cost(const ConvShape& s, int64_t channels, int64_t element);

}  // namespace convx
