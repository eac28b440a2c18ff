// The last line of every kernel file: instantiates what the file has defined, and nothing else, for the types of each
// row. An explicit instantiation of a class is one of those of its members that are defined.
#pragma once

namespace convx::CONVX_ISA {

template struct Float<float>;
template struct Float<double>;

template struct Pool<float, FiniteMax<float>>;
template struct Pool<float, Max<float>>;
template struct Pool<float, Sum<float>>;
template struct Pool<double, FiniteMax<double>>;
template struct Pool<double, Max<double>>;
template struct Pool<double, Sum<double>>;

template struct Argmax<float>;
template struct Argmax<double>;
template struct Argmax<int32_t>;
template struct Argmax<int64_t>;

template struct Any<float>;
template struct Any<double>;
template struct Any<int8_t>;
template struct Any<int16_t>;
template struct Any<int32_t>;
template struct Any<int64_t>;
template struct Any<uint8_t>;
template struct Any<uint16_t>;
template struct Any<uint32_t>;
template struct Any<uint64_t>;

template struct Convert<int8_t>;
template struct Convert<int16_t>;
template struct Convert<uint8_t>;
template struct Convert<uint16_t>;
template struct Convert<uint32_t>;
template struct Convert<uint64_t>;

#if defined(CONVX_DOT_BYTES)
template struct Dot<int32_t, Bytes>;
#endif
template struct Dot<int32_t, Pairs>;
template struct Dot<int64_t, Multiply>;

template struct Word<Bytes>;
template struct Word<Pairs>;

}  // namespace convx::CONVX_ISA
