#include "conv_transpose.h"

#include <algorithm>

#include "../data/transpose.h"
#include "../runtime/parallel.h"
#include "../runtime/trace.h"
#include "../shape/integer_math.h"
#include "../shape/message.h"

namespace convx {
namespace {

// Outputs of the phases held at a time, before they are put together: in the last-level cache with the input. The same
// for any number of threads, so that the blocks, and with them the bits, are too.
constexpr int64_t SCRATCH_BYTES = 3 << 20;
constexpr int64_t LEAST_COLUMNS = 64;

// The blocks of a call: images, or one image's planes, rows or columns, counted in strides.
struct Blocks {
    int64_t size[1 + AXES], total[1 + AXES];

    Blocks(const ConvShape& s, const PhasedAxis (&axes)[AXES], int64_t bytes) {
        total[0] = s.n;
        int64_t phases = 1;
        for (int i = 0; i < AXES; ++i) {
            total[1 + i] = axes[i].units();
            phases *= axes[i].phases.count();
        }
        const int64_t most = std::max<int64_t>(SCRATCH_BYTES / (bytes * phases * s.c), 1);
        size[3] = even_part(total[3], std::max(most, LEAST_COLUMNS));
        int64_t held = size[3];
        for (int i = 2; i >= 0; --i) {
            size[i] = size[i + 1] == total[i + 1] ? even_part(total[i], std::max<int64_t>(most / held, 1)) : 1;
            held *= size[i];
        }
    }

    int64_t count() const {
        int64_t n = 1;
        for (int i = 0; i < 1 + AXES; ++i) n *= ceil_div(total[i], size[i]);
        return n;
    }

    PhaseBlock at(int64_t index) const {
        Range span[1 + AXES];
        for (int i = AXES; i >= 0; --i) {
            const int64_t parts = ceil_div(total[i], size[i]), at = index % parts * size[i];
            span[i] = {at, std::min(at + size[i], total[i])};
            index /= parts;
        }
        return {span[0].begin, span[0].end, {span[1], span[2], span[3]}};
    }
};

// One of the convolutions for a block: its shape, its input, and where among the positions of the phases it lies.
template <class T>
struct BlockConv {
    ConvShape shape;
    View<const T> x;
    SubResult<T> maps;
    int64_t elements() const { return shape.n * shape.k * maps.pixels(); }
};

template <class T>
BlockConv<T> block_conv(const ConvShape& s, const PhasedAxis (&axes)[AXES], const SubConvolution& sub,
                        const int64_t (&phase_group)[AXES], const PhaseBlock& block, View<const T> x) {
    BlockConv<T> b{{block.n1 - block.n0, s.k, s.c * sub.phases(), s.groups, {}, {}, {}, true}, x, {&sub, nullptr, {}}};
    b.shape.is_part = true;
    Axis* const to[AXES] = {&b.shape.d, &b.shape.h, &b.shape.w};
    const int64_t strides[AXES] = {x.d, x.h, x.w};
    b.x.data += block.n0 * x.n;
    for (int i = 0; i < AXES; ++i) {
        b.maps.positions[i] = axes[i].positions(phase_group[i], block.units[i]);
        const PhaseInput in = phase_input(axes[i].phases, sub.axis[i], axes[i].axis, b.maps.positions[i]);
        *to[i] = in.axis;
        b.x.data += in.begin * strides[i];
    }
    return b;
}

// Of an output whose phases are put together channels first, and which is then transposed.
int64_t staged_elements(const ConvShape& s, bool whole_rows, DataFormat format) {
    return whole_rows || format == DataFormat::channels_first || s.c == 1 ? 0 : s.n * s.c * s.d.in * s.h.in * s.w.in;
}

// Of putting the phases together; their convolutions are parts of the call.
double work(const ConvShape& s) {
    return 10.0 * static_cast<double>(s.n * s.c) * static_cast<double>(s.d.in * s.h.in) * static_cast<double>(s.w.in);
}

}  // namespace

void check_phases_supported(const std::string& algorithm, const ConvSpec& spec) {
    if (algorithm == "auto") return;
    const PhaseSplit split(spec);
    for (const SubConvolution& sub : split.sub_convolutions())
        if (!algorithm_supports(algorithm, sub_spec(spec, split, sub)))
            fail(spec.function,
                 "algorithm must fit each phase, which is a convolution of every stride-th tap with stride 1 ('" +
                     algorithm + "' needs " + find_algorithm<float>(spec.function, algorithm)->needs + ")",
                 "'" + algorithm + "'");
}

template <class T>
ConvTranspose<T>::Part::Part(const ConvTranspose& whole, const SubConvolution& s, Buffer<T> w)
    : sub(s),
      spec(sub_spec(whole.spec_, whole.split_, s)),
      weight(std::move(w)),
      bias(whole.epilogue_.bias ? sub_bias(whole.spec_, s, whole.epilogue_.bias) : Buffer<T>()),
      convolution(spec, weight.data(), bias.data(), whole.epilogue_, whole.algorithm_, whole.one_use_) {}

template <class T>
ConvTranspose<T>::ConvTranspose(const ConvSpec& spec, const T* weight, const T* bias, const Epilogue<T>& activation,
                                std::string algorithm, bool one_use)
    : spec_(spec),
      weight_(weight),
      epilogue_(activation),
      algorithm_(std::move(algorithm)),
      one_use_(one_use),
      split_(spec) {
    epilogue_.bias = bias;
}

template <class T>
const typename ConvTranspose<T>::Parts& ConvTranspose<T>::parts(const Context& call) {
    return parts_.get([&] {
        auto parts = std::make_unique<Parts>();
        const std::vector<SubConvolution> subs = split_.sub_convolutions();
        std::vector<Buffer<T>> weights = sub_weights(call, spec_, split_, subs, weight_);
        for (size_t i = 0; i < subs.size(); ++i)
            parts->push_back(std::make_unique<Part>(*this, subs[i], std::move(weights[i])));
        return parts;
    });
}

template <class T>
bool ConvTranspose<T>::writes_whole_rows() const {
    return split_.axis[0].stride == 1 && split_.axis[1].stride == 1 && split_.axis[2].stride == 1;
}

// How one call is cut and what it needs beside its arrays.
template <class T>
struct ConvTranspose<T>::Call {
    const Parts& parts;
    const ConvShape& shape;
    const PhasedAxis axes[AXES];
    const Blocks blocks;

    Call(ConvTranspose& w, const ConvShape& s, const Context& context)
        : parts(w.parts(context)),
          shape(s),
          axes{{w.split_.axis[0], s.d}, {w.split_.axis[1], s.h}, {w.split_.axis[2], s.w}},
          blocks(s, axes, sizeof(T)) {}

    BlockConv<T> conv(size_t part, const PhaseBlock& block, const View<const T>& x) const {
        const int64_t nh = static_cast<int64_t>(axes[1].phases.phase_groups.size());
        const int64_t nw = static_cast<int64_t>(axes[2].phases.phase_groups.size()), i = static_cast<int64_t>(part);
        return block_conv<T>(shape, axes, parts[part]->sub, {i / nw / nh, i / nw % nh, i % nw}, block, x);
    }

    int64_t scratch(const PhaseBlock& block) const {
        int64_t elements = 0;
        for (size_t i = 0; i < parts.size(); ++i) elements += conv(i, block, {}).elements();
        return elements;
    }

    // All blocks but the last along an axis have the same size, plus or minus a row at the edges.
    int64_t scratch() const {
        int64_t most = 0;
        for (int64_t i = 0; i < blocks.count(); ++i) most = std::max(most, scratch(blocks.at(i)));
        return most;
    }
};

template <class T>
void ConvTranspose<T>::run(const ConvShape& s, const View<const T>& x, T* out, DataFormat format) {
    if (s.n == 0) return;
    const Context context = decide(work(s));
    const Call call(*this, s, context);
    if (writes_whole_rows()) {
        const BlockConv<T> all = call.conv(0, {0, s.n, {{0, s.d.in}, {0, s.h.in}, {0, s.w.in}}}, x);
        return call.parts[0]->convolution.run_part(context, all.shape, all.x, out, format);
    }
    const int64_t staged = staged_elements(s, false, format);
    if (!staged) return run_phases(call, context, x, out);
    const Buffer<T> stage(staged);
    run_phases(call, context, x, stage.data());
    transpose_images(stage.data(), out, s.n, s.c, staged / s.n / s.c, context.kernels<T>(), context.threads);
    trace::copied(stage.data(), out, staged * static_cast<int64_t>(sizeof(T)), "channels_last");
}

template <class T>
void ConvTranspose<T>::run_phases(const Call& call, const Context& context, const View<const T>& x, T* out) {
    const ConvShape& s = call.shape;
    const PhaseInterleaver<T> interleaver(s, call.axes, epilogue_, context.kernels<T>(), out);
    const int threads = context.threads;
    // Not a Workspace: those of the convolutions are alive at the same time.
    const int64_t placed = static_cast<int64_t>(call.axes[2].placed.size());
    const Buffer<T> scratch(call.scratch());
    const Buffer<PhaseRows<T>> rows(threads * placed);
    std::vector<SubResult<T>> maps(call.parts.size());
    for (int64_t i = 0; i < call.blocks.count(); ++i) {
        const PhaseBlock block = call.blocks.at(i);
        T* to = scratch.data();
        for (size_t part = 0; part < call.parts.size(); ++part) {
            const BlockConv<T> conv = call.conv(part, block, x);
            maps[part] = conv.maps;
            maps[part].data = to;
            if (conv.elements()) call.parts[part]->convolution.run_part(context, conv.shape, conv.x, to);
            to += conv.elements();
        }
        parallel_tasks(interleaver.tasks(block), threads, [&](int64_t task, int thread) {
            interleaver.run(block, maps, task, rows.data() + thread * placed);
        });
    }
}

template <class T>
std::string ConvTranspose<T>::algorithm_for(const ConvShape& s) {
    const Call call(*this, s, decide(work(s)));
    const BlockConv<T> first = call.conv(0, call.blocks.at(0), {});
    return call.parts[0]->convolution.algorithm_for(first.shape).name;
}

template <class T>
int64_t ConvTranspose<T>::workspace_bytes(const ConvShape& s, DataFormat format) {
    const Call call(*this, s, decide(work(s)));
    int64_t most = 0;
    for (int64_t i = 0; i < call.blocks.count(); ++i)
        for (size_t part = 0; part < call.parts.size(); ++part) {
            const BlockConv<T> conv = call.conv(part, call.blocks.at(i), {});
            const DataFormat written = writes_whole_rows() ? format : DataFormat::channels_first;
            if (conv.elements())
                most = std::max(most, call.parts[part]->convolution.workspace_bytes(conv.shape, written));
        }
    const int64_t scratch = writes_whole_rows() ? 0 : call.scratch();
    return most + (scratch + staged_elements(s, writes_whole_rows(), format)) * static_cast<int64_t>(sizeof(T));
}

#define CONVX_INSTANTIATE(T) template class ConvTranspose<T>;
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx
