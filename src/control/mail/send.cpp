// Messages are built here (RFC 5322, MIME RFC 2045) and handed to Postfix by the mail agent.
#include "control/mail/send.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "model/names.hpp"
#include "store/aliases.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
constexpr auto kDeadline = seconds(30);
constexpr std::size_t kMostRecipients = 100;

std::string rfc5322_date(WallTime time) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

// RFC 2047 encoded words of at most 75 octets; plain when it is short ASCII.
std::string encode_subject(const std::string& subject) {
  bool plain = subject.size() < 60;
  for (const char c : subject) {
    plain = plain && static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
  }
  if (plain) {
    return subject;
  }
  std::string text;
  for (std::size_t at = 0; at < subject.size();) {
    std::size_t end = std::min(at + 42, subject.size());
    // not inside of a character
    while (end < subject.size() && (static_cast<unsigned char>(subject[end]) & 0xc0) == 0x80) {
      --end;
    }
    text += (text.empty() ? "" : "\r\n ") + std::string("=?UTF-8?B?") +
            base64(subject.substr(at, end - at)) + "?=";
    at = end;
  }
  return text;
}

std::string wrap_base64(const std::string& text) {
  const std::string encoded = base64(text);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += 76) {
    lines += encoded.substr(at, 76) + "\r\n";
  }
  return lines;
}

std::string build_message(const std::string& from, const std::vector<std::string>& to,
                          const MessageInput& input, const std::string& id, WallTime now) {
  std::string recipients;
  for (const std::string& address : to) {
    recipients += (recipients.empty() ? "" : ",\r\n ") + address;
  }
  return fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
      from, recipients, encode_subject(input.subject), rfc5322_date(now), id,
      wrap_base64(input.text));
}

// The sender's own address, or an alias that goes to him; as on the submission ports, for those who
// may use mail.
Result<std::string> permitted_sender(Context& context, const Actor& actor,
                                     const std::string& from) {
  TRY(const auto sender, EmailAddress::parse(from.empty() ? actor.email() : from, "from"));
  struct Found {
    std::optional<User> user;
    std::optional<Domain> domain;
    std::optional<Alias> alias;
  };
  auto found = context.store.read_together<Found>([&](store::Session& session) {
    return Found{store::find_user(session, actor.user_id()),
                 store::find_domain(session, actor.domain()),
                 store::find_alias(session, sender.text())};
  });
  if (!found) {
    return std::unexpected(found.error());
  }
  if (!found->user || !found->user->offers.contains(Offer::mail) || !found->domain ||
      !found->domain->enabled) {
    return fail(ErrorKind::forbidden, "no_mail",
                fmt::format("{} may not use mail, or its domain is disabled", actor.email()),
                "an administrator gives the service with podplay users update --services, the "
                "domain with podplay domains update --enable");
  }
  if (sender.text() == actor.email()) {
    return sender.text();
  }
  const auto& alias = found->alias;
  if (alias && alias->enabled &&
      std::ranges::find(alias->targets, actor.email()) != alias->targets.end()) {
    return sender.text();
  }
  return fail(ErrorKind::forbidden, "not_your_address",
              fmt::format("{} may not send as {}", actor.email(), sender.text()),
              "send as your own address or as an alias that goes to you");
}

}  // namespace

Result<std::string> send_mail(Context& context, const Actor& actor, const MessageInput& input) {
  std::vector<Fault> faults;
  std::vector<std::string> to;
  for (const std::string& text : input.to) {
    const auto recipient = EmailAddress::parse(text, "to");
    if (recipient) {
      to.push_back(recipient->text());
    } else {
      collect(faults, recipient.error());
    }
  }
  if (input.to.empty() || input.to.size() > kMostRecipients) {
    faults.push_back({"to", "bad_count", fmt::format("{} recipients", input.to.size()),
                      "name 1 to 100 recipients"});
  }
  if (input.subject.find_first_of("\r\n") != std::string::npos) {
    faults.push_back(
        {"subject", "bad_subject", "the subject has more than one line", "write one line"});
  }
  if (!faults.empty()) {
    return fail_faults(std::move(faults));
  }
  TRY(const auto from, permitted_sender(context, actor, input.from));
  const std::string id =
      fmt::format("{}@{}", random_token(18), context.settings.text("PODPLAY_MAIL_SERVER_NAME"));
  const nlohmann::json arguments{
      {"sender", from},
      {"recipients", to},
      {"message", build_message(from, to, input, id, context.clock.now())}};
  TRY(context.hub.command(ServiceName::mail, "send", json_text(arguments), actor.request_id(),
                          kDeadline));
  note_action(context, actor, "MAIL_SENT", fmt::format("{} to {} recipients", from, to.size()));
  return nlohmann::json{{"message_id", id}, {"from", from}, {"to", to}}.dump();
}

Result<std::string> read_mail_queue(Context& context, const Actor& actor) {
  return context.hub.command(ServiceName::mail, "queue", "{}", actor.request_id(), kDeadline);
}

Result<std::string> test_mail(Context& context, const Actor& actor, const std::string& from,
                              const std::string& to) {
  TRY(const auto recipient, EmailAddress::parse(to, "to"));
  TRY(const auto sender, permitted_sender(context, actor, from));
  const nlohmann::json arguments{{"sender", sender}, {"recipient", recipient.text()}};
  auto tested = context.hub.command(ServiceName::mail, "test", arguments.dump(), actor.request_id(),
                                    kDeadline);
  note_action(context, actor, "MAIL_TESTED", recipient.text());
  return tested;
}

}  // namespace podplay::control
