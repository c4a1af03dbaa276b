// Aliases and their targets in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<Alias> find_alias(Session& session, std::int64_t id);
std::optional<Alias> find_alias(Session& session, const std::string& address);
std::vector<Alias> list_aliases(Session& session, const std::string& domain, std::int64_t after,
                                std::int64_t limit);
// Those that name the address as a target, in order of id.
std::vector<std::string> list_aliases_to(Session& session, const std::string& target);
std::int64_t count_aliases(Session& session, const std::string& domain);

void insert_alias(Transaction& transaction, const Alias& alias);
void update_alias(Transaction& transaction, const Alias& alias);
void delete_alias(Transaction& transaction, std::int64_t id);

}  // namespace podplay::store
