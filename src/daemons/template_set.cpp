// An override replaces the template with the same path. An override that replaces none is an error,
// because it is a spelling mistake that would have no effect.
#include "daemons/template_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/nearest.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kSuffix = ".tmpl";

Result<TemplateFile> read_template(Files& files, const std::string& folder,
                                   const std::string& path) {
  const std::string source = fmt::format("{}/{}", folder, path);
  TRY(auto text, files.read(source));
  const bool is_template = path.ends_with(kSuffix);
  return TemplateFile{.path = is_template ? path.substr(0, path.size() - kSuffix.size()) : path,
                      .text = std::move(text),
                      .is_template = is_template,
                      .source = source};
}

}  // namespace

Result<TemplateSet> TemplateSet::load(Files& files, const std::string& root,
                                      const std::string& overrides) {
  TRY(const auto paths, files.list_tree(root));
  // Files by their path in the tree.
  std::map<std::string, TemplateFile> found;
  for (const std::string& path : paths) {
    TRY(auto file, read_template(files, root, path));
    found.insert_or_assign(path, std::move(file));
  }
  if (files.exists(overrides)) {
    TRY(const auto replacements, files.list_tree(overrides));
    for (const std::string& path : replacements) {
      if (!found.contains(path)) {
        const std::vector<std::string_view> names(paths.begin(), paths.end());
        const std::string nearest = nearest_name(path, names);
        return fail(ErrorKind::invalid, "override_unknown",
                    fmt::format("the override {}/{} replaces no template", overrides, path),
                    nearest.empty() ? "give it the path of one of the image's templates"
                                    : fmt::format("did you mean {}?", nearest));
      }
      TRY(auto file, read_template(files, overrides, path));
      found.insert_or_assign(path, std::move(file));
    }
  }
  TemplateSet set;
  for (auto& [path, file] : found) {
    set.files_.push_back(std::move(file));
  }
  std::ranges::sort(set.files_, {}, &TemplateFile::path);
  return set;
}

std::vector<const TemplateFile*> TemplateSet::below(std::string_view prefix) const {
  std::vector<const TemplateFile*> result;
  for (const TemplateFile& file : files_) {
    if (file.path.starts_with(prefix)) {
      result.push_back(&file);
    }
  }
  return result;
}

const TemplateFile* TemplateSet::find(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &TemplateFile::path);
  return found == files_.end() ? nullptr : &*found;
}

}  // namespace podplay::daemons
