// The forms are those of Postfix 3.10 (log_adhoc.c, smtpd_check.c, qmgr) and Dovecot 2.4 with their
// defaults of info_log_address_format and deliver_log_format.
#include "control/mail/trace/trace_line.hpp"

#include <algorithm>
#include <utility>

namespace podplay::control {
namespace {

using Kind = TraceLine::Kind;

bool take(std::string_view& rest, std::string_view what) {
  if (!rest.starts_with(what)) {
    return false;
  }
  rest.remove_prefix(what.size());
  return true;
}

// What stands before `end`, which is taken too.
std::optional<std::string_view> take_to(std::string_view& rest, std::string_view end) {
  const std::size_t at = rest.find(end);
  if (at == rest.npos) {
    return std::nullopt;
  }
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return part;
}

bool stands_once(std::string_view text, std::string_view what) {
  const std::size_t at = text.find(what);
  return at != text.npos && text.find(what, at + 1) == text.npos;
}

std::string without_brackets(std::string_view text) {
  if (text.size() >= 2 && text.front() == '<' && text.back() == '>') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

// "client=name[ip], sasl_method=PLAIN, sasl_username=ann@example.test"
bool read_client(std::string_view rest, TraceLine& line) {
  if (!take(rest, "client=")) {
    return false;
  }
  line.kind = Kind::client;
  const std::size_t end = std::min(rest.find("], "), rest.size() - 1);
  line.peer = rest.substr(0, end + 1);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  if (const std::size_t at = rest.find(", sasl_username="); at != rest.npos) {
    std::string_view login = rest.substr(at + std::string_view(", sasl_username=").size());
    line.login = login.substr(0, login.find(", "));
  }
  return true;
}

// Behind "helo=<...>". HELO may hold " sasl_username=" itself; then the line ends with its ">".
std::string refused_login(std::string_view rest) {
  constexpr std::string_view kLogin = " sasl_username=";
  const std::size_t at = rest.rfind(kLogin);
  if (at == rest.npos || rest.ends_with('>') ||
      rest.substr(0, at).rfind("> sasl_method=") == rest.npos) {
    return {};
  }
  return std::string(rest.substr(at + kLogin.size()));
}

// "reject: RCPT from name[ip]: 550 5.1.1 <x@y>: words; from=<a@b> to=<x@y> proto=ESMTP helo=<z>"
bool read_refusal(std::string_view rest, TraceLine& line) {
  if (take(rest, "milter-reject: ") || take(rest, "milter-hold: ")) {
    line.kind = Kind::checked;
  } else if (take(rest, "reject: ")) {
    line.kind = Kind::refused;
  } else {
    return false;
  }
  const auto command = take_to(rest, " from ");
  const auto peer = command ? take_to(rest, "]: ") : std::nullopt;
  if (!peer) {
    return false;
  }
  line.status = *command;
  line.peer = std::string(*peer) + "]";
  constexpr std::string_view kEnvelope = "; from=<";
  line.words = rest.substr(0, rest.find(kEnvelope));
  line.unclear = !stands_once(rest, kEnvelope);
  if (line.unclear) {
    return true;
  }
  rest.remove_prefix(rest.find(kEnvelope) + kEnvelope.size() - 1);
  const auto from = take_traced_address(rest);
  std::optional<std::string> to = std::string();
  if (take(rest, " to=")) {
    to = take_traced_address(rest);
  }
  if (!from || !to || !rest.starts_with(" proto=")) {
    line.unclear = true;
    return true;
  }
  line.from = *from;
  line.to = *to;
  line.login = refused_login(rest);
  return true;
}

bool read_smtpd(std::string_view rest, TraceLine& line) {
  return read_client(rest, line) || read_refusal(rest, line);
}

bool read_cleanup(std::string_view rest, TraceLine& line) {
  if (take(rest, "message-id=")) {
    line.kind = Kind::message_id;
    line.message_id = without_brackets(rest);
    return true;
  }
  if (rest == "removed (canceled)") {
    line.kind = Kind::cancelled;
    return true;
  }
  return read_refusal(rest, line);
}

bool read_pickup(std::string_view rest, TraceLine& line) {
  if (!take(rest, "uid=") || !take_to(rest, " from=")) {
    return false;
  }
  line.kind = Kind::pickup;
  const auto from = take_traced_address(rest);
  line.from = from.value_or("");
  return from.has_value();
}

bool read_queue_manager(std::string_view rest, TraceLine& line) {
  if (rest == "removed") {
    line.kind = Kind::removed;
    return true;
  }
  if (!take(rest, "from=")) {
    return false;
  }
  const auto from = take_traced_address(rest);
  if (!from) {
    return false;
  }
  line.from = *from;
  if (take(rest, ", size=")) {
    line.kind = Kind::queued;
    line.size = rest.substr(0, rest.find(','));
    return true;
  }
  if (take(rest, ", status=")) {
    line.kind = Kind::returned;
    line.status = rest.substr(0, rest.find(','));
    return true;
  }
  return false;
}

bool read_bounce(std::string_view rest, TraceLine& line) {
  const auto what = take_to(rest, " notification: ");
  if (!what || !is_trace_id(rest)) {
    return false;
  }
  line.kind = Kind::notified;
  line.words = *what;
  line.other_id = rest;
  return true;
}

bool read_postsuper(std::string_view rest, TraceLine& line) {
  static constexpr std::pair<std::string_view, Kind> kWords[] = {
      {"placed on hold", Kind::held}, {"released from hold", Kind::released},
      {"expired", Kind::expired},     {"removed", Kind::deleted},
      {"requeued", Kind::requeued},
  };
  const auto* const found =
      std::ranges::find(kWords, rest, [](const auto& word) { return word.first; });
  if (found == std::end(kWords)) {
    return false;
  }
  line.kind = found->second;
  return true;
}

// "to=<a@b>, orig_to=<c@d>, relay=name[ip]:25, conn_use=2, delay=1, delays=0/0/0/1, dsn=2.0.0,
// status=sent (words)"
bool read_delivery(std::string_view rest, TraceLine& line) {
  if (take(rest, "host ")) {
    line.kind = Kind::said;
    line.words = rest;
    return true;
  }
  if (!take(rest, "to=")) {
    return false;
  }
  const auto to = take_traced_address(rest);
  if (!to || !take(rest, ", ")) {
    return false;
  }
  line.kind = Kind::delivery;
  line.to = *to;
  if (take(rest, "orig_to=")) {
    const auto via = take_traced_address(rest);
    if (!via || !take(rest, ", ")) {
      return false;
    }
    line.via = *via;
  }
  while (!rest.starts_with("status=")) {
    const auto field = take_to(rest, ", ");
    if (!field) {
      return false;
    }
    const std::string_view value = field->substr(std::min(field->find('=') + 1, field->size()));
    if (field->starts_with("relay=")) {
      line.peer = value;
    } else if (field->starts_with("dsn=")) {
      line.dsn = value;
    }
  }
  take(rest, "status=");
  line.status = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), line.status.size() + 1));
  if (rest.starts_with('(') && rest.ends_with(')')) {
    rest = rest.substr(1, rest.size() - 2);
  }
  line.words = rest;
  return true;
}

bool read_program(std::string_view program, std::string_view rest, TraceLine& line) {
  if (program == "smtpd") {
    return read_smtpd(rest, line);
  }
  if (program == "cleanup") {
    return read_cleanup(rest, line);
  }
  if (program == "pickup") {
    return read_pickup(rest, line);
  }
  if (program == "qmgr") {
    return read_queue_manager(rest, line);
  }
  if (program == "bounce") {
    return read_bounce(rest, line);
  }
  if (program == "postsuper") {
    return read_postsuper(rest, line);
  }
  return read_delivery(rest, line);
}

// "submission/smtpd[132]: ID: words"
bool read_postfix(std::string_view rest, TraceLine& line) {
  auto program = take_to(rest, "[");
  if (!program || !take_to(rest, "]: ")) {
    return false;
  }
  program->remove_prefix(std::min(program->rfind('/') + 1, program->size()));
  const auto id = take_to(rest, ": ");
  if (!id) {
    return false;
  }
  if (*id == "NOQUEUE") {
    return *program == "smtpd" && read_refusal(rest, line);
  }
  if (!is_trace_id(*id)) {
    return false;
  }
  line.queue_id = *id;
  return read_program(*program, rest, line);
}

// "lmtp(ann@example.test)<184><session>: Info: sieve: msgid=<id>: words"
bool read_dovecot(std::string_view rest, TraceLine& line) {
  if (!take(rest, "lmtp(")) {
    return false;
  }
  const auto user = take_to(rest, ")<");
  const auto pid = user ? take_to(rest, "><") : std::nullopt;
  const auto session = pid ? take_to(rest, ">: ") : std::nullopt;
  if (!session || !take_to(rest, ": ")) {
    return false;
  }
  take(rest, "sieve: ");
  if (!take(rest, "msgid=")) {
    return false;
  }
  line.kind = Kind::filed;
  line.to = *user;
  line.session = *session;
  line.words = rest;
  return true;
}

}  // namespace

bool is_trace_id(std::string_view text) {
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  if (text.size() >= 5 && text.size() <= 40 && std::ranges::all_of(text, is_hex)) {
    return true;
  }
  // Postfix writes long ids without vowels (enable_long_queue_ids).
  return text.size() >= 10 && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
           const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           return (c >= '0' && c <= '9') ||
                  (letter && std::string_view("aeiouAEIOU").find(c) == std::string_view::npos);
         });
}

std::optional<std::string> take_traced_address(std::string_view& rest) {
  if (!rest.starts_with('<')) {
    return std::nullopt;
  }
  bool quoted = false;
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (quoted && rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      quoted = !quoted;
    } else if (rest[at] == '>' && !quoted) {
      std::string address(rest.substr(1, at - 1));
      rest.remove_prefix(at + 1);
      return address;
    }
  }
  return std::nullopt;
}

std::string delivery_session(const TraceLine& delivery) {
  std::string_view rest = delivery.words;
  if (delivery.status != "sent" || !take(rest, "250 2.0.0 ") || !take_traced_address(rest) ||
      !take(rest, " ") || !rest.ends_with(" Saved")) {
    return {};
  }
  return std::string(rest.substr(0, rest.size() - std::string_view(" Saved").size()));
}

std::optional<std::string> filed_action(const TraceLine& filed, std::string_view message_id) {
  for (const std::string& id :
       {"<" + std::string(message_id) + ">", std::string(message_id), std::string("unspecified")}) {
    std::string_view rest = filed.words;
    if (take(rest, id) && take(rest, ": ")) {
      return std::string(rest);
    }
  }
  return std::nullopt;
}

std::optional<TraceLine> read_trace_line(const logs::LogLine& line) {
  TraceLine read{.time = line.time};
  if (line.component == "mail.postfix" && read_postfix(line.message, read)) {
    return read;
  }
  if (line.component == "mail.dovecot" && read_dovecot(line.message, read)) {
    return read;
  }
  return std::nullopt;
}

}  // namespace podplay::control
