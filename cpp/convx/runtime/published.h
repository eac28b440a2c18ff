// What a plan finds out or packs at its first use: built whole by whoever needs it, then published for all. Of two
// built at the same time the first one published stays and the other is thrown away. No lock: a signal handler may come
// back while one is being built, and a child of fork() inherits none that nobody will open.
#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace convx {

template <class Value>
class Once {
  public:
    Once() = default;
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;
    ~Once() { delete made_.load(std::memory_order_relaxed); }

    // make: returns a std::unique_ptr<Value>.
    template <class Make>
    Value& get(const Make& make) {
        if (Value* const made = made_.load(std::memory_order_acquire)) return *made;
        std::unique_ptr<Value> mine = make();
        Value* first = nullptr;
        if (!made_.compare_exchange_strong(first, mine.get(), std::memory_order_acq_rel, std::memory_order_acquire))
            return *first;
        return *mine.release();
    }

  private:
    std::atomic<Value*> made_{nullptr};
};

// One value for each key; few keys.
template <class Key, class Value>
class OncePerKey {
    struct Entry {
        Key key;
        Value value;
        Entry* next;
    };

  public:
    OncePerKey() = default;
    OncePerKey(const OncePerKey&) = delete;
    OncePerKey& operator=(const OncePerKey&) = delete;
    ~OncePerKey() {
        for (Entry* e = first_.load(std::memory_order_relaxed); e;) delete std::exchange(e, e->next);
    }

    // make: returns a Value.
    template <class Make>
    const Value& get(const Key& key, const Make& make) {
        Entry* const known = first_.load(std::memory_order_acquire);
        if (const Entry* const e = find(known, key)) return e->value;
        std::unique_ptr<Entry> mine(new Entry{key, make(), known});
        while (
            !first_.compare_exchange_weak(mine->next, mine.get(), std::memory_order_acq_rel, std::memory_order_acquire))
            if (const Entry* const e = find(mine->next, key)) return e->value;
        return mine.release()->value;
    }

  private:
    static const Entry* find(const Entry* e, const Key& key) {
        while (e && !(e->key == key)) e = e->next;
        return e;
    }
    std::atomic<Entry*> first_{nullptr};
};

// The latest answer, for whoever asks the same next. Nobody waits: who finds it in use goes without.
template <class Value>
class Latest {
  public:
    template <class Fits>
    std::optional<Value> get(const Fits& fits) {
        std::optional<Value> found;
        if (in_use_.exchange(true, std::memory_order_acquire)) return found;
        if (value_ && fits(*value_)) found = value_;
        in_use_.store(false, std::memory_order_release);
        return found;
    }
    void set(const Value& value) {
        if (in_use_.exchange(true, std::memory_order_acquire)) return;
        value_ = value;
        in_use_.store(false, std::memory_order_release);
    }

  private:
    std::atomic<bool> in_use_{false};
    std::optional<Value> value_;
};

}  // namespace convx
