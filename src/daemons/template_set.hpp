// The templates of a service: the image's tree with the operator's overrides laid over it. A file `X.tmpl` is rendered
// to `X` (base/template.hpp), any other is copied.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"

namespace podplay::daemons {

struct TemplateFile {
  std::string path;  // where it goes, without ".tmpl": "etc/postfix/main.cf"
  std::string text;
  bool is_template = false;
  std::string source;  // the file it was read from, for messages
};

// Which names there were and which were used, for the test that finds those that no template needs.
struct NameUse {
  std::set<std::string> known;
  std::set<std::string> used;
};

class TemplateSet {
 public:
  NameUse* watch = nullptr;  // told at every rendering

  // Every file of `root` (/usr/share/podplay/templates); one with the same relative path below `overrides` replaces it.
  // A missing overrides folder is fine; a file in it that replaces nothing is an error that names the nearest path.
  static Result<TemplateSet> load(Files& files, const std::string& root, const std::string& overrides);

  const std::vector<TemplateFile>& files() const { return files_; }       // sorted by path
  std::vector<const TemplateFile*> below(std::string_view prefix) const;  // "etc/postfix/"
  const TemplateFile* find(std::string_view path) const;                  // nullptr when there is none

 private:
  std::vector<TemplateFile> files_;
};

}  // namespace podplay::daemons
