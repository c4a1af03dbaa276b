// A certificate that clients refuse, that a service cannot use, or that is not renewed. Files are
// judged as they lie on the volume, and what is shown by the agents' own proofs on the wire.
#include <fmt/format.h>

#include <algorithm>

#include "control/watch/diagnosis/cause.hpp"
#include "control/watch/diagnosis/failing.hpp"

namespace podplay::control {
namespace {

// How `last_error` begins for files that a person put there (certificates/outside.hpp).
constexpr std::string_view kFilesError = "files put into its folder: ";

constexpr std::string_view kAfterCertificate[] = {"certificate-not-shown", "certificate-refused",
                                                  "certificate-renewal-failing",
                                                  "service-not-ready", "site-certificate"};
constexpr std::string_view kRefusedFollows[] = {"certificate-not-shown", "service-not-ready"};
constexpr std::string_view kShownFollows[] = {"service-not-ready"};

// What a rule finds wrong with one certificate; empty: nothing.
using CertificateFault = std::string (*)(const Evidence& evidence, const EvidenceJson& one);

std::optional<Shown> each(const Evidence& evidence, CertificateFault fault) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> names;
  Shown shown;
  for (const EvidenceJson& one : evidence.fact("certificates")) {
    std::string words = fault(evidence, one);
    if (words.empty()) {
      continue;
    }
    if (names.size() < kMost) {
      names.push_back(text_of(one, "name"));
    }
    shown.shown.push_back(fmt::format("{}: {}", text_of(one, "name"), words));
  }
  if (names.empty()) {
    return std::nullopt;
  }
  shown.subject = join_names(names);
  return shown;
}

std::string when(std::int64_t millis) { return to_rfc3339(from_millis(millis)); }

// Of the leaf on the volume, or what the store knows of it.
std::int64_t end_of(const EvidenceJson& one) {
  return number_of(one, "leaf_not_after", number_of(one, "not_after"));
}

std::string expired(const Evidence& evidence, const EvidenceJson& one) {
  const std::int64_t end = end_of(one);
  const bool over = !text_of(one, "version").empty() && end != 0 && end <= to_millis(evidence.now);
  return over ? "expired at " + when(end) : std::string();
}

std::string not_yet_valid(const Evidence& evidence, const EvidenceJson& one) {
  const std::int64_t begin = number_of(one, "leaf_not_before", number_of(one, "not_before"));
  const bool early = !text_of(one, "version").empty() && begin > to_millis(evidence.now);
  return early ? fmt::format("valid from {} on, and the clock says {}", when(begin),
                             when(to_millis(evidence.now)))
               : std::string();
}

std::string unreadable(const Evidence&, const EvidenceJson& one) {
  for (const char* member : {"unreadable", "key_unreadable"}) {
    if (std::string words = text_of(one, member); !words.empty()) {
      return words;
    }
  }
  const std::string leaf = text_of(one, "leaf");
  if (!leaf.empty() && leaf != text_of(one, "version")) {
    return fmt::format("the files in {} are those of another certificate", text_of(one, "folder"));
  }
  return {};
}

std::string key_mismatch(const Evidence&, const EvidenceJson& one) { return text_of(one, "key"); }

std::string key_mode(const Evidence&, const EvidenceJson& one) { return text_of(one, "key_mode"); }

std::string other_name(const Evidence&, const EvidenceJson& one) {
  std::vector<std::string> names;
  for (const EvidenceJson& name : list_of(one, "uncovered")) {
    if (name.is_string()) {
      names.push_back(name.get<std::string>());
    }
  }
  return names.empty() ? std::string() : "does not hold the names " + join_names(names);
}

std::string chain_incomplete(const Evidence&, const EvidenceJson& one) {
  if (std::string words = text_of(one, "chain"); !words.empty()) {
    return words;
  }
  const bool alone = number_of(one, "chain_length", 2) < 2 && !flag_of(one, "stands_alone");
  return alone && text_of(one, "issuer") != "internal"
             ? "fullchain.pem holds no issuer of the certificate"
             : std::string();
}

std::string renewal_failing(const Evidence&, const EvidenceJson& one) {
  const std::string error = text_of(one, "last_error");
  return text_of(one, "state") == "failed" && !error.starts_with(kFilesError) ? error
                                                                              : std::string();
}

std::string files_refused(const Evidence&, const EvidenceJson& one) {
  const std::string error = text_of(one, "last_error");
  return error.starts_with(kFilesError) ? error : std::string();
}

// A daemon did not take the row.
std::optional<Shown> row_refused(const Evidence&, const AgentEvidence& agent) {
  return rows_refused(agent,
                      [](const SetAsideRow& row) { return row.kind == RowKind::certificate; });
}

// The probes that compare what a port shows with what it must show.
std::optional<Shown> not_shown(const Evidence&, const AgentEvidence& agent) {
  Shown shown;
  for (const ProbeStatus& probe : agent.status.probes) {
    const bool certificate = probe.name.ends_with("-certificate") ||
                             (probe.name.starts_with("https-") && probe.name != "https-answer");
    // Nobody listens there: no certificate's fault.
    const bool closed = probe.message.find("cannot connect") != std::string::npos;
    const bool shows = probe.message.find("shows") != std::string::npos;
    if (!probe.ok && certificate && shows && !closed) {
      shown.shown.push_back(fmt::format("{}: {}", probe.name, probe.message));
    }
  }
  if (shown.shown.empty()) {
    return std::nullopt;
  }
  return shown;
}

template <CertificateFault fault>
std::optional<Shown> rule(const Evidence& evidence) {
  return each(evidence, fault);
}

constexpr Cause kCertificateRows[] = {
    {.id = "certificate-unreadable",
     .service = "api",
     .title = "the files of the certificate {} are damaged or missing",
     .remedy = "run `podplay certificates order {}`: it makes a new version",
     .runbook = "docs/runbooks/certificates.md#certificate-unreadable",
     .rank = 40,
     .explains = kAfterCertificate,
     .pod = rule<unreadable>},
    {.id = "certificate-key-mode",
     .service = "api",
     .title = "the key of the certificate {} has the wrong group or mode",
     .remedy = "give privkey.pem the group 9999 (certgroup) and the mode 0640",
     .runbook = "docs/runbooks/certificates.md#certificate-key-mode",
     .rank = 41,
     .explains = kAfterCertificate,
     .pod = rule<key_mode>},
    {.id = "certificate-key-mismatch",
     .service = "api",
     .title = "the key of the certificate {} is not its own",
     .remedy = "run `podplay certificates order {}`, or upload the matching pair with `podplay "
               "certificates upload`",
     .runbook = "docs/runbooks/certificates.md#certificate-key-mismatch",
     .rank = 42,
     .explains = kAfterCertificate,
     .pod = rule<key_mismatch>},
    {.id = "certificate-expired",
     .service = "api",
     .title = "the certificate {} has expired",
     .remedy = "run `podplay certificates order {}`; for a valid one at once run `podplay "
               "certificates change {} --issuer internal --allow-weaker`",
     .runbook = "docs/runbooks/certificates.md#certificate-expired",
     .rank = 43,
     .explains = kAfterCertificate,
     .pod = rule<expired>},
    {.id = "certificate-not-yet-valid",
     .service = "api",
     .title = "the certificate {} is not valid yet",
     .remedy = "correct the machine's clock (`timedatectl set-ntp true`); if it is right now and "
               "was wrong before, run `podplay certificates order {}`",
     .runbook = "docs/runbooks/certificates.md#certificate-not-yet-valid",
     .rank = 43,
     .explains = kAfterCertificate,
     .pod = rule<not_yet_valid>},
    {.id = "certificate-other-name",
     .service = "api",
     .title = "the certificate {} is for another name",
     .remedy = "run `podplay certificates order {}`, or upload one that holds all names",
     .runbook = "docs/runbooks/certificates.md#certificate-other-name",
     .rank = 44,
     .explains = kAfterCertificate,
     .pod = rule<other_name>},
    {.id = "certificate-chain-incomplete",
     .service = "api",
     .title = "the chain of the certificate {} is incomplete",
     .remedy = "upload the pair again with the authority's intermediate certificates (`podplay "
               "certificates upload`), or run `podplay certificates order {}`",
     .runbook = "docs/runbooks/certificates.md#certificate-chain-incomplete",
     .rank = 44,
     .explains = kAfterCertificate,
     .pod = rule<chain_incomplete>},
    {.id = "certificate-refused",
     .title = "{} is not used: a service refuses the certificate",
     .remedy = "read its words below; `podplay certificates show {}` names the version",
     .runbook = "docs/runbooks/certificates.md#certificate-refused",
     .rank = 46,
     .explains = kRefusedFollows,
     .agent = row_refused},
    {.id = "certificate-not-shown",
     .title = "{} shows another certificate than the wanted one",
     .remedy = "look for a template override that names a certificate itself; then run `podplay "
               "system restart {service}`",
     .runbook = "docs/runbooks/certificates.md#certificate-not-shown",
     .rank = 47,
     .explains = kShownFollows,
     .agent = not_shown},
    {.id = "certificate-files-refused",
     .service = "api",
     .title = "files that somebody put into the folder of the certificate {} are not used",
     .remedy = "correct or remove these files; the words below say what is wrong with them",
     .runbook = "docs/runbooks/certificates.md#certificate-files-refused",
     .rank = 48,
     .severity = CauseSeverity::warning,
     .pod = rule<files_refused>},
    {.id = "certificate-renewal-failing",
     .service = "api",
     .title = "the certificate {} cannot be renewed",
     .remedy = "run `podplay certificates check {}`, which tries without ordering; then `podplay "
               "certificates order {}`",
     .runbook = "docs/runbooks/certificates.md#certificate-renewal-failing",
     .rank = 49,
     .severity = CauseSeverity::warning,
     .pod = rule<renewal_failing>},
};

}  // namespace

const std::span<const Cause> kCertificateCauses = kCertificateRows;

}  // namespace podplay::control
