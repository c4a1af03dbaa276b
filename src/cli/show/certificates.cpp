// A step is one line, as it is now: what it does, what came of it, and how long it took.
#include "cli/show/certificates.hpp"

#include <fmt/format.h>

#include "cli/show/table.hpp"

namespace podplay::cli {
namespace {

// "12:00:01" of a time in RFC 3339.
std::string time_of_day(const std::string& time) {
  return time.size() < 19 ? std::string() : time.substr(11, 8);
}

std::string orders_text(const Json& orders) {
  static constexpr std::string_view kColumns[] = {"id",    "created",      "state", "account",
                                                  "names", "failed_names", "error"};
  return orders.empty() ? "" : "orders:\n" + table(orders, kColumns);
}

std::string job_timeline(const Json& job) {
  std::string text = fmt::format("job {}: {}, {} attempts\n", member(job, "id"),
                                 member(job, "state"), member(job, "attempts"));
  for (const Json& step : job.value("steps", Json::array())) {
    text += "  " + step_line(step) + "\n";
  }
  if (job.value("state", "") == "waiting") {
    text += fmt::format("  the next attempt begins at {}\n", member(job, "due"));
  }
  return text;
}

}  // namespace

std::string certificate_text(const Json& certificate) {
  Json plain = certificate;
  plain.erase("orders");
  plain.erase("job");
  std::string text = object_lines(plain) + orders_text(certificate.value("orders", Json::array()));
  if (certificate.contains("job")) {
    text += job_timeline(certificate["job"]);
  }
  return text;
}

std::string findings_text(const Json& answer) {
  const Json findings = answer.value("findings", Json::array());
  if (findings.empty()) {
    return "nothing stands in the way of an order; nothing was ordered\n";
  }
  std::string text;
  for (const Json& finding : findings) {
    const std::string name = member(finding, "name");
    text += fmt::format("{}: {}{} ({})\n", finding.value("fatal", false) ? "error" : "note",
                        name.empty() ? "" : name + ": ", member(finding, "message"),
                        member(finding, "code"));
    if (const std::string remedy = member(finding, "remedy"); !remedy.empty()) {
      text += fmt::format("  {}\n", remedy);
    }
  }
  return text + "nothing was ordered\n";
}

std::string troubles_text(const Json& certificates) {
  std::string text;
  for (const Json& one : certificates) {
    const bool has_version = one.contains("days_left") && one["days_left"].is_number();
    text += fmt::format(
        "certificate {} ({}): {}{}\n", member(one, "name"), member(one, "issuer"),
        has_version ? fmt::format("{} days left, ", member(one, "days_left")) : "no version yet, ",
        member(one, "next_step"));
    if (const std::string error = member(one, "last_error"); !error.empty()) {
      text += fmt::format("  {}\n", error);
    }
  }
  return text;
}

std::string step_line(const Json& step) {
  const std::string words = member(step, "words");
  const std::string state = step.value("state", "");
  std::string text = fmt::format("{}  {}", time_of_day(step.value("at", "")), member(step, "name"));
  text += state == "failed" ? " FAILED" : "";
  text += words.empty() ? "" : ": " + words;
  if (state == "running") {
    return text + " ...";
  }
  const auto took = static_cast<double>(step.value("took_ms", std::int64_t{0}));
  return text + fmt::format(" ({:.1f} s)", took / 1000);
}

}  // namespace podplay::cli
