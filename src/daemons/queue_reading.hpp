// Reads the messages that wait in Postfix's queue, one at a time: the queue may be far longer than
// an answer, and than what a Runner keeps of a command's output.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/runner.hpp"

namespace podplay::daemons {

// Which messages are meant; what is empty is not asked for. Addresses and domains are in lower
// case, and case does not count in messages either.
struct QueueFilter {
  std::set<std::string> queue_ids{};
  std::string sender{};
  // One of those that still wait.
  std::string recipient{};
  // Also of the recipient's addresses with a detail, such as ann+lists@a.test.
  bool with_details = false;
  // Of the sender or of a recipient.
  std::string domain{};
  // "deferred", "active", "hold", "incoming"
  std::string state{};
  // Unix seconds; 0: any.
  std::int64_t arrived_before = 0;
  // In the reason of a recipient.
  std::string reason{};
  // The domains of the person who asks: the sender or a recipient is in one of them.
  bool all_domains = true;
  std::set<std::string> domains{};

  // As the control plane sends it.
  static QueueFilter from_json(const nlohmann::json& value);
  // `message` is what `postqueue -j` says of one.
  bool takes(const nlohmann::json& message) const;
  // Leaves out what the person may not see: the other recipients of a message that somebody else
  // sent.
  void hide_others(nlohmann::json& message) const;
  // Whether it is the person's to keep or to delete: a user of their domains sent it, or all who
  // wait for it are theirs.
  bool is_theirs(const nlohmann::json& message) const;
};

// "example.test" of "a@Example.test"; empty when there is none.
std::string domain_of_address(std::string_view address);
// Whether it can be a queue id of Postfix, short or long.
bool is_queue_id(std::string_view text);

// Calls `take` with each line that the program writes to standard output, as it comes. Fails when
// the program does, or has not ended at the deadline.
Status read_lines(Runner& runner, const std::vector<std::string>& argv,
                  std::chrono::milliseconds deadline,
                  const std::function<void(std::string_view)>& take);

// Calls `take` with each message of the queue.
Status read_queue(Runner& runner, const std::vector<std::string>& lister,
                  const std::function<void(nlohmann::json&&)>& take);

}  // namespace podplay::daemons
