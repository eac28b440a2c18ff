#include "large_arrays.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace convx::bindings {
namespace {

// As numpy/ndarraytypes.h has them.
struct Allocator {
    void* context;
    void* (*malloc)(void* context, size_t bytes);
    void* (*calloc)(void* context, size_t count, size_t bytes);
    void* (*realloc)(void* context, void* p, size_t bytes);
    void (*free)(void* context, void* p, size_t bytes);
};
struct Handler {
    char name[127];
    uint8_t version;
    Allocator allocator;
};
constexpr const char* CAPSULE = "mem_handler";
constexpr int SET_HANDLER = 304, DEFAULT_HANDLER = 306;  // places in NumPy's table

constexpr size_t LEAST = size_t{32} << 20;  // what glibc never keeps
constexpr size_t MOST = size_t{64} << 20;   // what a process may have lying about

// Before the elements, which it moves by half a page and some lines: other large arrays begin where pages do, and many
// processors take a load for one of what was just stored pages away.
struct Block {
    size_t bytes;  // behind it
    char gap[2304 - sizeof(size_t)];
};

PyObject* (*set_handler)(PyObject*) = nullptr;
PyObject *usual = nullptr, *keeping = nullptr;  // capsules of handlers
const Allocator* under = nullptr;               // NumPy's own, which knows of huge pages
std::atomic<Block*> kept{nullptr};              // one that nobody uses

Block* block_of(void* p) { return static_cast<Block*>(p) - 1; }

void drop(Block* b) {
    if (b) under->free(under->context, b, sizeof(Block) + b->bytes);
}

void* allocate(void*, size_t bytes) {
    Block* b = kept.exchange(nullptr);
    if (b && (b->bytes < bytes || b->bytes - bytes > bytes / 4)) {
        drop(b);
        b = nullptr;
    }
    if (!b) {
        b = static_cast<Block*>(under->malloc(under->context, sizeof(Block) + bytes));
        if (!b) return nullptr;
        b->bytes = bytes;
    }
    return b + 1;
}

void* allocate_zeros(void* context, size_t count, size_t bytes) {
    size_t all = 0;
    if (__builtin_mul_overflow(count, bytes, &all)) return nullptr;
    void* const p = allocate(context, all);
    if (p) std::memset(p, 0, all);
    return p;
}

void* reallocate(void*, void* p, size_t bytes) {
    Block* const old = p ? block_of(p) : nullptr;
    Block* const b = static_cast<Block*>(under->realloc(under->context, old, sizeof(Block) + bytes));
    if (!b) return nullptr;
    b->bytes = bytes;
    return b + 1;
}

void release(void*, void* p, size_t) {
    if (!p) return;
    Block* const b = block_of(p);
    drop(b->bytes >= LEAST && b->bytes <= MOST ? kept.exchange(b) : b);
}

Handler handler{"convx", 1, {nullptr, allocate, allocate_zeros, reallocate, release}};

}  // namespace

void keep_large_arrays(void** api) {
    std::memcpy(&set_handler, &api[SET_HANDLER], sizeof set_handler);
    usual = *static_cast<PyObject**>(api[DEFAULT_HANDLER]);
    under = &static_cast<const Handler*>(PyCapsule_GetPointer(usual, CAPSULE))->allocator;
    keeping = made(PyCapsule_New(&handler, CAPSULE, nullptr)).release().ptr();
}

LargeArray::LargeArray(double bytes) {
    if (bytes < static_cast<double>(LEAST)) return;
    before_ = set_handler(keeping);
    if (!before_) raise();
    if (before_ != usual) Py_XDECREF(set_handler(before_));
}

LargeArray::~LargeArray() {
    if (!before_) return;
    if (before_ == usual) Py_XDECREF(set_handler(before_));
    Py_DECREF(before_);
}

}  // namespace convx::bindings
