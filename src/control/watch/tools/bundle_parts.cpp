// Everything is bounded: a bundle has some megabytes, however large the server is.
#include "control/watch/tools/bundle_parts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <map>

#include "base/json_text.hpp"
#include "control/certificates/certificates.hpp"
#include "control/jobs/jobs.hpp"
#include "control/mail/queue.hpp"
#include "control/watch/alerts/alerts.hpp"
#include "control/watch/diagnosis/diagnose.hpp"
#include "control/watch/health/history.hpp"
#include "control/watch/status.hpp"
#include "control/watch/tools/diag.hpp"
#include "wire/alerts.hpp"
#include "wire/diagnosis.hpp"
#include "wire/jobs.hpp"
#include "wire/link.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

// Of each log, from its end.
constexpr off_t kLogBytes = 512 << 10;
constexpr std::size_t kLogLines = 2000;
constexpr std::int64_t kMostRows = 200;
constexpr int kQueuePages = 5;
constexpr std::array<std::string_view, 4> kBundleServices{"apache", "bind", "mail", "api"};
constexpr std::array<std::string_view, 5> kFolders{"apache", "bind", "mail", "api", "certs"};

Status add_versions(Context& context, const std::string&, BundleFiles& files) {
  Json agents = Json::array();
  for (const ServiceStatus& service : get_status(context).services) {
    const Json status = wire::to_json(service);
    agents.push_back({{"service", status.value("service", "")},
                      {"host", status.value("host", "")},
                      {"version", status.value("version", "")},
                      {"revision", status.value("revision", 0)}});
  }
  return files.add_json("versions.json", {{"podplayd", PODPLAY_VERSION},
                                          {"at", to_rfc3339(context.clock.now())},
                                          {"profile", context.settings.text("PODPLAY_PROFILE")},
                                          {"agents", std::move(agents)}});
}

Status add_status(Context& context, const std::string&, BundleFiles& files) {
  const SystemStatus status = get_status(context);
  Json services = Json::array();
  for (const ServiceStatus& service : status.services) {
    services.push_back(wire::to_json(service));
  }
  return files.add_json("status.json", {{"ready", status.ready}, {"services", services}});
}

Status add_diagnosis(Context& context, const std::string&, BundleFiles& files) {
  TRY(const auto diagnosis, diagnose(context, ""));
  Json findings = Json::array();
  for (const FoundCause& found : diagnosis.findings) {
    findings.push_back(wire::to_json(found));
  }
  return files.add_json("diagnosis.json",
                        {{"findings", std::move(findings)}, {"unseen", diagnosis.unseen}});
}

Status add_alerts(Context& context, const std::string&, BundleFiles& files) {
  TRY(const auto alerts, list_alerts(context, std::nullopt, 0, kMostRows));
  Json rows = Json::array();
  for (const AlertDetails& one : alerts) {
    rows.push_back(wire::to_json(one.alert, one.silence, one.notices));
  }
  return files.add_json("alerts.json", rows);
}

Status add_history(Context& context, const std::string&, BundleFiles& files) {
  TRY(const auto changes, list_health_history(context, {}, 0, kMostRows));
  Json rows = Json::array();
  for (const HealthChange& one : changes) {
    rows.push_back({{"at", to_rfc3339(one.at)},
                    {"service", one.service},
                    {"host", one.host},
                    {"kind", one.kind},
                    {"subject", one.subject},
                    {"before", one.before},
                    {"after", one.after},
                    {"cause", one.cause}});
  }
  return files.add_json("history.json", rows);
}

// The looks of a service and its generated files, which get files of their own.
Status add_service(Context& context, const std::string& service, BundleFiles& files) {
  looks::LookQuestion question{.what = looks::usual_looks(service)};
  question.what.emplace_back("configuration");
  TRY(auto seen, look_at_service(context, Actor::system(), service, "", std::move(question)));
  const Json configuration = seen.looks.value("configuration", Json::object());
  for (const Json& file : configuration.value("files", Json::array())) {
    const std::string path = file.value("path", "");
    // An agent's word; the archive must not lead out of its folder.
    if (path.empty() || path.starts_with('/') || path.find("..") != std::string::npos) {
      continue;
    }
    TRY(files.add_text(fmt::format("configuration/{}/{}", service, path), file.value("text", "")));
  }
  seen.looks.erase("configuration");
  return files.add_json(fmt::format("diag/{}.json", service), seen.looks);
}

Status add_looks(Context& context, const std::string&, BundleFiles& files) {
  Json failures = Json::object();
  for (const std::string_view service : kBundleServices) {
    if (const Status added = add_service(context, std::string(service), files); !added) {
      failures[std::string(service)] = describe(added.error());
    }
  }
  return failures.empty() ? Status{} : files.add_json("diag/not-seen.json", failures);
}

Status add_settings(Context& context, const std::string&, BundleFiles& files) {
  Json settings = Json::object();
  for (const SettingRow& row : context.settings.rows()) {
    const std::string value = context.settings.text(row);
    // Whether it is set may matter, the rest may not.
    const bool private_one = row.type == SettingType::secret || row.name.ends_with("_USER");
    const bool secret = private_one && !value.empty();
    settings[std::string(row.name)] = secret ? "(set)" : value;
  }
  return files.add_json("settings.json", settings);
}

// The last lines of a file, whole ones only.
std::string end_of(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return {};
  }
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - kLogBytes);
  std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), from);
  ::close(fd);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  if (from > 0) {
    text.erase(0, text.find('\n') + 1);
  }
  std::size_t begin = text.size();
  for (std::size_t lines = 0; begin > 0 && lines <= kLogLines; ++lines) {
    begin = text.rfind('\n', begin - 1);
    if (begin == text.npos) {
      return text;
    }
  }
  return begin == 0 ? text : text.substr(begin + 1);
}

Status add_logs(Context& context, const std::string&, BundleFiles& files) {
  for (const std::string_view folder : kFolders) {
    const std::string path = fmt::format("{}/{}", context.paths.logs, folder);
    const auto names = context.files.list(path);
    for (const std::string& name : names ? *names : std::vector<std::string>{}) {
      // NAME.log is the current one; NAME.TIME.log was rotated.
      const bool current = name.ends_with(".log") && name.find('.') == name.size() - 4;
      if (current) {
        TRY(files.add_text(fmt::format("logs/{}/{}", folder, name), end_of(path + "/" + name)));
      }
    }
  }
  return {};
}

// How much waits and why, without who wrote to whom.
Status add_queue(Context& context, const std::string&, BundleFiles& files) {
  std::int64_t messages = 0;
  std::int64_t oldest = 0;
  std::map<std::string, int> queues;
  std::map<std::string, int> reasons;
  std::string cursor;
  for (int page = 0; page < kQueuePages; ++page) {
    TRY(const auto waiting, list_mail_queue(context, Actor::system(), {}, cursor, kMostRows));
    for (const wire::QueuedMessage& message : waiting.messages) {
      ++messages;
      ++queues[message.queue_name];
      oldest = oldest == 0 ? message.arrival_time : std::min(oldest, message.arrival_time);
      for (const wire::QueuedRecipient& recipient : message.recipients) {
        ++reasons[recipient.delay_reason.value_or("")];
      }
    }
    cursor = waiting.next;
    if (cursor.empty()) {
      break;
    }
  }
  return files.add_json("queue.json", {{"messages", messages},
                                       {"more", !cursor.empty()},
                                       {"queues", queues},
                                       {"oldest", oldest},
                                       {"reasons", reasons}});
}

Status add_jobs(Context& context, const std::string&, BundleFiles& files) {
  TRY(const auto jobs, list_jobs(context, {}, 0, kMostRows));
  Json rows = Json::array();
  for (const Job& job : jobs) {
    rows.push_back(wire::to_json(job));
  }
  return files.add_json("jobs.json", rows);
}

Status add_certificates(Context& context, const std::string&, BundleFiles& files) {
  TRY(const auto certificates, list_certificates(context, "", kMostRows));
  Json rows = Json::array();
  for (const Certificate& one : certificates) {
    rows.push_back({{"name", one.name},
                    {"version", one.version},
                    {"issuer", one.issuer},
                    {"names", one.names},
                    {"not_after", to_rfc3339(one.not_after)},
                    {"last_error", one.last_error}});
    const auto chain = context.files.read(
        fmt::format("{}/{}/fullchain.pem", context.paths.certificates, one.name));
    // Only certificates: who made the file by hand may have put a key into it.
    if (chain && chain->find("PRIVATE KEY") == std::string::npos) {
      TRY(files.add_public(fmt::format("certificates/{}.pem", one.name), *chain));
    }
  }
  return files.add_json("certificates.json", rows);
}

constexpr std::array kParts = std::to_array<BundlePart>({
    {.name = "versions", .help = "Versions of all programs", .collect = add_versions},
    {.name = "status", .help = "State of each service, daemon and probe", .collect = add_status},
    {.name = "diagnosis", .help = "What is wrong, and what shows it", .collect = add_diagnosis},
    {.name = "history",
     .help = "What changed in the services' health, and why",
     .collect = add_history},
    {.name = "alerts", .help = "Alerts that are open or were", .collect = add_alerts},
    {.name = "looks",
     .help = "Processes, sockets, files, limits, mounts, dialogues, generated configuration",
     .collect = add_looks},
    {.name = "settings", .help = "Settings in force", .collect = add_settings},
    {.name = "logs", .help = "The last 2,000 lines of each log", .collect = add_logs},
    {.name = "queue", .help = "How much mail waits, and why", .collect = add_queue},
    {.name = "jobs", .help = "Background work", .collect = add_jobs},
    {.name = "certificates", .help = "Certificates without keys", .collect = add_certificates},
});

}  // namespace

std::span<const BundlePart> bundle_parts() { return kParts; }

}  // namespace podplay::control
