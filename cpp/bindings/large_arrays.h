// Memory of large results. The C library gives back at once what arrays of 32 MiB and more leave, and the system clears
// each page anew that the next call writes: for a layer that does little else, half of its time.
#pragma once
#include "objects.h"

namespace convx::bindings {

// `api` is NumPy's table of functions.
void keep_large_arrays(void** api);

// Arrays of so many bytes that NumPy makes while this lives are put where one that is gone has been, if there is such a
// place. Nothing changes for small ones, nor where the user has set how NumPy allocates.
class LargeArray {
  public:
    explicit LargeArray(double bytes);
    ~LargeArray();
    LargeArray(const LargeArray&) = delete;
    LargeArray& operator=(const LargeArray&) = delete;

  private:
    PyObject* before_ = nullptr;  // how NumPy allocated; null: as it still does
};

}  // namespace convx::bindings
