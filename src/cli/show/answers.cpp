// The status and mail queue for people. A member that is missing shows as nothing.
#include "cli/show/answers.hpp"

#include <fmt/format.h>

#include <chrono>

#include "base/clock.hpp"
#include "cli/show/certificates.hpp"
#include "cli/show/change.hpp"
#include "cli/show/table.hpp"

namespace podplay::cli {

namespace {

// Empty when nobody guesses.
std::string guessing_text(const Json& guessing) {
  const auto number = [&](const char* name) { return guessing.value(name, std::int64_t{0}); };
  if (number("failed") + number("refused") == 0) {
    return {};
  }
  return fmt::format(
      "guessing: {} tries refused, {} wrong passwords, {} accounts, {} addresses in the last hour; "
      "locked now: {} accounts, {} addresses\n",
      number("refused"), number("failed"), number("accounts"), number("addresses"),
      number("locked_accounts"), number("locked_addresses"));
}

constexpr std::string_view kWaitingColumns[] = {"queue_id", "state",     "arrival", "size",
                                                "sender",   "recipient", "reason"};

// A row for each recipient of the messages.
Json waiting_rows(const Json& messages) {
  Json rows = Json::array();
  for (const Json& message : messages) {
    const std::chrono::seconds arrived{message.value("arrival_time", std::int64_t{0})};
    for (const Json& recipient : message.value("recipients", Json::array())) {
      rows.push_back(
          {{"queue_id", member(message, "queue_id")},
           {"state", member(message, "queue_name")},
           {"arrival", to_rfc3339(WallTime(arrived))},
           {"size", size_text(message.value("message_size", std::int64_t{0}))},
           {"sender", message.value("sender", "")},
           {"recipient", member(recipient, "address")},
           {"reason", recipient.contains("delay_reason") ? member(recipient, "delay_reason")
                                                         : "not tried yet"}});
    }
  }
  return rows;
}

// The checks that are not ok. `by_service`: only those about this service.
std::string checks_text(const Json& checks, const std::string& service, bool by_service = false) {
  std::string text;
  for (const Json& check : checks) {
    const std::string result = member(check, "result");
    if (result == "ok" || (by_service && member(check, "service") != service)) {
      continue;
    }
    text += fmt::format("  check {} ({}): {}\n", member(check, "name"), result,
                        member(check, "reason"));
  }
  return text;
}

}  // namespace

std::string status_text(const Json& status) {
  const Json own = status.value("control", Json::object());
  std::string text = fmt::format("PodPlay {}: {}\n", member(status, "version"),
                                 status.value("ready", false) ? "ready" : "not ready");
  for (const Json& service : status.value("services", Json::array())) {
    text += fmt::format("{:<8} {:<9} revision {}", member(service, "service"),
                        service.value("health", "") == "down" ? "down" : member(service, "state"),
                        member(service, "revision"));
    if (service.value("state", "") != "ready") {
      text += fmt::format("  {} {}", member(service, "stage"), member(service, "message"));
    }
    text += "\n";
    for (const Json& row : service.value("set_aside", Json::array())) {
      text += fmt::format("  set aside: {} {} (revision {}): {}: {}\n", member(row, "kind"),
                          member(row, "key"), member(row, "revision"), member(row, "daemon"),
                          member(row, "message"));
    }
    for (const Json& daemon : service.value("daemons", Json::array())) {
      text +=
          fmt::format("  {:<10} {:<9} pid {:<6} restarts {}\n", member(daemon, "name"),
                      member(daemon, "state"), member(daemon, "pid"), member(daemon, "restarts"));
      if (daemon.value("state", "") != "ready" && !member(daemon, "last_words").empty()) {
        text += fmt::format("    {}\n", member(daemon, "last_words"));
      }
    }
    for (const Json& probe : service.value("probes", Json::array())) {
      if (!probe.value("ok", true)) {
        text +=
            fmt::format("  probe {} fails: {}\n", member(probe, "name"), member(probe, "message"));
      }
    }
    text += checks_text(service.value("checks", Json::array()), member(service, "service"));
    text += checks_text(own.value("checks", Json::array()), member(service, "service"), true);
  }
  if (own.value("health", "ready") != "ready") {
    text += fmt::format("{:<8} {}\n", "control", member(own, "health"));
  }
  text += checks_text(own.value("checks", Json::array()), "control", true);
  text += troubles_text(status.value("certificates", Json::array()));
  return text + guessing_text(status.value("guessing", Json::object()));
}

std::string queue_text(const Json& queue) {
  const Json rows = waiting_rows(queue.value("items", Json::array()));
  return rows.empty() ? "no mail waits\n" : table(rows, kWaitingColumns);
}

std::string queue_done_text(std::string_view done, const Json& answer) {
  const bool dry_run = answer.value("dry_run", false);
  std::string text = dry_run ? fmt::format("dry run: nothing was done; it is {} messages\n",
                                           member(answer, "count"))
                             : fill_sentence(done, answer) + "\n";
  const Json rows = waiting_rows(answer.value("messages", Json::array()));
  if (!rows.empty()) {
    text += table(rows, kWaitingColumns);
  }
  if (answer.value("count", std::size_t{0}) > answer.value("messages", Json::array()).size()) {
    text += "only the first are shown; --json names all\n";
  }
  if (answer.value("more", false)) {
    text += "there are more: repeat the command\n";
  }
  return text;
}

std::string verdict_text(const Json& verdict) {
  const Json head = verdict.value("head", Json::object());
  std::string text;
  if (verdict.value("whole", false)) {
    text = fmt::format("the audit is whole: {} events\n", member(verdict, "events"));
  } else {
    text = fmt::format("the audit is not as it was written: {} faults in {} events\n",
                       member(verdict, "fault_count"), member(verdict, "events"));
  }
  for (const Json& fault : verdict.value("faults", Json::array())) {
    text += fmt::format("  event {} {}: {}\n", member(fault, "id"), member(fault, "kind"),
                        member(fault, "message"));
  }
  return text + fmt::format("note this elsewhere: --witness {}:{}\n", member(head, "id"),
                            member(head, "hash"));
}

}  // namespace podplay::cli
