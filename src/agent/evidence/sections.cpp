// Each section has a thread of its own while it is collected, so one that waits for a daemon does
// not delay the others.
#include "agent/evidence/sections.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/json_text.hpp"

namespace podplay::agent {
namespace {

using Json = nlohmann::json;

constexpr std::array kSections = std::to_array<EvidenceSection>({
    {"about", collect_about},
    {"checks", collect_checks},
    {"directory", collect_directory},
    {"disk", collect_disk},
    {"doors", collect_doors},
    {"exits", collect_exits},
    {"files", collect_files},
    {"link", collect_link},
    {"mail_lines", collect_mail_lines},
    {"mailboxes", collect_mailboxes},
    {"memory", collect_memory},
    {"processes", collect_processes},
    {"probes", collect_probes},
    {"queue", collect_queue},
    {"sites", collect_sites},
    {"sockets", collect_sockets},
    {"users", collect_users},
});

std::set<std::string> names_in(const Json& arguments) {
  std::set<std::string> names;
  if (arguments.is_object() && arguments.contains("sections") && arguments["sections"].is_array()) {
    for (const Json& name : arguments["sections"]) {
      if (name.is_string()) {
        names.insert(name.get<std::string>());
      }
    }
  }
  return names;
}

}  // namespace

std::span<const EvidenceSection> evidence_sections() { return kSections; }

Result<std::string> answer_evidence(const EvidenceTools& tools, const std::string& arguments) {
  const Json asked = Json::parse(arguments, nullptr, false);
  const std::set<std::string> names = names_in(asked);
  EvidenceTools ours = tools;
  const auto daemons = tools.board.processes();
  ours.checks = (asked.is_object() && asked.contains("checks") && asked["checks"] == true) ||
                std::ranges::any_of(daemons, [](const supervise::ProcessStatus& daemon) {
                  return daemon.state != "ready";
                });
  std::mutex mutex;
  Json sections = Json::object();
  std::vector<std::jthread> threads;
  for (const EvidenceSection& section : kSections) {
    if (!names.empty() && !names.contains(std::string(section.name))) {
      continue;
    }
    threads.emplace_back([&, section] {
      Json collected;
      try {
        collected = section.collect(ours);
      } catch (const std::exception& error) {
        collected = {{"error", error.what()}};
      }
      const std::scoped_lock lock(mutex);
      if (!collected.is_null()) {
        sections[std::string(section.name)] = std::move(collected);
      }
    });
  }
  threads.clear();
  return json_text(Json{{"sections", std::move(sections)}});
}

}  // namespace podplay::agent
