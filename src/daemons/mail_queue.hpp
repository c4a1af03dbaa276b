// The commands of the control plane for Postfix's queue: JSON objects in and out (docs/pipe.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay::daemons {

// The programs, for tests.
struct QueuePrograms {
  std::vector<std::string> list{"/usr/sbin/postqueue", "-j"};
  std::string postsuper = "/usr/sbin/postsuper";
  std::string postqueue = "/usr/sbin/postqueue";
};

// {filter: see QueueFilter, after: {arrival_time, queue_id}, limit} -> {messages: [what `postqueue
// -j` says of each, the oldest first], matched, truncated}: those after the place `after`.
// `matched` counts all; `truncated` says that there are more than `limit`.
Result<std::string> list_queue(Runner& runner, const nlohmann::json& arguments,
                               const QueuePrograms& programs = {});

// {action: retry|hold|release|delete|bounce, filter, dry_run} -> {count, queue_ids, messages,
// more}. `messages` shows the first ones. At most 10,000 messages are touched at once; `more` says
// that there are others. Afterwards the queue is asked again: fails with "queue_unchanged" when a
// message is not as it should be. A message that left the queue meanwhile is no fault.
Result<std::string> act_on_queue(Runner& runner, const nlohmann::json& arguments,
                                 const QueuePrograms& programs = {});

}  // namespace podplay::daemons
