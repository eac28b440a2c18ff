// The last line of every kernel file: instantiates what the file has defined, and nothing else, for the types of each
// row. An explicit instantiation of a class is one of those of its members that are defined.
#pragma once

namespace convx::CONVX_ISA {

#define CONVX_FLOAT_POOL(T, Reduction)     \
    template struct Pool<T, Reduction<T>>; \
    template struct Small<T, Reduction<T>>;
#define CONVX_FLOAT(T)             \
    template struct Float<T>;      \
    CONVX_FLOAT_POOL(T, FiniteMax) \
    CONVX_FLOAT_POOL(T, FiniteMin) \
    CONVX_FLOAT_POOL(T, Max)       \
    CONVX_FLOAT_POOL(T, Min)       \
    CONVX_FLOAT_POOL(T, Sum)
#define CONVX_INTEGER(T)             \
    template struct Pool<T, Max<T>>; \
    template struct Pool<T, Min<T>>;
#define CONVX_ARGMAX(T) template struct Argmax<T>;
#define CONVX_ANY(T) template struct Any<T>;
#define CONVX_CONVERT(T) template struct Convert<T>;
#define CONVX_PIXEL(T) template struct Pixel<T>;
CONVX_FLOATS(CONVX_FLOAT)
CONVX_WORDS(CONVX_INTEGER)
CONVX_WIDENED(CONVX_INTEGER)
CONVX_FLOATS(CONVX_ARGMAX)
CONVX_WORDS(CONVX_ARGMAX)
CONVX_NUMBERS(CONVX_ANY)
CONVX_WIDENED(CONVX_CONVERT)
CONVX_PIXELS(CONVX_PIXEL)
#undef CONVX_FLOAT_POOL
#undef CONVX_FLOAT
#undef CONVX_INTEGER
#undef CONVX_ARGMAX
#undef CONVX_ANY
#undef CONVX_CONVERT
#undef CONVX_PIXEL

#if defined(CONVX_DOT_BYTES)
template struct Dot<int32_t, Bytes>;
#endif
template struct Dot<int32_t, Pairs>;
template struct Dot<int64_t, Multiply>;

template struct Word<Bytes>;
template struct Word<Pairs>;

}  // namespace convx::CONVX_ISA
