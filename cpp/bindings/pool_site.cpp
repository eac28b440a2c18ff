#include "pool_site.h"

#include <algorithm>

namespace convx::bindings {

PoolSite::PoolSite(const PoolShape& s, const py::array& x, int rank, DataFormat format)
    : shape(s),
      bytes(view_of<char>(x, rank, s.batched)),
      index_d(s.h.in * s.w.in),
      index_h(s.w.in),
      index_w(1),
      rank_(rank),
      format_(format),
      in_place_(format == DataFormat::channels_last && rank < AXES) {
    if (!in_place_) return;
    shape = {s.n, 1, s.h, s.w, {s.c, s.c, 1, 1, 1, 0, 0}, s.batched};
    bytes = {bytes.data, bytes.n, 0, bytes.h, bytes.w, bytes.c};
    index_d = s.w.in;
    index_h = 1;
    index_w = 0;
}

Output PoolSite::output(const std::string& function, py::handle out, const py::dtype& dtype, const Shape& result,
                        std::initializer_list<const py::array*> others) const {
    if (in_place_) return {function, out, dtype, in_format(result, rank_, format_), others};
    return {function, out, dtype, result, others, format_, rank_};
}

double work(const PoolShape& s) {
    const double elements = static_cast<double>(s.n) * static_cast<double>(s.c) * static_cast<double>(s.d.in) *
                            static_cast<double>(s.h.in) * static_cast<double>(s.w.in);
    return elements * std::min(3.0 * static_cast<double>(s.d.kernel + s.h.kernel + s.w.kernel), 100.0);
}

}  // namespace convx::bindings
