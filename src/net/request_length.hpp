// How much of a request has come, judged by its first octets. The waiting room asks this before it
// spends a thread on a connection.
#pragma once

#include <cstddef>
#include <string_view>

namespace podplay::net {

// Behind the last header field (RFC 9112 section 2.1).
inline constexpr std::string_view kEndOfHead = "\r\n\r\n";
// Octets of the request line and all header fields.
inline constexpr std::size_t kLongestHead = 32U << 10;
// Octets. Larger bodies, and bodies of unknown length, are read by a thread, so only those who are
// let in may send them (HttpServerOptions::admit).
inline constexpr std::size_t kSmallBody = 16U << 10;

enum class Arrival {
  // More must come.
  incomplete,
  // Incomplete, and the client waits for "100 Continue" (RFC 9110 section 10.1.1).
  expects,
  // The request is whole; of a large body, or of one whose length is not known, the head is.
  whole,
  // The head is longer than kLongestHead.
  too_long,
};
Arrival judge_arrival(std::string_view octets);

}  // namespace podplay::net
