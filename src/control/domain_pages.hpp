// A page of a list that covers several domains. Each domain's objects are read in the order of
// their ids, so the cost follows the page and not the number of objects.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "control/identity/actor.hpp"

namespace podplay::control {

// The first `limit` by id. `list` gives those of one domain, or of all when its name is empty.
template <class T, class List>
std::vector<T> page_of_domains(const DomainFilter& filter, std::int64_t limit, const List& list) {
  if (filter.all) {
    return list(std::string());
  }
  std::vector<T> page;
  for (const std::string& name : filter.names) {
    std::vector<T> some = list(name);
    page.insert(page.end(), std::make_move_iterator(some.begin()),
                std::make_move_iterator(some.end()));
  }
  std::ranges::sort(page, {}, &T::id);
  page.resize(std::min(page.size(), static_cast<std::size_t>(limit)));
  return page;
}

}  // namespace podplay::control
