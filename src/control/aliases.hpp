// Use-cases of aliases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/change.hpp"

namespace podplay::control {

struct AliasInput {
  std::string address;                              // when creating
  std::optional<std::vector<std::string>> targets;  // absent: unchanged
  std::optional<bool> enabled;
};

Result<Changed<Alias>> create_alias(Context& context, const Actor& actor, const AliasInput& input, const WriteOptions& options);
Result<Alias> get_alias(Context& context, const Actor& actor, const std::string& key);  // an id or an address
Result<std::vector<Alias>> list_aliases(Context& context, const Actor& actor, const std::string& domain, std::int64_t after, std::int64_t limit);
Result<Changed<Alias>> update_alias(Context& context, const Actor& actor, const std::string& key, const AliasInput& input,
                                    const WriteOptions& options);
Result<Changed<Alias>> delete_alias(Context& context, const Actor& actor, const std::string& key, const WriteOptions& options);

}  // namespace podplay::control
