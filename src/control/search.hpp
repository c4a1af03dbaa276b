// Lists of users, aliases and domains by what a person looks for (store/search.hpp), as far as the
// actor may see them. Lists without any of that are read by list_users() and its like, which cost
// less.
#pragma once

#include <string>
#include <vector>

#include "control/context.hpp"
#include "store/search.hpp"

namespace podplay::control {

// `domain`: only of this one; empty: of all that the actor administers.
Result<std::vector<User>> search_users(Context& context, const Actor& actor,
                                       const std::string& domain, store::Search search);
Result<std::vector<Alias>> search_aliases(Context& context, const Actor& actor,
                                          const std::string& domain, store::Search search);
Result<std::vector<Domain>> search_domains(Context& context, const Actor& actor,
                                           store::Search search);

}  // namespace podplay::control
