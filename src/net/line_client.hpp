// A connection to a line protocol (SMTP RFC 5321, IMAP RFC 3501, POP3, ManageSieve), for probes:
// plain, TLS from the start, or TLS after STARTTLS. Certificates are not verified but shown: probes
// compare fingerprints.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace podplay::net {

class LineClient {
 public:
  // `server_name` is sent as SNI when TLS starts.
  static Result<std::unique_ptr<LineClient>> connect(const std::string& address, int port,
                                                     std::chrono::milliseconds timeout);
  static Result<std::unique_ptr<LineClient>> connect_unix(const std::string& path,
                                                          std::chrono::milliseconds timeout);
  virtual ~LineClient() = default;
  virtual Status start_tls(const std::string& server_name) = 0;
  // CRLF is added
  virtual Status send_line(const std::string& line) = 0;
  virtual Status send_raw(const std::string& bytes) = 0;
  // without CRLF
  virtual Result<std::string> read_line() = 0;
  // An SMTP reply: "250-a" "250 b" -> "250 a\nb" style, the code first, lines joined by newlines.
  virtual Result<std::string> read_smtp_reply() = 0;
  // of the peer's leaf after TLS, SHA-256 hex
  virtual std::string fingerprint() const = 0;
};

}  // namespace podplay::net
