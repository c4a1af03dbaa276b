// A table of limited size: when it is full, a new entry replaces the one that was unused longest.
// So an attacker with millions of names takes no more memory than the table has.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace podplay::guard {

// Not for two threads at once.
template <class Value>
class Lru {
 public:
  using Entry = std::pair<const std::string, Value>;

  explicit Lru(std::size_t most) : most_(most) {}

  // nullptr when there is none. The entry counts as used now.
  Value* find(std::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) {
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }

  // Without counting as a use.
  const Value* peek(std::string_view key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &found->second->second;
  }

  // Makes an empty entry when there is none.
  Value& get(std::string_view key) {
    if (Value* found = find(key)) {
      return *found;
    }
    if (entries_.size() >= most_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(std::string(key), Value{});
    index_.emplace(entries_.front().first, entries_.begin());
    return entries_.front().second;
  }

  void erase(std::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) {
      return;
    }
    const auto entry = found->second;
    index_.erase(found);
    entries_.erase(entry);
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

  // The entry used last comes first.
  const std::list<Entry>& entries() const { return entries_; }

 private:
  std::size_t most_;
  std::list<Entry> entries_;
  // The keys are those of the entries, which do not move.
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;
};

}  // namespace podplay::guard
