// How a team shares out a call: so that its busiest thread has the least to do, counting what it does anew for each
// block and each part of the output channels.
#pragma once
#include "blocking.h"

namespace convx {

// Who lays out the input of a block: each task that needs it; each thread, which keeps it for its next task; or all
// threads, for all.
enum class Input { of_task, of_thread, of_team };

// What a call does for one input channel, in slots of a multiply-add.
struct CutCosts {
    int64_t granule;  // pixels of a full tile ...
    int64_t vector;   // ... and of the parts that it can be cut to
    int64_t panels;   // of output channels
    double panel;     // a granule by one of them ...
    double least;     // ... and the share of it that a few pixels take
    double weights;   // of a panel, read for each task
    double ready;     // a granule that each task makes ready, packs say
    double element;   // of a block's input, where that is laid out
    Input input;
};

constexpr double COPIED = 0.5;   // slots of an element
constexpr double LATENCY = 8.0;  // slots that a step of a tile takes at least

// Blocks no larger than `most` and parts of the panels; one thread alone takes all panels of the largest.
BlockTasks cut_for_team(const ConvShape& s, const Blocking& most, const CutCosts& costs, int threads);

// Reading so many bytes of weights, where all of them do not stay in L2.
double weights_cost(int64_t all, int64_t bytes);

}  // namespace convx
