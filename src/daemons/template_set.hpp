// The templates of a service: the image's tree with the operator's overrides laid over it. A file
// `X.tmpl` is rendered to `X` (base/template.hpp), any other is copied.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay::daemons {

struct TemplateFile {
  // Its path in a release, without ".tmpl": "etc/postfix/main.cf".
  std::string path;
  std::string text;
  bool is_template = false;
  // The file it was read from, for messages.
  std::string source;
};

// The names that existed and those that were used, for the test that finds values that no template
// needs.
struct NameUse {
  std::set<std::string> known;
  std::set<std::string> used;
};

// Constant after load(), apart from `watch`.
class TemplateSet {
 public:
  // Told at every rendering, when set.
  NameUse* watch = nullptr;

  // Every file of `root` (/usr/share/podplay/templates); one with the same relative path below
  // `overrides` replaces it. A missing overrides folder is fine; a file in it that replaces nothing
  // is an error that names the nearest path.
  static Result<TemplateSet> load(Files& files, const std::string& root,
                                  const std::string& overrides);

  // Sorted by path.
  const std::vector<TemplateFile>& files() const { return files_; }
  // "etc/postfix/"
  std::vector<const TemplateFile*> below(std::string_view prefix) const;
  // nullptr when there is none.
  const TemplateFile* find(std::string_view path) const;

 private:
  std::vector<TemplateFile> files_;
};

}  // namespace podplay::daemons
