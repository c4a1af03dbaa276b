// A connection for each question: a server chooses its certificate during the handshake.
#include "net/shown_certificate.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "base/ascii.hpp"
#include "net/line_client.hpp"

namespace podplay::net {
namespace {

constexpr const char* kRefused = "starttls_refused";
// A server lists what it can do in fewer lines.
constexpr int kMostLines = 100;

std::unexpected<Error> refused(int port, std::string_view command, std::string_view answer) {
  return fail(ErrorKind::unavailable, kRefused,
              fmt::format("port {} answers '{}' to {}", port, answer, command));
}

Status ask_smtp(LineClient& client, int port) {
  TRY(const auto greeting, client.read_smtp_reply());
  if (!greeting.starts_with("220")) {
    return refused(port, "a connection", greeting);
  }
  for (const char* command : {"EHLO localhost.localdomain", "STARTTLS"}) {
    TRY(client.send_line(command));
    TRY(const auto reply, client.read_smtp_reply());
    if (!reply.starts_with('2')) {
      return refused(port, command, reply);
    }
  }
  return {};
}

// Reads up to the line that begins with one of these words, whatever their case. Gives that line.
Result<std::string> read_until(LineClient& client, const std::vector<std::string_view>& words) {
  for (int i = 0; i < kMostLines; ++i) {
    TRY(auto line, client.read_line());
    const std::string folded = lower(line);
    for (const std::string_view word : words) {
      if (folded.starts_with(word)) {
        return line;
      }
    }
  }
  return fail(ErrorKind::unavailable, kRefused, "the server sends lines without end");
}

struct LineProtocol {
  // Every answer begins with one of these words; the first one means yes.
  std::vector<std::string_view> greeting;
  const char* command;
  std::vector<std::string_view> answers;
};

Status ask_by_line(LineClient& client, int port, const LineProtocol& protocol) {
  TRY(const auto greeting, read_until(client, protocol.greeting));
  if (!lower(greeting).starts_with(protocol.greeting.front())) {
    return refused(port, "a connection", greeting);
  }
  TRY(client.send_line(protocol.command));
  TRY(const auto answer, read_until(client, protocol.answers));
  if (!lower(answer).starts_with(protocol.answers.front())) {
    return refused(port, protocol.command, answer);
  }
  return {};
}

Status ask_for_tls(LineClient& client, int port, TlsStart start) {
  switch (start) {
    case TlsStart::at_once: break;
    case TlsStart::smtp: return ask_smtp(client, port);
    case TlsStart::imap:
      return ask_by_line(client, port,
                         {.greeting = {"* ok", "* bye", "* preauth"},
                          .command = "a STARTTLS",
                          .answers = {"a ok", "a no", "a bad", "* bye"}});
    case TlsStart::pop3:
      return ask_by_line(
          client, port,
          {.greeting = {"+ok", "-err"}, .command = "STLS", .answers = {"+ok", "-err"}});
    case TlsStart::sieve:
      return ask_by_line(
          client, port,
          {.greeting = {"ok", "no", "bye"}, .command = "STARTTLS", .answers = {"ok", "no", "bye"}});
  }
  return {};
}

Result<std::unique_ptr<LineClient>> shake_hands(const std::string& address, int port,
                                                TlsStart start, const std::string& server_name,
                                                std::chrono::milliseconds timeout) {
  TRY(auto client, LineClient::connect(address, port, timeout));
  TRY(ask_for_tls(*client, port, start));
  TRY(client->start_tls(server_name));
  return client;
}

void end_politely(LineClient& client, TlsStart start) {
  if (start == TlsStart::smtp) {
    // Otherwise the server logs a lost connection.
    static_cast<void>(client.send_line("QUIT"));
  }
}

}  // namespace

Result<std::string> shown_certificate(const std::string& address, int port, TlsStart start,
                                      const std::string& server_name,
                                      std::chrono::milliseconds timeout) {
  TRY(const auto client, shake_hands(address, port, start, server_name, timeout));
  std::string shown = client->fingerprint();
  end_politely(*client, start);
  return shown;
}

Result<TlsFacts> shown_tls(const std::string& address, int port, TlsStart start,
                           const std::string& server_name, std::chrono::milliseconds timeout) {
  TRY(const auto client, shake_hands(address, port, start, server_name, timeout));
  TlsFacts facts = client->tls_facts();
  end_politely(*client, start);
  return facts;
}

Result<std::string> shown_old_tls(const std::string& address, int port, TlsStart start,
                                  std::chrono::milliseconds timeout) {
  TRY(auto client, LineClient::connect(address, port, timeout));
  TRY(ask_for_tls(*client, port, start));
  TRY(client->start_old_tls());
  return client->tls_facts().protocol;
}

bool is_answer(const Error& error) {
  return error.code == kRefused || error.code == "tls_handshake";
}

}  // namespace podplay::net
