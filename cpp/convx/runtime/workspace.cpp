#include "workspace.h"

namespace convx {
namespace {

// A tiny call would spend much of its time in malloc: each thread keeps one block for such. It serves one call at a
// time; one that begins before another has ended, from a signal handler say, takes memory of its own.
constexpr int64_t SMALL = 32 << 10;
struct SmallBlock {
    Buffer<char> memory;
    bool taken = false;
};
thread_local SmallBlock small_block;

}  // namespace

void Workspace::allocate() {
    if (bytes() > SMALL || small_block.taken) {
        memory_ = Buffer<char>(bytes(), Lifetime::call);
        start_ = memory_.data();
        return;
    }
    if (!small_block.memory.data()) small_block.memory = Buffer<char>(SMALL);
    small_block.taken = true;
    start_ = small_block.memory.data();
}

Workspace::~Workspace() {
    if (start_ && start_ != memory_.data()) small_block.taken = false;
}

}  // namespace convx
