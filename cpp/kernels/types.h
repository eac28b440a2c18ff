// The types of elements: each list applies a macro to all of its types. Nothing else enumerates them.
#pragma once
#include <stdint.h>

// What is convolved as it is.
#define CONVX_FLOATS(EACH) EACH(float) EACH(double)

// Sums of integers; and integers that are compared as they are.
#define CONVX_WORDS(EACH) EACH(int32_t) EACH(int64_t)

// Integers that are widened to one of these two before they are compared.
#define CONVX_WIDENED(EACH) EACH(int8_t) EACH(int16_t) EACH(uint8_t) EACH(uint16_t) EACH(uint32_t) EACH(uint64_t)

// What images hold, filtered as it is.
#define CONVX_PIXELS(EACH) CONVX_FLOATS(EACH) EACH(uint8_t) EACH(int8_t) EACH(uint16_t) EACH(int16_t)

#define CONVX_NUMBERS(EACH) CONVX_FLOATS(EACH) CONVX_WORDS(EACH) CONVX_WIDENED(EACH)
