// Mustache templates for configuration files. Nothing is escaped. A name that the values do not
// have is an error with its line, not an empty string. The values are a JSON object; a section over
// an array sees the members of each element first, then the outer ones.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

struct Rendered {
  std::string text;
  // Every name that the template looked up: "domains", "domains.name".
  std::set<std::string> used;
};

// `label` names the template in errors.
Result<Rendered> render_template(std::string_view text, const nlohmann::json& values,
                                 std::string_view label);

// Every name that the text mentions, as it is written, including those in sections that were not
// entered: "domains", "certificate.name".
std::set<std::string> names_in(std::string_view text);

// Every name in `values`: "domains", "domains.name". Finds those that no template used.
std::set<std::string> all_names(const nlohmann::json& values);

}  // namespace podplay
