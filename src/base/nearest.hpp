// "Did you mean ...?": the known name that a mistyped one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace podplay {

// The nearest of `names` by edit distance; empty when none is within a third of the name's length,
// or within two letters for short names.
std::string nearest_name(std::string_view name, std::span<const std::string_view> names);

}  // namespace podplay
