// Postfix's queue in requests and answers, and what the mail agent says of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::wire {

// Which messages an action is for.
extern const Shape kQueueChoice;
// The same with `bounce`.
extern const Shape kQueueDeletion;

extern const Shape kQueuedMessage;
extern const Shape kQueueDone;
// What an action would do.
extern const Shape kQueueFindings;

// A recipient that still waits. The JSON has the names that `postqueue -j` uses.
struct QueuedRecipient {
  std::string address;
  // Why the last try failed; nothing before the first one.
  std::optional<std::string> delay_reason;
};

struct QueuedMessage {
  // "active", "deferred", "hold", ...
  std::string queue_name;
  std::string queue_id;
  // Unix seconds.
  std::int64_t arrival_time = 0;
  // Bytes.
  std::int64_t message_size = 0;
  // Empty: the null sender (RFC 5321 section 4.5.5).
  std::string sender;
  // It is returned to its sender at its next try.
  bool expired = false;
  std::vector<QueuedRecipient> recipients;
};

// A page of the queue.
struct MailQueue {
  // The oldest first.
  std::vector<QueuedMessage> messages;
  // There are more behind these.
  bool truncated = false;
};

// What an action did, or would do.
struct QueueDone {
  std::int64_t count = 0;
  std::vector<std::string> queue_ids;
  // The first ones.
  std::vector<QueuedMessage> messages;
  // There are others that it is for: it takes so many at once.
  bool more = false;
};

Json to_json(const QueuedMessage& message);
Json to_json(const QueueDone& done);
// `text` is the agent's JSON. Fails with "bad_result" when it is something else.
Result<MailQueue> parse_mail_queue(const std::string& text);
Result<QueueDone> parse_queue_done(const std::string& text);

}  // namespace podplay::wire
