// The ids of a page are found by one statement, and each row is read by its id, in the same state
// of the store.
#include "control/search.hpp"

#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

Status limit_to_domains(const Actor& actor, const std::string& domain, store::Search& search) {
  TRY(const auto filter, actor.domains_to_list(domain));
  if (!filter.all) {
    search.domains = std::vector<std::string>(filter.names.begin(), filter.names.end());
  }
  return {};
}

template <class T>
Result<std::vector<T>> read_found(Context& context, const store::Search& search,
                                  std::vector<std::int64_t> (*find_ids)(store::Session&,
                                                                        const store::Search&),
                                  std::optional<T> (*find)(store::Session&, std::int64_t)) {
  return context.store.read_together<std::vector<T>>([&](store::Session& session) {
    std::vector<T> found;
    for (const std::int64_t id : find_ids(session, search)) {
      if (auto row = find(session, id)) {
        found.push_back(std::move(*row));
      }
    }
    return found;
  });
}

}  // namespace

Result<std::vector<User>> search_users(Context& context, const Actor& actor,
                                       const std::string& domain, store::Search search) {
  TRY(limit_to_domains(actor, domain, search));
  return read_found<User>(context, search, store::search_users, store::find_user);
}

Result<std::vector<Alias>> search_aliases(Context& context, const Actor& actor,
                                          const std::string& domain, store::Search search) {
  TRY(limit_to_domains(actor, domain, search));
  return read_found<Alias>(context, search, store::search_aliases, store::find_alias);
}

Result<std::vector<Domain>> search_domains(Context& context, const Actor& actor,
                                           store::Search search) {
  TRY(limit_to_domains(actor, "", search));
  return read_found<Domain>(context, search, store::search_domains, store::find_domain);
}

}  // namespace podplay::control
