// Text for people.
#include "cli/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/clock.hpp"

namespace podplay::cli {
namespace {

std::string size_text(std::int64_t bytes) {
  if (bytes == 0) {
    return "unlimited";
  }
  constexpr std::string_view kUnits[] = {"B", "K", "M", "G", "T"};
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) {
    value /= 1024;
  }
  return value == static_cast<double>(static_cast<std::int64_t>(value))
             ? fmt::format("{}{}", static_cast<std::int64_t>(value), kUnits[unit])
             : fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string cell(std::string_view column, const Json& value) {
  if (value.is_null()) {
    return "";
  }
  if (column == "quota" && value.is_number_integer()) {
    return size_text(value.get<std::int64_t>());
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "yes" : "no";
  }
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    // 2026-01-31T12:00:00.123Z: seconds are enough here
    if (text.size() == 24 && text[10] == 'T' && text.back() == 'Z') {
      return text.substr(0, 10) + " " + text.substr(11, 8);
    }
    return text;
  }
  if (value.is_array()) {
    std::string text;
    for (const Json& element : value) {
      text += (text.empty() ? "" : ", ") + cell("", element);
    }
    return text;
  }
  return value.dump();
}

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? std::string() : cell(name, *found);
}

}  // namespace

std::string table(const Json& items, std::span<const std::string_view> columns) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> head;
  for (const auto column : columns) {
    std::string name(column);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    });
    head.push_back(std::move(name));
  }
  rows.push_back(std::move(head));
  for (const Json& item : items) {
    std::vector<std::string> row;
    for (const auto column : columns) {
      row.push_back(item.contains(column) ? cell(column, item[std::string(column)]) : "");
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

namespace {

// Objects within an object: a table of all that they have.
std::string indented_table(const Json& items) {
  std::vector<std::string_view> columns;
  for (const auto& [name, value] : items.front().items()) {
    columns.push_back(name);
  }
  std::string text;
  for (const char c : table(items, columns)) {
    text += text.empty() || text.back() == '\n' ? std::string("  ") + c : std::string(1, c);
  }
  return text;
}

}  // namespace

std::string object_lines(const Json& object) {
  std::size_t width = 0;
  for (const auto& [name, value] : object.items()) {
    width = std::max(width, name.size());
  }
  std::string text;
  for (const auto& [name, value] : object.items()) {
    const bool rows = value.is_array() && !value.empty() && value.front().is_object();
    text += rows ? fmt::format("{}:\n{}", name, indented_table(value))
                 : fmt::format("{:<{}}  {}\n", name, width, cell(name, value));
  }
  return text;
}

std::string status_text(const Json& status) {
  std::string text = fmt::format("PodPlay {}: {}\n", member(status, "version"),
                                 status.value("ready", false) ? "ready" : "not ready");
  for (const Json& service : status.value("services", Json::array())) {
    text += fmt::format("{:<8} {:<9} revision {}", member(service, "service"),
                        member(service, "state"), member(service, "revision"));
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
  }
  return text;
}

std::string logs_text(const Json& logs) {
  std::string text;
  for (const Json& log : logs.value("items", Json::array())) {
    text += fmt::format("== {}\n", member(log, "log"));
    for (const Json& line : log.value("lines", Json::array())) {
      text += line.get<std::string>() + "\n";
    }
  }
  return text.empty() ? "nothing has been logged yet\n" : text;
}

std::string queue_text(const Json& queue) {
  static constexpr std::string_view kColumns[] = {"queue_id", "arrival",   "size",
                                                  "sender",   "recipient", "reason"};
  Json rows = Json::array();
  for (const Json& message : queue.value("messages", Json::array())) {
    const std::chrono::seconds arrived{message.value("arrival_time", std::int64_t{0})};
    for (const Json& recipient : message.value("recipients", Json::array())) {
      rows.push_back(
          {{"queue_id", member(message, "queue_id")},
           {"arrival", to_rfc3339(WallTime(arrived))},
           {"size", size_text(message.value("message_size", std::int64_t{0}))},
           {"sender", message.value("sender", "")},
           {"recipient", member(recipient, "address")},
           {"reason", recipient.contains("delay_reason") ? member(recipient, "delay_reason")
                                                         : "not tried yet"}});
    }
  }
  std::string text = rows.empty() ? "the queue is empty\n" : table(rows, kColumns);
  if (queue.value("truncated", false)) {
    text += "these are not all: the queue is longer than an answer can be\n";
  }
  return text;
}

std::string dry_run_text(const Json& answer) {
  std::string text = "dry run: nothing was changed\n";
  for (const Json& row : answer.value("rows", Json::array())) {
    text += fmt::format("row: {} {} {}\n", row.value("deleted", false) ? "delete" : "put",
                        member(row, "kind"), member(row, "key"));
  }
  for (const Json& service : answer.value("services", Json::array())) {
    std::string verdict = "refused";
    if (service.value("ok", false)) {
      verdict = service.value("asked", true) ? "its checkers accept this" : "not asked";
    }
    const std::string words = member(service, "words");
    text += fmt::format("{}: {}{}\n", member(service, "service"), verdict,
                        words.empty() ? "" : ": " + words);
    text += member(service, "diff");
  }
  return text;
}

std::string applied_text(const Json& answer) {
  const std::string revision = member(answer, "revision");
  const auto applied = answer.find("applied");
  if (applied == answer.end()) {
    return fmt::format("revision {}", revision);
  }
  std::string done;
  std::string pending;
  for (const Json& service : applied->value("services", Json::array())) {
    std::string& list = service.value("state", "") == "applied" ? done : pending;
    list += (list.empty() ? "" : ", ") + member(service, "service");
  }
  if (pending.empty()) {
    return fmt::format("applied by {} (revision {})",
                       done.empty() ? "nobody: no service is concerned" : done, revision);
  }
  return fmt::format(
      "saved as revision {}, not yet applied by {}; see: podplay revisions show {} --wait 30",
      revision, pending, revision);
}

std::string fill_sentence(std::string_view sentence, const Json& object) {
  std::string text(sentence);
  for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == text.npos) {
      break;
    }
    text.replace(open, close - open + 1,
                 member(object, text.substr(open + 1, close - open - 1).c_str()));
  }
  return text;
}

std::string problem_text(const Error& error, std::string_view request_id) {
  std::string text = "podplay: " + describe(error) + "\n";
  if (!request_id.empty()) {
    text += fmt::format("  request {}: `podplay system logs api` shows its lines\n", request_id);
  }
  return text;
}

int outcome_code(const Json& answer) {
  const auto applied = answer.find("applied");
  const bool pending = applied != answer.end() && applied->value("state", "") == "pending";
  const auto fails = [](const Json& service) { return !service.value("ok", false); };
  const bool refused = answer.value("dry_run", false) &&
                       std::ranges::any_of(answer.value("services", Json::array()), fails);
  // GET /api/system/status
  const bool not_ready = !answer.value("ready", true);
  return refused                ? exit_code(ErrorKind::refused)
         : pending || not_ready ? exit_code(ErrorKind::timeout)
                                : 0;
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
    case ErrorKind::too_large: return 3;
    case ErrorKind::unauthorized:
    case ErrorKind::forbidden:
    case ErrorKind::rate_limited: return 4;
    case ErrorKind::not_found: return 5;
    case ErrorKind::conflict:
    case ErrorKind::precondition: return 6;
    case ErrorKind::refused: return 7;
    case ErrorKind::unavailable:
    case ErrorKind::timeout: return 8;
    default: return 1;
  }
}

}  // namespace podplay::cli
