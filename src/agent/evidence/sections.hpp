// What this agent knows for a diagnosis, in sections (docs/diagnosis.md). Each is one function in a
// file of its own, and one row of the table in sections.cpp.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/board.hpp"
#include "agent/evidence/kept.hpp"
#include "agent/pipe/candidates.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/runner.hpp"
#include "daemons/daemon.hpp"

namespace podplay::agent {

// What a section may look at.
struct EvidenceTools {
  const daemons::ServiceDescription& service;
  const Board& board;
  Candidates& candidates;
  Runner& runner;
  Clock& clock;
  // Holds the releases: "/data/service".
  const std::string& state;
  KeptEvidence& kept;
  // The daemons' checkers may run: a daemon is not ready, or somebody asked for it.
  bool checks = false;
  // What probes of all daemons have just found; nothing when they were not asked in time.
  std::optional<std::vector<ProbeStatus>> probes{};
};

// A section sees to its own deadline: it returns within a second and a half. It never throws for
// what it finds, and null means that it has nothing to say about this service.
struct EvidenceSection {
  std::string_view name;
  nlohmann::json (*collect)(const EvidenceTools& tools);
};

// One function for each file of this folder.
nlohmann::json collect_processes(const EvidenceTools& tools);
nlohmann::json collect_exits(const EvidenceTools& tools);
nlohmann::json collect_checks(const EvidenceTools& tools);
nlohmann::json collect_files(const EvidenceTools& tools);
nlohmann::json collect_users(const EvidenceTools& tools);
nlohmann::json collect_sockets(const EvidenceTools& tools);
nlohmann::json collect_disk(const EvidenceTools& tools);
nlohmann::json collect_memory(const EvidenceTools& tools);
nlohmann::json collect_about(const EvidenceTools& tools);
nlohmann::json collect_link(const EvidenceTools& tools);
nlohmann::json collect_directory(const EvidenceTools& tools);
nlohmann::json collect_doors(const EvidenceTools& tools);
nlohmann::json collect_mail_lines(const EvidenceTools& tools);
nlohmann::json collect_mailboxes(const EvidenceTools& tools);
nlohmann::json collect_probes(const EvidenceTools& tools);
nlohmann::json collect_queue(const EvidenceTools& tools);
nlohmann::json collect_sites(const EvidenceTools& tools);

std::span<const EvidenceSection> evidence_sections();

// Answers the command `evidence`. Arguments: {"checks": bool, "sections": [names]}; both may be
// missing. All sections are collected at the same time.
Result<std::string> answer_evidence(const EvidenceTools& tools, const std::string& arguments);

}  // namespace podplay::agent
