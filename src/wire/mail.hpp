// Messages in requests and answers, and what the mail agent answers to the command test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailSend;
extern const Shape kMailTest;

extern const Shape kMailSent;
extern const Shape kMailTested;

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

Json to_json(const DeliveryTest& test);
// `text` is the agent's JSON. Fails with "bad_result" when it is something else.
Result<DeliveryTest> parse_delivery_test(const std::string& text);

}  // namespace podplay::wire
