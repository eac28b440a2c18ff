// Cuts the output of one image and group into blocks whose input fits the cache.
#pragma once
#include <cstdint>

#include "../shape/integer_math.h"
#include "../shape/shape.h"

namespace convx {

// Outputs [d0, d1) x [p0, p1) x [q0, q1) of one image. Always one contiguous range of pixels in each output channel:
// whole planes, or whole rows of one plane, or a piece of one row.
struct Block {
    int64_t d0, d1, p0, p1, q0, q1;
    int64_t rows() const { return (d1 - d0) * (p1 - p0); }
    int64_t cols() const { return q1 - q0; }
    int64_t pixels() const { return rows() * cols(); }
};

struct Blocking {
    int64_t d, p, q;   // largest block
    int64_t channels;  // input channels held at a time
    int64_t count_d, count_p, count_q;
    int64_t count() const { return count_d * count_p * count_q; }
    Block at(const ConvShape& s, int64_t index) const;
    int64_t pixels() const { return d * p * q; }
};

struct BlockLimits {
    int64_t channels;                    // input channels one block reads
    int64_t bytes;                       // of the padded input of a block
    int64_t pixels;                      // at most, where a row allows it
    int64_t element;                     // size of one element
    int64_t least_blocks;                // wanted for balance over threads
    int64_t lanes;                       // row pieces and pixel counts prefer multiples of this
    int64_t least_channels = INT64_MAX;  // so many are held, rather than copying rows that blocks share again and again
};

Blocking choose_blocking(const ConvShape& s, const BlockLimits& limits);

// Panels (or slabs) [k0, k1) of output channels of one block of one image and group: what a thread takes at a time.
struct BlockTask {
    int64_t image, group, k0, k1;
    Block block;
    int64_t block_id;  // the same for all tasks of one block of one image and group
};

struct BlockTasks {
    const ConvShape& shape;
    Blocking blocking;
    int64_t panels, step;  // of output channels in a group, and in a task
    int64_t parts() const { return ceil_div(panels, step); }
    int64_t count() const { return shape.n * shape.groups * blocking.count() * parts(); }
    BlockTask at(int64_t index) const;
};

// Cuts the output channels where images, groups and blocks alone do not keep the threads busy.
BlockTasks partition_tasks(const ConvShape& s, const Blocking& blocking, int64_t panels, int threads);

// Blocks per image and group that give every thread several tasks to balance with.
int64_t least_blocks(const ConvShape& s, int threads, int64_t per_thread = 8);

}  // namespace convx
