// The instruction sets this build holds and this CPU runs. The only part that knows CPU names.
#pragma once
#include <string>
#include <vector>

#include "../../kernels/kernels.h"

namespace convx {

struct Isa {
    const char* name;
    const KernelTable* kernels;
    const DotTable* dots;  // of integers; the one in which avx512vnni differs from avx512
    const char* flags;     // how its kernels were compiled
    bool (*usable)();
};

const std::vector<const Isa*>& usable_isas();    // best first
const Isa* usable_isa(const std::string& name);  // null: none of that name
std::vector<std::string> usable_isa_names();
const Isa& active_isa();

std::string cpu_name();  // as its maker calls it; "unknown" where nothing tells

// Null returns to CONVX_ISA or, without it, the best. Throws std::invalid_argument for a name that cannot run here.
void set_isa(const char* name);

}  // namespace convx
