// Domains in the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/user.hpp"
#include "store/store.hpp"

namespace podplay::store {

std::optional<Domain> find_domain(Session& session, const std::string& name);
std::optional<Domain> find_domain(Session& session, std::int64_t id);
// In order of id.
std::vector<Domain> list_domains(Session& session, std::int64_t after, std::int64_t limit);
// In order of name.
std::vector<Domain> all_domains(Session& session);

std::int64_t count_domains(Session& session);

void insert_domain(Transaction& transaction, const Domain& domain);
void update_domain(Transaction& transaction, const Domain& domain);
void delete_domain(Transaction& transaction, std::int64_t id);

}  // namespace podplay::store
