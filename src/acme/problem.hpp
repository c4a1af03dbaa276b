// An authority's problem document (RFC 7807, RFC 8555 section 6.7) as an Error: the authority's own
// words, what they mean, and what to do.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "acme/jws.hpp"
#include "base/result.hpp"

namespace podplay::acme {

struct Problem {
  // Without "urn:ietf:params:acme:error:", such as "rateLimited". A type of another namespace stays
  // whole; empty when the answer was no problem document.
  std::string type{};
  std::string detail{};
  int status = 0;
  // Of a subproblem: the name or address that it is about.
  std::string identifier{};
  // A page that explains more, such as the terms to accept. Empty without one.
  std::string instance{};
  std::vector<Problem> subproblems{};
};

Problem problem_from(const Json& json, int status = 0);

// The error's code is "acme_" and the type in snake_case; subproblems are its faults, and a fault's
// field is the name that it is about. `purpose`: what we asked for, "order a certificate".
Error to_error(const Problem& problem, const std::string& purpose,
               std::chrono::seconds retry_after = {});

// True when the same request may succeed later without a change by anybody here.
bool is_passing(const Error& error);

}  // namespace podplay::acme
