// Pages of users, aliases and domains by what a person looks for. Each gives ids in the order of
// the list. A page begins after the last row of the page before it, so rows that are inserted
// meanwhile neither repeat a row nor hide one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

struct Search {
  // Only of these domains; nothing: of all.
  std::optional<std::vector<std::string>> domains{};
  // Only those with this text in their address or name; empty: all.
  std::string text{};
  std::optional<bool> enabled{};
  // Of users; empty: any.
  std::string role{};
  // By the address or name; false: by the id, which is the order of their creation.
  bool by_name = false;
  bool descending = false;
  // The page goes on after this id, or after this address or name; 0 and empty: from the beginning.
  std::int64_t after = 0;
  std::string after_name{};
  std::int64_t limit = 50;
};

std::vector<std::int64_t> search_users(Session& session, const Search& search);
std::vector<std::int64_t> search_aliases(Session& session, const Search& search);
std::vector<std::int64_t> search_domains(Session& session, const Search& search);

}  // namespace podplay::store
