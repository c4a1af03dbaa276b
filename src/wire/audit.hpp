// The audit in answers.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kAuditEvent;
// What the verification of the whole audit found.
extern const Shape kAuditVerdict;

// An event, as kAuditEvent describes it.
struct AuditEvent {
  std::int64_t id = 0;
  WallTime at{};
  std::string event;
  std::string actor;
  std::string subject;
  std::string request_id;
  std::string remote_address;
  std::string door;
  std::int64_t count = 1;
  // Objects; null: there is none.
  Json before;
  Json after;
  std::int64_t previous = 0;
  std::string hash;
};

Json to_json(const AuditEvent& event);

}  // namespace podplay::wire
