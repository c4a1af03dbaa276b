// A notice that was handed over just before this program was killed is sent once more, with the
// same number: losing an alert is worse. Its receiver sees that it is the same.
#include "control/watch/alerts/notices.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/control_character.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "control/jobs/jobs.hpp"
#include "control/mail/message.hpp"
#include "control/watch/alerts/weigh.hpp"
#include "control/watch/log_view.hpp"
#include "net/http.hpp"
#include "wire/alerts.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

constexpr auto kMailDeadline = std::chrono::seconds(30);
constexpr std::chrono::milliseconds kConnectTimeout{5000};
constexpr std::chrono::milliseconds kAnswerTimeout{10'000};
// Octets of the answer, of which nothing is used.
constexpr std::size_t kMostAnswer = 64U << 10;

std::string at(WallTime time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", std::chrono::floor<std::chrono::seconds>(time));
}

// A header is one line; a cause may quote a daemon.
std::string one_line(std::string text) {
  constexpr std::size_t kLongest = 200;
  std::ranges::replace_if(text, is_control, ' ');
  if (text.size() > kLongest) {
    // Not within a character of several octets (RFC 3629).
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end) + "...";
  }
  return text;
}

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    text += fmt::format("  {}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

// The alert without people's addresses. "mail@main" in it is an agent, not an address.
Alert without_addresses(Alert alert, const Settings& settings) {
  std::set<std::string> hosts{settings.text("PODPLAY_HOST_ID"),
                              alert.source.substr(alert.source.find('@') + 1)};
  for (std::string* part : {&alert.text.cause, &alert.text.evidence, &alert.text.remedy}) {
    *part = hide_addresses(*part, hosts);
  }
  // A cause of the whole pod has no host in its key: "cause:store-down:api@:".
  hosts.insert("");
  alert.key = hide_addresses(alert.key, hosts);
  return alert;
}

Result<std::string> deliver_by_mail(Context& context, const Alert& alert, const AlertNotice& notice,
                                    const std::string& request_id) {
  const Settings& settings = context.settings;
  auto [subject, text] = alert_message(settings, alert, notice.event);
  const Message message{.from = settings.text("PODPLAY_MAIL_FROM"),
                        .to = {settings.text("PODPLAY_ALERT_MAIL")},
                        .subject = std::move(subject),
                        .text = std::move(text),
                        .automatic = true,
                        .id = fmt::format("alert-{}.{}@{}", notice.id, to_millis(notice.created),
                                          settings.text("PODPLAY_MAIL_SERVER_NAME")),
                        .date = context.clock.now()};
  // Without an account: the limits of what an account sends do not hold for the pod itself.
  const Json arguments{{"account", ""},
                       {"sender", message.from},
                       {"recipients", message.to},
                       {"message", to_rfc5322(message)}};
  TRY(context.hub.command_one(ServiceName::mail, "send", json_text(arguments), request_id,
                              kMailDeadline));
  return "Postfix has it";
}

Result<std::string> deliver_by_webhook(Context& context, const Alert& alert,
                                       const AlertNotice& notice) {
  const Settings& settings = context.settings;
  TRY(const auto url, net::split_url(settings.secret("PODPLAY_ALERT_WEBHOOK").reveal()));
  TRY(auto client, net::HttpClient::make({.base_url = url.origin,
                                          .connect_timeout = kConnectTimeout,
                                          .timeout = kAnswerTimeout,
                                          .most_body = kMostAnswer}));
  net::HttpRequest request{.method = "POST", .path = url.target};
  request.body = alert_json(settings, alert, notice);
  const std::string timestamp = std::to_string(to_millis(context.clock.now()) / 1000);
  const Secret secret = settings.secret("PODPLAY_ALERT_WEBHOOK_SECRET");
  request.headers = {
      {"Content-Type", "application/json"},
      {"User-Agent", "PodPlay/" PODPLAY_VERSION},
      {"X-PodPlay-Delivery", std::to_string(notice.id)},
      {"X-PodPlay-Timestamp", timestamp},
      {"X-PodPlay-Signature", "v1=" + sign_alert(secret, timestamp, request.body)},
  };
  TRY(const auto answer, client->send(request));
  // A redirect is never followed: it would carry the alert to somebody else.
  if (answer.status < 200 || answer.status > 299) {
    return fail(ErrorKind::unavailable, "webhook_refused",
                fmt::format("{} answered {}", url.origin, answer.status),
                "PODPLAY_ALERT_WEBHOOK must be the address that takes the POST itself");
  }
  return fmt::format("answered {}", answer.status);
}

Status finish(Context& context, const AlertNotice& notice, bool sent, const std::string& words) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::end_alert_notice(transaction, notice.id, sent ? context.clock.now() : WallTime{}, words);
    return true;
  }));
  return {};
}

}  // namespace

std::string alert_receiver(const Settings& settings, std::string_view way) {
  if (way == "mail") {
    return settings.text("PODPLAY_ALERT_MAIL");
  }
  const auto url = net::split_url(settings.secret("PODPLAY_ALERT_WEBHOOK").reveal());
  return url ? url->origin : std::string();
}

AlertMessage alert_message(const Settings& settings, const Alert& alert, std::string_view event) {
  const bool over = event == "recovered";
  AlertMessage message;
  message.subject = fmt::format("[{}] {}: {}", settings.text("PODPLAY_HOST_NAME"),
                                over ? std::string_view("recovered") : to_text(alert.severity),
                                one_line(alert.text.cause));
  std::string& text = message.text;
  if (over) {
    text += fmt::format("This is over since {}:\n\n", at(alert.recovered));
  }
  text += alert.text.cause + "\n";
  if (!alert.text.evidence.empty()) {
    text +=
        fmt::format("\nWhat {} it:\n{}", over ? "showed" : "shows", indented(alert.text.evidence));
  }
  if (!over && !alert.text.remedy.empty()) {
    text += fmt::format("\nWhat to do:\n{}", indented(alert.text.remedy));
  }
  if (!over && !alert.text.runbook.empty()) {
    text += fmt::format("\nStep by step: {}\n", alert.text.runbook);
  }
  text += fmt::format("\nService {}, since {}. Alert {} of {}.\n", alert.service,
                      at(alert.first_seen), alert.id, settings.text("PODPLAY_HOST_NAME"));
  if (!over) {
    text += fmt::format("`podplay alerts silence {}` keeps it quiet for a time.\n", alert.id);
  }
  return message;
}

std::string alert_json(const Settings& settings, const Alert& alert, const AlertNotice& notice) {
  const bool shown = settings.text("PODPLAY_ALERT_WEBHOOK_ADDRESSES") == "shown";
  return json_text(
      Json{{"delivery", notice.id},
           {"event", notice.event},
           {"host", settings.text("PODPLAY_HOST_NAME")},
           {"alert", wire::alert_facts(shown ? alert : without_addresses(alert, settings))}});
}

std::string sign_alert(const Secret& secret, std::string_view timestamp, std::string_view body) {
  return hmac_sha256_hex(secret, fmt::format("{}.{}", timestamp, body));
}

void add_alert_notices(Context& context, store::Transaction& transaction, const Alert& alert,
                       const std::string& event) {
  for (const std::string& way : alert_ways(context.settings)) {
    const AlertNotice notice{.id = transaction.next("id"),
                             .alert = alert.id,
                             .way = way,
                             .event = event,
                             .created = context.clock.now()};
    store::insert_alert_notice(transaction, notice);
    add_job(context, transaction,
            {.kind = std::string(kAlertNoticeJob), .subject = std::to_string(notice.id)});
  }
}

Result<std::string> deliver_alert(Context& context, const Alert& alert, const AlertNotice& notice,
                                  const std::string& request_id) {
  return notice.way == "mail" ? deliver_by_mail(context, alert, notice, request_id)
                              : deliver_by_webhook(context, alert, notice);
}

Status send_alert_notice(Context& context, JobRun& run) {
  struct Found {
    std::optional<AlertNotice> notice;
    std::optional<Alert> alert;
    std::vector<AlertNotice> all;
  };
  const auto id = parse_number<std::int64_t>(run.subject());
  TRY(const auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.notice = store::find_alert_notice(session, id.value_or(0))};
    if (result.notice) {
      result.alert = store::find_alert(session, result.notice->alert);
      result.all = store::list_alert_notices(session, result.notice->alert);
    }
    return result;
  }));
  // It was sent, but the job's end was not written.
  if (!found.notice || !found.alert || found.notice->sent != WallTime{}) {
    return {};
  }
  const AlertNotice& notice = *found.notice;
  const bool newer = std::ranges::any_of(found.all, [&](const AlertNotice& other) {
    return other.id > notice.id && other.way == notice.way;
  });
  run.step(fmt::format("tell {} that {}", alert_receiver(context.settings, notice.way),
                       found.alert->text.cause));
  if (newer) {
    run.say("a newer notice says how it is now");
    return finish(context, notice, false, "a newer notice took its place");
  }
  const auto answer = deliver_alert(context, *found.alert, notice, run.job().request_id);
  if (!answer) {
    TRY(finish(context, notice, false, describe(answer.error())));
    return std::unexpected(answer.error());
  }
  run.say(*answer);
  return finish(context, notice, true, *answer);
}

}  // namespace podplay::control
