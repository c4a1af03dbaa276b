// The control plane makes the message, and the mail agent hands it to Postfix. A command whose
// answer is late may have done its work, so the API keeps such requests from being repeated
// (control/answers).
#include "control/mail/send.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "control/mail/directory.hpp"
#include "control/mail/message.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

constexpr auto kSendDeadline = std::chrono::seconds(30);
constexpr std::size_t kMostRecipients = 100;

// The same rule as on the submission ports (model/mail_way.hpp): a user who may use mail sends as
// any address whose mail he gets.
Result<std::string> permitted_sender(Context& context, const Actor& actor,
                                     const std::string& from) {
  TRY(const auto sender, EmailAddress::parse(from.empty() ? actor.email() : from, "from"));
  struct Found {
    std::optional<User> user;
    std::optional<Domain> domain;
    Result<MailWay> way{};
  };
  const RoleNames roles = role_names(context.settings);
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    StoreDirectory directory(session);
    return Found{.user = store::find_user(session, actor.user_id()),
                 .domain = store::find_domain(session, actor.domain()),
                 .way = follow_mail(directory, roles, sender.text())};
  }));
  if (!found.user || !takes_mail(*found.user) || !found.domain || !found.domain->enabled) {
    return fail(ErrorKind::forbidden, "no_mail",
                fmt::format("{} may not use mail, or its domain is disabled", actor.email()),
                "an administrator can allow mail with podplay users update --services, and enable "
                "the domain with podplay domains update --enable");
  }
  TRY(const auto& way, found.way);
  if (!way.reaches(actor.email())) {
    return fail(ErrorKind::forbidden, "not_your_address",
                fmt::format("{} may not send as {}", actor.email(), sender.text()),
                "send as your own address, as name+anything of it, or as an alias that leads to "
                "you");
  }
  return sender.text();
}

// The mailboxes that get the mail of `address`. Fails when some of it would leave the pod, where
// nobody could remove a test message.
Result<std::vector<std::string>> mailboxes_behind(Context& context, const std::string& address) {
  const RoleNames roles = role_names(context.settings);
  TRY(const auto followed,
      context.store.read_together<Result<MailWay>>([&](store::Session& session) {
        StoreDirectory directory(session);
        return follow_mail(directory, roles, address);
      }));
  TRY(const auto& way, followed);
  std::vector<std::string> mailboxes;
  for (const MailEnd& end : way.ends) {
    if (end.kind == MailEnd::Kind::outside && !end.via.empty()) {
      return fail_faults(
          {{.field = "to",
            .code = "leads_outside",
            .message = fmt::format("{} also leads to {}, where the test message could not be "
                                   "removed",
                                   address, end.address),
            .remedy = "test the mailboxes behind it one by one"}});
    }
    if (end.kind == MailEnd::Kind::mailbox) {
      mailboxes.push_back(end.mailbox());
    }
  }
  return mailboxes;
}

// Returns the recipients, or every fault of the input at once.
Result<std::vector<std::string>> check_message(const MessageInput& input) {
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
    faults.push_back({.field = "to",
                      .code = "bad_count",
                      .message = fmt::format("{} recipients", input.to.size()),
                      .remedy = fmt::format("name 1 to {} recipients", kMostRecipients)});
  }
  if (input.subject.find_first_of("\r\n") != std::string::npos) {
    faults.push_back({.field = "subject",
                      .code = "bad_subject",
                      .message = "the subject has more than one line",
                      .remedy = "write one line"});
  }
  TRY(no_faults(std::move(faults)));
  return to;
}

}  // namespace

Result<SentMessage> send_mail(Context& context, const Actor& actor, const MessageInput& input) {
  TRY(auto to, check_message(input));
  TRY(auto from, permitted_sender(context, actor, input.from));
  const Message message{.from = from,
                        .to = to,
                        .subject = input.subject,
                        .text = input.text,
                        .id = fmt::format("{}@{}", random_token(18),
                                          context.settings.text("PODPLAY_MAIL_SERVER_NAME")),
                        .date = context.clock.now()};
  const nlohmann::json arguments{{"account", actor.email()},
                                 {"sender", from},
                                 {"recipients", to},
                                 {"message_id", message.id},
                                 {"message", to_rfc5322(message)}};
  TRY(context.hub.command_one(ServiceName::mail, "send", json_text(arguments), actor.request_id(),
                              kSendDeadline));
  note_action(context, actor, "MAIL_SENT", fmt::format("{} to {} recipients", from, to.size()));
  return SentMessage{.message_id = message.id, .from = std::move(from), .to = std::move(to)};
}

Result<wire::DeliveryTest> test_mail(Context& context, const Actor& actor, const std::string& to) {
  TRY(const auto recipient, EmailAddress::parse(to, "to"));
  TRY(const auto mailboxes, mailboxes_behind(context, recipient.text()));
  const nlohmann::json arguments{{"recipient", recipient.text()}, {"mailboxes", mailboxes}};
  const auto answer = context.hub.command_one(ServiceName::mail, "test", arguments.dump(),
                                              actor.request_id(), kSendDeadline);
  // A test that failed is in the audit too.
  note_action(context, actor, "MAIL_TESTED", recipient.text());
  TRY(const auto tested, answer);
  return wire::parse_delivery_test(tested);
}

}  // namespace podplay::control
