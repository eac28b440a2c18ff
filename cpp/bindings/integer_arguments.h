// Arrays of integers and what goes with them.
#pragma once
#include <string>
#include <vector>

#include "../convx/integer/integers.h"
#include "arguments.h"

namespace convx::bindings {

inline bool is_integer(const Dtype& d) { return d.kind() == 'i' || d.kind() == 'u'; }  // taken or not

// TypeError for dtypes other than those of IntType; with `bytes`, for others than int8 and uint8.
Array as_integers(const std::string& function, const char* argument, const Array& a, bool bytes = false);

IntType int_type(const Array& a);
IntView int_view(const Array& a, int rank, bool batched);  // as view_of
std::vector<int64_t> int_values(const Array& a);

struct Bounds {
    int64_t lo = INT64_MIN, hi = INT64_MAX;
};
Bounds integer_activation(const Arguments& a);
std::string integer_algorithm(const Arguments& a);

// What is given for an 8-bit array: one integer, or with `channels` > 0 one for each of them.
class ZeroPoints {
  public:
    ZeroPoints(const Arguments& a, Name name, int64_t channels);
    // In the range of that type, or ValueError.
    const std::vector<int64_t>& of(IntType type) const;
    // That type if they are in its range, else the one in whose range they are, if any.
    IntType fitting(IntType type) const;

  private:
    std::string function_;
    Name name_;
    py::object given_;  // for the message
    std::vector<int64_t> values_;
    int64_t least_, most_;
};

// Positive finite numbers, one or `channels` of them.
std::vector<float> scales(const Arguments& a, Name name, int64_t channels);

}  // namespace convx::bindings
