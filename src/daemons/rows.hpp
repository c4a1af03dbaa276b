// Rows of the feed (model/feed.hpp) are told to a daemon one by one, without a release.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/runner.hpp"
#include "daemons/template_set.hpp"
#include "model/feed.hpp"

namespace podplay::daemons {

// A row as the replica keeps it.
struct KeptRow {
  FeedRow row;
  // The content that the daemon was seen to serve; nothing when it was not seen to serve any.
  std::optional<RowContent> served;
};

// The replica, as a daemon sees it.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Rows of one kind whose keys begin with `prefix`, in order of key; deleted ones too, as long as
  // the daemon serves them.
  virtual Result<std::vector<KeptRow>> rows(RowKind kind, const std::string& prefix) = 0;
};

// The things that a daemon needs to apply rows.
struct RowTools {
  Runner& runner;
  Files& files;
  const TemplateSet& templates;
  RowSource& source;
};

// How applying or proving one row ended. `later`: the daemon is away or not ready, or does not show
// the row yet; the row is tried again soon. `refused`: the same row would be refused again.
enum class RowState { done, later, refused };
struct RowVerdict {
  RowState state = RowState::done;
  // The daemon's words, or what was seen instead.
  std::string words{};
  // Of `later`: the daemon answered, and otherwise than the row says. It gets less time than one
  // that says nothing yet.
  bool answered = false;
};

}  // namespace podplay::daemons
