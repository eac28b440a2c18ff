#include "context.h"

#include "threads.h"
#include "trace.h"

namespace convx {

Context Context::part(double work) const {
    const Context part{isa, threads_for(work)};
    trace::decided(isa.name, part.threads);
    return part;
}

Context decide(double work) { return Context{active_isa(), 1}.part(work); }

}  // namespace convx
