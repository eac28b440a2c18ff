#include "wisdom.h"

#include <array>
#include <atomic>
#include <memory>

namespace convx::wisdom {
namespace {

using Key = std::array<int64_t, 10 + 6 * AXES>;

Key key_of(const Question& q) {
    const ConvShape& s = q.shape;
    Key key{reinterpret_cast<intptr_t>(q.isa),
            q.threads,
            static_cast<int64_t>(q.level),
            q.rank,
            static_cast<int64_t>(q.format),
            static_cast<int64_t>(s.border),
            s.n,
            s.c,
            s.k,
            s.groups};
    size_t i = 10;
    for (const Axis& a : {s.d, s.h, s.w})
        for (const int64_t n : {a.in, a.kernel, a.stride, a.dilation, a.lo, a.hi}) key[i++] = n;
    return key;
}

// Known for good, so that whoever walks a list needs no lock; what was forgotten has no answer.
template <class T>
struct Fact {
    const Question question;
    const Key key;
    std::atomic<const Algorithm<T>*> answer;
    Fact* next;
};

constexpr size_t LISTS = 1024;
template <class T>
std::atomic<Fact<T>*> lists[LISTS];

std::atomic<int64_t> change_count{0};

template <class T>
std::atomic<Fact<T>*>& list_of(const Key& key) {
    uint64_t hash = 0;
    for (const int64_t n : key) hash = (hash ^ static_cast<uint64_t>(n)) * 0x9E3779B97F4A7C15U;
    return lists<T>[hash >> 54];  // the high bits are mixed best; 2^10 lists
}

template <class T>
Fact<T>* find(Fact<T>* fact, const Key& key) {
    while (fact && fact->key != key) fact = fact->next;
    return fact;
}

template <class T>
Fact<T>& fact_of(const Question& question) {
    const Key key = key_of(question);
    std::atomic<Fact<T>*>& list = list_of<T>(key);
    Fact<T>* const first = list.load(std::memory_order_acquire);
    if (Fact<T>* const fact = find(first, key)) return *fact;
    std::unique_ptr<Fact<T>> mine(new Fact<T>{question, key, {nullptr}, first});
    while (!list.compare_exchange_weak(mine->next, mine.get(), std::memory_order_acq_rel, std::memory_order_acquire))
        if (Fact<T>* const fact = find(mine->next, key)) return *fact;
    return *mine.release();
}

template <class T, class Visit>
void visit_all(const Visit& visit) {
    for (std::atomic<Fact<T>*>& list : lists<T>)
        for (Fact<T>* fact = list.load(std::memory_order_acquire); fact; fact = fact->next) visit(*fact);
}

template <class T>
void forget_all() {
    visit_all<T>([](Fact<T>& fact) { fact.answer.store(nullptr, std::memory_order_relaxed); });
}

}  // namespace

template <class T>
const Algorithm<T>* known(const Question& question) {
    if (changes() == 0) return nullptr;
    const Key key = key_of(question);
    const Fact<T>* const fact = find(list_of<T>(key).load(std::memory_order_acquire), key);
    return fact ? fact->answer.load(std::memory_order_relaxed) : nullptr;
}

template <class T>
void learn(const Question& question, const Algorithm<T>& algorithm) {
    if (fact_of<T>(question).answer.exchange(&algorithm, std::memory_order_relaxed) != &algorithm)
        change_count.fetch_add(1, std::memory_order_release);
}

void forget() {
#define CONVX_FORGET(T) forget_all<T>();
    CONVX_FLOATS(CONVX_FORGET)
#undef CONVX_FORGET
    change_count.fetch_add(1, std::memory_order_release);
}

template <class T>
std::vector<std::pair<Question, const Algorithm<T>*>> everything() {
    std::vector<std::pair<Question, const Algorithm<T>*>> all;
    visit_all<T>([&](const Fact<T>& fact) {
        if (const Algorithm<T>* const answer = fact.answer.load(std::memory_order_relaxed))
            all.emplace_back(fact.question, answer);
    });
    return all;
}

int64_t changes() { return change_count.load(std::memory_order_acquire); }

#define CONVX_INSTANTIATE(T)                                      \
    template const Algorithm<T>* known<T>(const Question&);       \
    template void learn<T>(const Question&, const Algorithm<T>&); \
    template std::vector<std::pair<Question, const Algorithm<T>*>> everything<T>();
CONVX_FLOATS(CONVX_INSTANTIATE)

}  // namespace convx::wisdom
