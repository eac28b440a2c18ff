#include "context.h"

#include "threads.h"

namespace convx {

Context decide(double work) { return {active_isa(), threads_for(work)}; }

Context Context::part(double work) const { return {isa, threads_for(work)}; }

}  // namespace convx
