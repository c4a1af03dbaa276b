// The certificate that a server shows to a TLS client. Nothing in it is verified: the caller knows
// which one it must be.
#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"
#include "net/line_client.hpp"

namespace podplay::net {

// How TLS begins on a port: with the first octet, or after a command of SMTP (RFC 3207), IMAP (RFC
// 9051 section 6.2.1), POP3 (RFC 2595 section 4) or ManageSieve (RFC 5804 section 2.2).
enum class TlsStart { at_once, smtp, imap, pop3, sieve };

// Makes one handshake with the server on an IP address, with SNI unless `server_name` is empty.
// Gives the SHA-256 of the leaf's DER, in lower-case hex. `timeout` is for each answer.
Result<std::string> shown_certificate(const std::string& address, int port, TlsStart start,
                                      const std::string& server_name,
                                      std::chrono::milliseconds timeout);
// The same handshake: what it agreed on, and the whole chain.
Result<TlsFacts> shown_tls(const std::string& address, int port, TlsStart start,
                           const std::string& server_name, std::chrono::milliseconds timeout);
// A handshake that offers nothing newer than TLS 1.1. Gives the version that the server agreed to.
Result<std::string> shown_old_tls(const std::string& address, int port, TlsStart start,
                                  std::chrono::milliseconds timeout);
// Whether an error of it is an answer of the server, as a refused STARTTLS or a handshake that
// fails is. A server that is not there, or says nothing, has not answered.
bool is_answer(const Error& error);

}  // namespace podplay::net
