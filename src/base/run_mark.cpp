// The file is empty while the program runs, and holds the error with which a run ended.
#include "base/run_mark.hpp"

namespace podplay {

Result<std::optional<std::string>> RunMark::begin() {
  std::optional<std::string> why;
  if (files_.exists(path_)) {
    TRY(std::string words, files_.read(path_));
    why = words.empty() ? "it ended without being stopped: something killed it, it crashed, or the "
                          "machine went down"
                        : std::move(words);
  }
  TRY(files_.write_atomic(path_, "", 0600));
  return why;
}

Status RunMark::end(const Error& reason) {
  return files_.write_atomic(path_, reason.message, 0600);
}

Status RunMark::end() { return files_.remove_tree(path_); }

}  // namespace podplay
