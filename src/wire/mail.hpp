// Messages in requests and answers, and what the mail agent answers to the commands queue and test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailSend;
extern const Shape kMailTest;

extern const Shape kMailSent;
extern const Shape kMailQueue;
extern const Shape kMailTested;

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
  std::vector<QueuedRecipient> recipients;
};

struct MailQueue {
  std::vector<QueuedMessage> messages;
  // The queue is longer than an answer can be.
  bool truncated = false;
};

// One step of a message on its way: accepted, delivered, removed.
struct DeliveryStage {
  std::string name;
  // Milliseconds since the test began.
  std::int64_t ms = 0;
  // The daemon's own words.
  std::string words;
};

struct DeliveryTest {
  std::string message_id;
  // Milliseconds since the test began.
  std::int64_t accepted_ms = 0;
  std::int64_t delivered_ms = 0;
  std::vector<DeliveryStage> stages;
};

Json to_json(const MailQueue& queue);
Json to_json(const DeliveryTest& test);
// `text` is the agent's JSON. Fails with "bad_result" when it is something else.
Result<MailQueue> parse_mail_queue(const std::string& text);
Result<DeliveryTest> parse_delivery_test(const std::string& text);

}  // namespace podplay::wire
