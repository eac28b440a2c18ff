// What to write instead of the words that other libraries have for an argument.
#pragma once
#include <string>

#include "objects.h"

namespace convx::bindings {

// " (write 'same' for 'SAME')", or nothing where no library is known to say so.
std::string remedy(const char* argument, py::handle value);

}  // namespace convx::bindings
