// The functions with which every daemon makes its part of a release from templates.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "daemons/template_set.hpp"
#include "model/snapshot.hpp"

namespace podplay::daemons {

using Values = nlohmann::json;

// Gives every file below `prefix` ("etc/postfix/"): templates are rendered with `values`, other
// files are copied. `except` is left out.
Result<std::vector<ReleaseFile>> render_below(const TemplateSet& templates, std::string_view prefix,
                                              const Values& values, std::string_view except = {});
Result<ReleaseFile> render_file(const TemplateSet& templates, const TemplateFile& file,
                                const Values& values);
// Renders one template; `path` is without ".tmpl". An Error `not_found` (no_templates) when there
// is none.
Result<std::string> render_one(const TemplateSet& templates, std::string_view path,
                               const Values& values);

Values certificate_values(const CertificateRef& certificate);
bool is_debug(std::string_view log_level);
// Whether one of the paths is below the prefix.
bool any_below(std::span<const std::string> paths, std::string_view prefix);

}  // namespace podplay::daemons
