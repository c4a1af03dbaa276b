// Makes release files from templates. A service without a single template is an error: its image is
// incomplete.
#include "daemons/rendering.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/template.hpp"

namespace podplay::daemons {

Result<ReleaseFile> render_file(const TemplateSet& templates, const TemplateFile& file,
                                const Values& values) {
  if (!file.is_template) {
    return ReleaseFile{file.path, file.text};
  }
  TRY(auto rendered, render_template(file.text, values, file.source));
  if (templates.watch != nullptr) {
    templates.watch->known.merge(all_names(values));
    templates.watch->used.merge(rendered.used);
  }
  return ReleaseFile{file.path, std::move(rendered.text)};
}

Result<std::string> render_one(const TemplateSet& templates, std::string_view path,
                               const Values& values) {
  const TemplateFile* file = templates.find(path);
  if (file == nullptr) {
    return fail(ErrorKind::not_found, "no_templates",
                fmt::format("there is no template {}.tmpl", path),
                "the image is incomplete: build it again");
  }
  TRY(auto rendered, render_file(templates, *file, values));
  return std::move(rendered.content);
}

Result<std::vector<ReleaseFile>> render_below(const TemplateSet& templates, std::string_view prefix,
                                              const Values& values, std::string_view except) {
  std::vector<ReleaseFile> files;
  for (const TemplateFile* file : templates.below(prefix)) {
    if (file->path == except) {
      continue;
    }
    TRY(auto rendered, render_file(templates, *file, values));
    files.push_back(std::move(rendered));
  }
  if (files.empty()) {
    return fail(ErrorKind::not_found, "no_templates",
                "there is no template below " + std::string(prefix),
                "the image is incomplete: build it again");
  }
  return files;
}

Values certificate_values(const CertificateRef& certificate) {
  return {{"name", certificate.name}, {"version", certificate.version}};
}

bool is_debug(std::string_view log_level) { return log_level == "DEBUG" || log_level == "TRACE"; }

bool any_below(std::span<const std::string> paths, std::string_view prefix) {
  return std::ranges::any_of(paths,
                             [&](const std::string& path) { return path.starts_with(prefix); });
}

}  // namespace podplay::daemons
