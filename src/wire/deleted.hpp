// Deleted mail and deleted web sites in requests and answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "model/report.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailRestore;
extern const Shape kSiteRestore;

extern const Shape kDeletedItem;
extern const Shape kErased;

// What an agent says of the folders that it keeps.
struct KeptFolder {
  // "alice@example.test-42"
  std::string folder;
  std::string name;
  // The revision that deleted it.
  Revision revision = 0;
  WallTime deleted{};
  std::int64_t bytes = 0;
};
struct KeptFolders {
  // A page of them, newest first.
  std::vector<KeptFolder> folders;
  std::int64_t total = 0;
};
struct ErasedFolders {
  std::int64_t erased = 0;
  // The agent's time was over before all were erased.
  bool more = false;
};
struct RestoredFolder {
  // 0 for a web site.
  std::int64_t messages = 0;
  // Empty: where everything was before.
  std::string into;
};

// `text` is the agent's JSON. Each fails with "bad_result" when it is something else.
Result<KeptFolders> parse_kept_folders(const std::string& text);
Result<ErasedFolders> parse_erased_folders(const std::string& text);
Result<RestoredFolder> parse_restored_folder(const std::string& text);

}  // namespace podplay::wire
