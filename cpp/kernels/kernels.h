// All that the core sees of the kernels: their table, and the contracts by which they are called.
// Kernels are single-threaded, allocate nothing, throw nothing, and touch only the elements that their formula names
// (scratch excepted: a panel has `lanes` elements of slack behind it).
#pragma once
#include "contracts/argmax.h"
#include "contracts/depthwise.h"
#include "contracts/direct.h"
#include "contracts/elementwise.h"
#include "contracts/epilogue.h"
#include "contracts/fft.h"
#include "contracts/gemm.h"
#include "contracts/image.h"
#include "contracts/integer.h"
#include "contracts/pool.h"
#include "contracts/rows.h"
#include "contracts/statistics.h"
#include "contracts/sums.h"
#include "contracts/winograd.h"
#include "table.h"
