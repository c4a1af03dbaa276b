// A bounce keeps its null sender (RFC 5321 section 4.5.5), so bounces never cause bounces. A sender
// of ours is kept as well: it passes SPF already, and a bounce belongs to who wrote the mail.
#include "agent/forwards/forward_server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "agent/forwards/lmtp_session.hpp"
#include "agent/lookups/socket.hpp"
#include "base/ascii.hpp"
#include "model/mail_way.hpp"
#include "model/names.hpp"

namespace podplay::agent {
namespace {

constexpr const char* kSendmail = "/usr/sbin/sendmail";
// <sysexits.h>: try again later.
constexpr int kTemporary = 75;
constexpr std::string_view kField = "delivered-to:";
// How often a waiting thread looks whether it must stop.
constexpr int kLookMillis = 500;

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == text.npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string forward_sender(const std::string& alias) {
  const std::size_t at = alias.rfind('@');
  const std::string domain = alias.substr(at + 1);
  const std::string plain = "postmaster@" + domain;
  if (at == 0 || alias == plain) {
    return plain;
  }
  const auto sender =
      EmailAddress::parse(fmt::format("postmaster+{}@{}", alias.substr(0, at), domain));
  return sender ? sender->text() : plain;
}

std::string forward_mark(const std::string& alias) {
  return alias.starts_with('@') ? "*" + alias : alias;
}

bool has_mark(std::string_view message, std::string_view mark) {
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    if (trimmed(line).empty()) {
      return false;
    }
    if (line.size() > kField.size() && lower(line.substr(0, kField.size())) == kField &&
        lower(trimmed(line.substr(kField.size()))) == mark) {
      return true;
    }
  }
  return false;
}

ForwardServer::ForwardServer(Runner& runner, IsOurs is_ours, Logger log)
    : runner_(runner), is_ours_(std::move(is_ours)), log_(std::move(log)) {}

ForwardServer::~ForwardServer() {
  if (listener_ >= 0) {
    ::close(listener_);
  }
}

Status ForwardServer::listen(const std::string& path, const std::string& group) {
  TRY(listener_, listen_unix(path, group));
  return {};
}

void ForwardServer::stop() { stopping_ = true; }

void ForwardServer::run() {
  while (!stopping_) {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kLookMillis) <= 0) {
      continue;
    }
    // Another thread may have taken the connection.
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      serve(fd);
      ::close(fd);
    }
  }
}

void ForwardServer::serve(int fd) {
  LmtpSession session(fd);
  session.run([this](const std::string& sender, const std::string& recipient,
                     const std::string& message) { return send_on(sender, recipient, message); });
}

std::string ForwardServer::send_on(const std::string& sender, const std::string& recipient,
                                   const std::string& message) {
  const auto forward = parse_forward(lower(recipient));
  if (!forward) {
    return "550 5.1.1 this is no address that mail is sent on to";
  }
  const std::string mark = forward_mark(forward->alias);
  if (has_mark(message, mark)) {
    log_.warn("mail is not sent on: it went round",
              {{"alias", forward->alias}, {"target", forward->target}});
    return fmt::format("554 5.4.6 {} was in the way of this mail before: it goes round", mark);
  }
  const auto from = sender_of(sender, *forward);
  if (!from) {
    return "451 4.3.0 " + one_line(describe(from.error()));
  }
  const auto sent = runner_.run(
      {.argv = {kSendmail, "-G", "-i", "-f", from->empty() ? "<>" : *from, "--", forward->target},
       .input = fmt::format("Delivered-To: {}\n{}", mark, message)});
  if (!sent || sent->exit_code != 0) {
    const std::string words = one_line(sent ? sent->words() : describe(sent.error()));
    log_.error("mail cannot be sent on", {{"alias", forward->alias}, {"words", words}});
    return (!sent || sent->exit_code == kTemporary ? "451 4.3.0 " : "554 5.3.0 ") + words;
  }
  log_.info("mail sent on", {{"alias", forward->alias},
                             {"target", forward->target},
                             {"from", sender},
                             {"sender", *from}});
  return "250 2.0.0 sent on as " + (from->empty() ? "<>" : *from);
}

Result<std::string> ForwardServer::sender_of(const std::string& sender, const Forward& forward) {
  if (sender.empty()) {
    return sender;
  }
  TRY(const bool ours, is_ours_(lower(sender)));
  return ours ? sender : forward_sender(forward.alias);
}

}  // namespace podplay::agent
