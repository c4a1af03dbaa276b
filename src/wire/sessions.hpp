// Logins of browsers in answers.
#pragma once

#include "model/login.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kSession;
extern const Shape kSessionsRevoked;

struct SessionView {
  const BrowserSession& session;
  // It is the one that the request came with.
  bool current = false;
  WallTime idle_until{};
};
Json to_json(const SessionView& view);

}  // namespace podplay::wire
