// Mustache templates for configuration files: no escaping, and strict: a name that the values do
// not have is an error with its line, not an empty string. Values are a JSON object; a section over
// an array sees each element's members first, then the outer ones. Engine: kainjow-mustache.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace podplay {

struct Rendered {
  std::string text;
  // top-level and nested names that the template looked up ("domains", "domains.name")
  std::set<std::string> used;
};

// `label` names the template in errors.
Result<Rendered> render_template(std::string_view text, const nlohmann::json& values,
                                 std::string_view label);

// Every name that the text mentions as it is written, also in sections that no values may enter:
// "domains", "certificate.name".
std::set<std::string> names_in(std::string_view text);

// Every name in `values` ("domains", "domains.name", ...), to find those that no template used.
std::set<std::string> all_names(const nlohmann::json& values);

}  // namespace podplay
