// The limits of the first process, and of each other one those that differ.
#include <algorithm>

#include "base/process_table.hpp"
#include "looks/descriptors.hpp"
#include "looks/rows.hpp"

namespace podplay::looks {
namespace {

bool same(const LimitFacts& one, const LimitFacts& other) {
  return one.name == other.name && one.soft == other.soft && one.hard == other.hard;
}

LookJson limit_row(const ProcessFacts& process, const LimitFacts& limit) {
  return {{"pid", process.pid}, {"process", process.name}, {"limit", limit.name},
          {"soft", limit.soft}, {"hard", limit.hard},      {"unit", limit.unit}};
}

}  // namespace

LookJson look_at_limits(const LookPlace& place, const LookQuestion&) {
  LookJson rows = LookJson::array();
  std::vector<LimitFacts> first;
  for (const ProcessFacts& process : read_processes(place.root)) {
    const auto limits =
        parse_limits(read_proc(place.root + "/proc/" + std::to_string(process.pid) + "/limits"));
    for (const LimitFacts& limit : limits) {
      const bool known = std::ranges::any_of(
          first, [&](const LimitFacts& earlier) { return same(earlier, limit); });
      if (!known) {
        rows.push_back(limit_row(process, limit));
      }
    }
    if (first.empty()) {
      first = limits;
    }
  }
  LookJson seen{{"limits", std::move(rows)}};
  add_memory(seen, place);
  return seen;
}

}  // namespace podplay::looks
