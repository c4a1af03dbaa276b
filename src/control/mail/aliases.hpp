// Use-cases of aliases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"

namespace podplay::control {

struct AliasInput {
  // when creating
  std::string address;
  // absent: unchanged
  std::optional<std::vector<std::string>> targets;
  std::optional<bool> enabled;
};

Result<Changed<Alias>> create_alias(Context& context, const Actor& actor, const AliasInput& input,
                                    const WriteOptions& options);
// an id or an address
Result<Alias> get_alias(Context& context, const Actor& actor, const std::string& key);
Result<std::vector<Alias>> list_aliases(Context& context, const Actor& actor,
                                        const std::string& domain, std::int64_t after,
                                        std::int64_t limit);
Result<Changed<Alias>> update_alias(Context& context, const Actor& actor, const std::string& key,
                                    const AliasInput& input, const WriteOptions& options);
Result<Changed<Alias>> delete_alias(Context& context, const Actor& actor, const std::string& key,
                                    const WriteOptions& options);

FeedRow alias_row(const Alias& alias);

}  // namespace podplay::control
