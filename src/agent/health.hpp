// The agent's answers to probes: /livez, /readyz and /startupz over plain HTTP, on a port of its
// own on 127.0.0.1, where agent/metrics answers /metrics.
#pragma once

#include <functional>
#include <memory>

#include "agent/board.hpp"
#include "net/http.hpp"

namespace podplay::agent {

// apache 8611, bind 8612, mail 8613.
int health_port(ServiceName service);

// `alive` is false when the event loop does not turn any more.
net::HttpResponse answer_health(const net::HttpRequest& request, const Board& board,
                                const std::function<bool()>& alive);

}  // namespace podplay::agent
