// What the daemons say about themselves, as metrics. Each function reads one daemon's own form; a
// member that is missing is left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"

namespace podplay::agent {

// Apache's /server-status?auto.
void add_apache_figures(MetricText& text, std::string_view status);
// BIND's /json/v1/server.
void add_bind_figures(MetricText& text, std::string_view json);
// Dovecot's /metrics: the metrics of dovecot.conf.tmpl.
void add_dovecot_figures(MetricText& text, std::string_view metrics);

// Postfix's queue, by its files.
struct QueueFigures {
  // Messages by folder: maildrop, incoming, active, deferred, hold.
  std::map<std::string, std::uint64_t> messages;
  // When the oldest one came; 1970: unknown, or there is none.
  WallTime oldest{};
};
QueueFigures read_queue(const std::string& spool);
void add_queue_figures(MetricText& text, const QueueFigures& queue, WallTime now);

}  // namespace podplay::agent
