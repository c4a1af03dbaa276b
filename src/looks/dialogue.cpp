// Time is taken from sending a command until its last line is there.
#include "looks/dialogue.hpp"

#include <fmt/format.h>

#include "looks/rows.hpp"

namespace podplay::looks {

using namespace std::chrono;

namespace {

constexpr int kMostLines = 50;

std::int64_t since(steady_clock::time_point began) {
  return duration_cast<milliseconds>(steady_clock::now() - began).count();
}

}  // namespace

Dialogue::Dialogue(const std::string& address, int port, Answer form) : port_(port), form_(form) {
  const auto began = steady_clock::now();
  auto connected = net::LineClient::connect(address, port, kAnswerTimeout);
  if (!connected) {
    error_ = connected.error().message;
    return;
  }
  client_ = std::move(*connected);
  steps_.push_back({{"sent", ""}, {"answer", "connected"}, {"ms", since(began)}});
}

Result<std::string> Dialogue::read() {
  if (form_ == Answer::smtp) {
    return client_->read_smtp_reply();
  }
  const std::string tag = tag_ == 0 ? "* " : fmt::format("a{} ", tag_);
  std::string answer;
  for (int i = 0; i < kMostLines; ++i) {
    TRY(const auto line, client_->read_line());
    answer += (answer.empty() ? "" : "\n") + line;
    if (line.starts_with(tag)) {
      return answer;
    }
  }
  return fail(ErrorKind::unavailable, "endless", "the server sends lines without end");
}

void Dialogue::note(const std::string& sent, const Result<std::string>& answer,
                    steady_clock::time_point began) {
  steps_.push_back(
      {{"sent", sent}, {"answer", answer ? *answer : std::string()}, {"ms", since(began)}});
  if (!answer) {
    error_ = answer.error().message;
  }
}

void Dialogue::greet() {
  if (failed()) {
    return;
  }
  const auto began = steady_clock::now();
  note("", read(), began);
}

bool Dialogue::say(const std::string& command) {
  if (failed()) {
    return false;
  }
  if (steady_clock::now() - began_ > kDialogueDeadline) {
    error_ = "the dialogue takes too long, so it was ended";
    return false;
  }
  const auto began = steady_clock::now();
  const std::string tag = form_ == Answer::imap ? fmt::format("a{} ", ++tag_) : std::string();
  if (const Status sent = client_->send_line(tag + command); !sent) {
    error_ = sent.error().message;
    return false;
  }
  const auto answer = read();
  note(tag + command, answer, began);
  if (!answer) {
    return false;
  }
  if (form_ == Answer::smtp) {
    return answer->starts_with('2');
  }
  return answer->substr(answer->rfind('\n') + 1).starts_with(tag + "OK");
}

void Dialogue::start_tls(const std::string& server_name) {
  if (failed()) {
    return;
  }
  const auto began = steady_clock::now();
  if (const Status shaken = client_->start_tls(server_name); !shaken) {
    error_ = shaken.error().message;
    return;
  }
  const net::TlsFacts facts = client_->tls_facts();
  tls_ = facts.protocol + " " + facts.cipher;
  steps_.push_back({{"sent", "(TLS handshake)"}, {"answer", tls_}, {"ms", since(began)}});
}

LookJson Dialogue::result() const {
  return {{"port", port_},   {"ok", error_.empty()}, {"ms", since(began_)},
          {"error", error_}, {"tls", tls_},          {"steps", steps_}};
}

}  // namespace podplay::looks
