// Every row of the kernels' table with every type it has, on one instruction set: Visitor::visit(name, type, run) is
// called with what calls the case of that row.
#pragma once
#include <string>

#include "../../cpp/convx/runtime/isa.h"
#include "cases.h"

namespace convx::CONVX_ISA {

template <class T>
const char* type_name() {
    if (std::is_floating_point_v<T>) return sizeof(T) == 4 ? "float" : "double";
    const char* const names[2][4] = {{"uint8", "uint16", "uint32", "uint64"}, {"int8", "int16", "int32", "int64"}};
    return names[std::is_signed_v<T>][sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3];
}

template <class Visitor>
class Rows {
  public:
    Rows(const Isa& isa, Visitor& visitor) : isa_(isa), visitor_(visitor) {}

    void visit() {
#define CONVX_FLOAT(T) floats<T>();
#define CONVX_WORD(T) argmax<T>(), integers<T>();
#define CONVX_WIDE(T) convert<T>(), integers<T>();
        CONVX_FLOATS(CONVX_FLOAT)
        CONVX_WORDS(CONVX_WORD)
        CONVX_WIDENED(CONVX_WIDE)
#undef CONVX_FLOAT
#undef CONVX_WORD
#undef CONVX_WIDE
#define CONVX_PIXEL(T) pixels<T>(isa_.kernels->pixel_##T);
        CONVX_PIXELS(CONVX_PIXEL)
#undef CONVX_PIXEL
        if (isa_.dots->bytes.parts) words<Bytes>(isa_.dots->bytes, "bytes");
        words<Pairs>(isa_.dots->pairs, "pairs");
        dots<int64_t, Multiply>(isa_.dots->wide, "wide");
        bytes();
    }

  private:
    template <class T>
    const Kernels<T>& kernels() const {
        return kernels_of<T>(*isa_.kernels);
    }

    template <class T>
    void floats() {
        argmax<T>();
#define CONVX_FLOAT_KERNEL(result, name, contract) \
    visitor_.visit(#name, type_name<T>(), [&](Subject& subject) { Float<T>::name(subject, kernels<T>()); });
#include "../../cpp/kernels/kernels.inc"
        float_pools<T, FiniteMax<T>>(kernels<T>().pool_finite_max, "finite max");
        float_pools<T, FiniteMin<T>>(kernels<T>().pool_finite_min, "finite min");
        float_pools<T, Max<T>>(kernels<T>().pool_max, "max");
        float_pools<T, Min<T>>(kernels<T>().pool_min, "min");
        float_pools<T, Sum<T>>(kernels<T>().pool_average, "average");
    }

    template <class T, class Reduction>
    void float_pools(const PoolKernels<T>& pool, const char* reduction) {
        pools<T, Reduction>(pool, reduction);
        const std::string type = type_name<T>() + std::string(" ") + reduction;
#define CONVX_SMALL_KERNEL(result, name, contract) \
    visitor_.visit(#name, type.c_str(),            \
                   [&](Subject& subject) { Small<T, Reduction>::name(subject, kernels<T>(), pool); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T>
    void integers() {
        pools<T, Max<T>>(kernels<T>().pool_max, "max");
        pools<T, Min<T>>(kernels<T>().pool_min, "min");
    }

    template <class T, class Reduction>
    void pools(const PoolKernels<T>& pool, const char* reduction) {
        const std::string type = type_name<T>() + std::string(" ") + reduction;
#define CONVX_POOL_KERNEL(result, name, contract) \
    visitor_.visit(#name, type.c_str(),           \
                   [&](Subject& subject) { Pool<T, Reduction>::name(subject, kernels<T>(), pool); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T>
    void argmax() {
        any<T>();
#define CONVX_ARGMAX_KERNEL(result, name, contract) \
    visitor_.visit(#name, type_name<T>(), [&](Subject& subject) { Argmax<T>::name(subject, kernels<T>()); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T>
    void any() {
#define CONVX_ANY_KERNEL(result, name, contract) \
    visitor_.visit(#name, type_name<T>(), [&](Subject& subject) { Any<T>::name(subject, kernels<T>()); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T>
    void convert() {
        any<T>();
#define CONVX_CONVERT_KERNEL(result, name, contract) \
    visitor_.visit(#name, type_name<T>(), [&](Subject& subject) { Convert<T>::name(subject, kernels<T>()); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T>
    void pixels(const PixelKernels& k) {
#define CONVX_PIXEL_KERNEL(result, name, contract) \
    visitor_.visit(#name, type_name<T>(), [&](Subject& subject) { Pixel<T>::name(subject, k); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class T, class Product>
    void dots(const DotKernels<T>& k, const char* type) {
#define CONVX_DOT_KERNEL(result, name, contract) \
    visitor_.visit(#name, type, [&](Subject& subject) { Dot<T, Product>::name(subject, k); });
#include "../../cpp/kernels/kernels.inc"
    }

    template <class Product>
    void words(const DotKernels<int32_t>& k, const char* type) {
        dots<int32_t, Product>(k, type);
#define CONVX_WORD_KERNEL(result, name, contract) \
    visitor_.visit(#name, type, [&](Subject& subject) { Word<Product>::name(subject, k); });
#include "../../cpp/kernels/kernels.inc"
    }

    void bytes() {
#define CONVX_BYTE_KERNEL(result, name, contract) \
    visitor_.visit(#name, "uint8", [&](Subject& subject) { Byte::name(subject, *isa_.dots); });
#include "../../cpp/kernels/kernels.inc"
    }

    const Isa& isa_;
    Visitor& visitor_;
};

}  // namespace convx::CONVX_ISA
