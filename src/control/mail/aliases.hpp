// Use-cases of aliases: each is one function and one transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"

namespace podplay::control {

struct AliasInput {
  // Only when creating. "info@example.com", or "@example.com" for a catch-all.
  std::string address;
  // 1 to 500 addresses. When absent in an update, the targets stay as they are.
  std::optional<std::vector<std::string>> targets;
  std::optional<bool> enabled;
};

Result<Changed<Alias>> create_alias(Context& context, const Actor& actor, const AliasInput& input,
                                    const WriteOptions& options);
// `key` is an id or an address, here and below.
Result<Alias> get_alias(Context& context, const Actor& actor, const std::string& key);
// At most `limit` aliases with an id above `after`, by id. `domain`: Actor::domains_to_list().
Result<std::vector<Alias>> list_aliases(Context& context, const Actor& actor,
                                        const std::string& domain, std::int64_t after,
                                        std::int64_t limit);
Result<Changed<Alias>> update_alias(Context& context, const Actor& actor, const std::string& key,
                                    const AliasInput& input, const WriteOptions& options);
Result<Changed<Alias>> delete_alias(Context& context, const Actor& actor, const std::string& key,
                                    const WriteOptions& options);

FeedRow alias_row(const Alias& alias);

struct MadeAlias {
  Alias alias;
  // What is legal, but may not be what the author means.
  std::vector<std::string> warnings;
};
// Inside a change that the caller finishes: checks the input and the actor's permission, and stores
// the alias.
Result<MadeAlias> insert_alias(Change& change, const Actor& actor, const AliasInput& input);

}  // namespace podplay::control
