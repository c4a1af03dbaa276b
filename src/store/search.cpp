// Addresses and names are unique, so a page is told from the next one by its last one alone.
#include "store/search.hpp"

#include "store/connection.hpp"
#include "store/list_query.hpp"

namespace podplay::store {
namespace {

// `name` is the column of the address or name, `domain` that of the domain.
std::vector<std::int64_t> run(ListQuery& query, const Search& search, std::string_view name,
                              std::string_view domain) {
  if (search.domains) {
    query.is_one_of(domain, *search.domains);
  }
  if (search.enabled) {
    query.is("enabled", std::int64_t{*search.enabled ? 1 : 0});
  }
  if (search.by_name && !search.after_name.empty()) {
    query.goes_on_after(name, search.after_name, search.descending);
  }
  if (!search.by_name && search.after != 0) {
    query.goes_on_after("id", search.after, search.descending);
  }
  std::vector<std::int64_t> ids;
  query.run(search.by_name ? name : "id", search.descending, search.limit,
            [&](const soci::row& row) { ids.push_back(row.get<long long>(0)); });
  return ids;
}

}  // namespace

std::vector<std::int64_t> search_users(Session& session, const Search& search) {
  ListQuery query(session, "SELECT id FROM users");
  if (!search.text.empty()) {
    query.has_text({"email", "username"}, search.text);
  }
  if (!search.role.empty()) {
    query.is("role", search.role);
  }
  return run(query, search, "email", "domain");
}

std::vector<std::int64_t> search_aliases(Session& session, const Search& search) {
  ListQuery query(session, "SELECT id FROM aliases");
  if (!search.text.empty()) {
    query.has_text({"address"}, search.text);
  }
  return run(query, search, "address", "domain");
}

std::vector<std::int64_t> search_domains(Session& session, const Search& search) {
  ListQuery query(session, "SELECT id FROM domains");
  if (!search.text.empty()) {
    query.has_text({"name"}, search.text);
  }
  return run(query, search, "name", "name");
}

}  // namespace podplay::store
