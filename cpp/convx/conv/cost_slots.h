// What the parts of a call take on a kind of machine: the constants of the model of costs.
#pragma once

namespace convx::cost {

// In issue slots of a multiply-add of a whole vector: of two a cycle where vectors have 32 bytes or less, of one where
// they have 64.
struct Slots {
    double latency;          // a step of a tile takes at least
    double tile;             // entering and leaving a register tile of im2col ...
    double direct_tile;      // ... of direct ...
    double pixel_tile;       // ... of narrow ...
    double pixel_channel;    // (and each channel's taps) ...
    double point_tile;       // ... and of Winograd's products
    double weight_far;       // loading a vector of weights from beyond L1
    double turn_vector;      // transposing and storing one vector of a direct tile
    double direct_far;       // a step of a direct tile that reads scattered pixels ...
    double direct_far_taps;  // ... of one tap after the other ...
    double direct_strided;   // ... or those of a stride ...
    double direct_pack;      // ... or packing them
    double sum_vector;       // loading and storing one vector of an im2col tile
    double pack_term;        // one term of the sum into the im2col panel ...
    double pack_vector;      // ... and one vector of it
    double pack_place;       // one vector of a panel whose rows lie in memory as they are
    double input_byte;       // reading the input, where it leaves L2
    double remote_byte;      // ... and beside that, where it comes from memory
    double copy_vector;      // one vector into the padded patch ...
    double copy_row;         // ... and a row of it
    double pack_weight;      // one weight into a panel
    double pixel_far;        // a vector of pixels that comes from L2, for each time that it is read
    double pixel_vector;     // one vector of a pixel tile stored
    double input_point;      // one point of a vector of input channels, transformed
    double input_pixel;      // ... and a vector of its pixels turned over
    double far_point;        // ... and a point more, where these leave L2 ...
    double memory_point;     // ... and the last-level cache
    double output_point;     // one point of a vector of output channels
    double output_pixel;     // ... and an output of it
    double cached_vector;    // a vector of transformed weights from the last-level cache ...
    double memory_vector;    // ... and from memory
    double bare_vector;      // ... where few tiles are multiplied meanwhile ...
    double cold_vector;      // ... and for the first time in a call
    double winograd;         // of the estimate, what a call takes
    double input_phases;     // times Winograd's estimate, where phases of the input are its channels ...
    double output_phases;    // ... and where only those of the output are its images
    double scattered;        // laying out phases: an element that is moved alone ...
    double join_vector;      // ... and a vector of phases of the output
    double pack_point;       // one transformed weight, which lies in new pages
    double cached_byte;      // weights streamed from the last-level cache ...
    double memory_byte;      // ... and from memory
    double fft;              // of the estimate, what a call takes
    double fft_product;      // a complex vector of the input's spectrum by one of the weight's
    double spectra_byte;     // spectra of weights from the last-level cache ...
    double spectra_far;      // ... and they, or the arrays of a call, from memory
    double depthwise_tap;    // a tap of a vector of pixels, weights of 3x3 in registers ...
    double depthwise_held;   // ... of a larger kernel ...
    double depthwise_wide;   // ... and where they are more than registers
    double depthwise_row;    // a row of a depthwise map
    double turn_pixel;       // transposing a vector of channels, on the way in or out
    double channel_tap;      // a tap of a vector of channels
    double channel_any_tap;  // ... in a row of a length that has no loop of its own
    double tap_row;          // finding a row of taps, for each output row ...
    double channel_row;      // ... and starting that
    double last_vector;      // one vector of output turned to channels last while it is in L2 ...
    double stage_vector;     // ... and written, read and written again
};

const Slots& slots_of(double vector_bytes);

}  // namespace convx::cost
