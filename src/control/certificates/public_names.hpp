// What the world sees of names, for the preflight and for choosing challenges. Which resolvers are
// asked: those of PODPLAY_RESOLVERS, else the forwarders of our BIND, else those of this container.
// A lab without PODPLAY_RESOLVERS asks only our own BIND, and only about zones that it serves.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "control/context.hpp"
#include "net/resolver.hpp"

namespace podplay::control {

// Asks each question once. Not for two threads at once.
class PublicNames {
 public:
  // After `total` every further question is answered by "could not be asked".
  PublicNames(Context& context, std::chrono::milliseconds total);

  const net::Lookup& ask(const std::string& name, const std::string& type);
  // The name of our zone that holds the name, the longest of them; empty: none.
  std::string zone_of(const std::string& name);

  // Whether names of others are asked for at all, and their servers spoken to.
  bool outside() const { return outside_; }
  // Only our own BIND is asked, which answers for its zones itself, whatever the world sees.
  bool only_own_server() const;
  // No resolver answers.
  bool silent() const { return resolver_.silent(); }
  bool is_over() const { return std::chrono::steady_clock::now() >= deadline_; }

 private:
  net::Lookup look_up(const std::string& name, const std::string& type);

  // Constant after construction.
  Context& context_;
  const std::chrono::steady_clock::time_point deadline_;
  const bool outside_;
  const std::vector<net::DnsServer> servers_;

  net::Resolver resolver_;
  std::map<std::pair<std::string, std::string>, net::Lookup> known_;
  std::map<std::string, std::string> zones_;
};

}  // namespace podplay::control
