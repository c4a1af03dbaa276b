// The way of one message in answers.
#pragma once

#include <string>
#include <vector>

#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kMailTrace;

// One thing that happened to the message. What is empty is not known, or not for the reader.
struct TraceEvent {
  std::string time{};
  // accepted, identified, queued, checked, refused, delivered, filed, forwarded, deferred, bounced,
  // tried, returned, notified, held, released, expired, deleted, requeued, removed, given_up
  std::string stage{};
  std::string queue_id{};
  // The recipient.
  std::string address{};
  // The alias that the message was sent to.
  std::string via{};
  // The client, or the server that it was given to.
  std::string peer{};
  std::string login{};
  std::string folder{};
  // RFC 3463.
  std::string dsn{};
  // Those of the daemon, or of the server at the other end.
  std::string words{};
  // All of it as a sentence.
  std::string text{};
};

struct MailTrace {
  // Empty: the message was refused before it had one.
  std::vector<std::string> queue_ids{};
  std::string message_id{};
  // Empty: the null sender, or not known.
  std::string sender{};
  std::vector<std::string> recipients{};
  // Times of the first and the last event.
  std::string began{};
  std::string ended{};
  // refused, delivered, deferred, held, bounced, deleted, partly, given_up, under_way
  std::string state{};
  // What became of it, as a sentence.
  std::string verdict{};
  std::vector<TraceEvent> events{};
};

Json to_json(const MailTrace& trace);

}  // namespace podplay::wire
