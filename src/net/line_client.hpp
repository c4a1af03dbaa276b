// A connection for line protocols (SMTP RFC 5321, IMAP RFC 3501, POP3 RFC 1939, ManageSieve RFC
// 5804): plain, with TLS from the start, or with TLS after STARTTLS. Made for probes: certificates
// are not verified, but probes compare their fingerprints.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace podplay::net {

// What a handshake agreed on.
struct TlsFacts {
  // "TLSv1.3"
  std::string protocol;
  // "TLS_AES_256_GCM_SHA384"
  std::string cipher;
  // ALPN (RFC 7301); empty when nothing was chosen.
  std::string application{};
  // In PEM, the server's own first, as it sent them.
  std::vector<std::string> chain{};
};

// Not for two threads at once. `timeout` bounds the connect and every read and write by itself.
class LineClient {
 public:
  // `address` is an IP address; no name is resolved.
  static Result<std::unique_ptr<LineClient>> connect(const std::string& address, int port,
                                                     std::chrono::milliseconds timeout);
  static Result<std::unique_ptr<LineClient>> connect_unix(const std::string& path,
                                                          std::chrono::milliseconds timeout);
  virtual ~LineClient() = default;
  // Sends `server_name` as SNI (RFC 6066 section 3) unless it is empty, and offers `protocol` alone
  // (ALPN, RFC 7301) unless it is empty.
  virtual Status start_tls(const std::string& server_name, const std::string& protocol = {}) = 0;
  // Offers nothing newer than TLS 1.1 (RFC 8996), and every cipher.
  virtual Status start_old_tls() = 0;
  // Adds CRLF.
  virtual Status send_line(const std::string& line) = 0;
  virtual Status send_raw(const std::string& bytes) = 0;
  // The next line without CRLF.
  virtual Result<std::string> read_line() = 0;
  // All lines of an SMTP reply (RFC 5321 section 4.2.1), joined by newlines: "250-a\n250 b".
  virtual Result<std::string> read_smtp_reply() = 0;
  // SHA-256 of the peer's certificate in hexadecimal digits, empty without TLS.
  virtual std::string fingerprint() const = 0;
  // Empty without TLS.
  virtual TlsFacts tls_facts() const = 0;
};

}  // namespace podplay::net
