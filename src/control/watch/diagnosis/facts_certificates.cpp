// Certificates as the store wants them, and the versions in use as they lie on the volume. Those
// that trouble somebody come first; of very many, not all are looked at.
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "control/certificates/overview.hpp"
#include "control/certificates/versions.hpp"
#include "control/watch/diagnosis/facts.hpp"
#include "net/chain.hpp"
#include "net/inspection.hpp"
#include "net/x509.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;

constexpr std::int64_t kMostCertificates = 100;
constexpr std::int64_t kMostTroubled = 20;
constexpr milliseconds kBudget{400};
constexpr const char* kKeyGroup = "certgroup";

// Why the services could not read the key; empty when they can.
std::string key_fault(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return fmt::format("{}: {}", path, std::strerror(errno));
  }
  std::array<char, 4096> buffer{};
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(kKeyGroup, &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return {};
  }
  if (info.st_gid != found->gr_gid || (info.st_mode & S_IRGRP) == 0) {
    return fmt::format("{} has the group {} and the mode {:04o}; services read it as {} with 0640",
                       path, info.st_gid, info.st_mode & 07777U, kKeyGroup);
  }
  if ((info.st_mode & S_IROTH) != 0) {
    return fmt::format("{} has the mode {:04o}: everybody in the pod may read the key", path,
                       info.st_mode & 07777U);
  }
  return {};
}

// What its leaf must hold. An uploaded one must hold the names that are wanted now, too: they may
// have been changed since, and nobody orders another.
std::vector<std::string> needed_names(const Certificate& certificate) {
  std::vector<std::string> names = certificate.version_names;
  if (certificate.issuer == kFileIssuer) {
    for (const std::string& name : certificate.names) {
      if (std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

// Without an issuer beside it: the leaf signed itself, or a root that clients know did.
bool stands_alone(const std::string& leaf, WallTime now) {
  const auto traits = net::read_traits(leaf);
  return (traits && traits->self_signed) || net::trusted_by_system({leaf}, now);
}

EvidenceJson look_at(Context& context, const Certificate& certificate) {
  EvidenceJson facts{{"name", certificate.name},
                     {"state", to_text(certificate.state)},
                     {"issuer", certificate.issuer},
                     {"version", certificate.version},
                     {"not_before", to_millis(certificate.not_before)},
                     {"not_after", to_millis(certificate.not_after)},
                     {"renew_at", to_millis(certificate.renew_at)},
                     {"last_error", certificate.last_error}};
  if (certificate.version.empty()) {
    return facts;
  }
  const CertificateRef version{certificate.name, certificate.version};
  const std::string folder = fmt::format("{}/{}/versions/{}/", context.paths.certificates,
                                         certificate.name, certificate.version);
  facts["folder"] = folder;
  facts["key_mode"] = key_fault(folder + "privkey.pem");
  const auto text = context.files.read(folder + "fullchain.pem");
  const auto leaf = text ? net::read_certificate(*text) : std::unexpected(text.error());
  if (!leaf) {
    facts["unreadable"] = leaf.error().message;
    return facts;
  }
  facts["leaf"] = leaf->fingerprint;
  facts["leaf_not_before"] = to_millis(leaf->not_before);
  facts["leaf_not_after"] = to_millis(leaf->not_after);
  facts["leaf_names"] = leaf->names;
  EvidenceJson uncovered = EvidenceJson::array();
  for (const std::string& name : needed_names(certificate)) {
    const bool address = std::ranges::find(leaf->addresses, name) != leaf->addresses.end();
    const bool wildcard = std::ranges::find(leaf->names, name) != leaf->names.end();
    if (!address && !wildcard && !net::covers(*leaf, name) && uncovered.size() < 10) {
      uncovered.push_back(name);
    }
  }
  facts["uncovered"] = std::move(uncovered);
  if (const auto key = context.versions.read_key(version)) {
    const Status matches = net::check_key_matches(*text, *key);
    facts["key"] = matches ? "" : matches.error().message;
  } else {
    facts["key_unreadable"] = key.error().message;
  }
  if (const auto chain = net::split_chain(*text)) {
    const Status whole = net::check_chain(*chain);
    facts["chain"] = whole ? "" : whole.error().message;
    facts["chain_length"] = chain->size();
    facts["stands_alone"] = chain->size() == 1 && stands_alone(chain->front(), context.clock.now());
  }
  return facts;
}

}  // namespace

void add_certificate_facts(Context& context, EvidenceJson& facts) {
  const auto until = steady_clock::now() + kBudget;
  std::vector<Certificate> all;
  if (auto troubled = list_troubled_certificates(context, kMostTroubled)) {
    for (CertificateOverview& one : *troubled) {
      all.push_back(std::move(one.certificate));
    }
  }
  const auto listed = context.store.read<std::vector<Certificate>>([](store::Session& session) {
    return store::list_certificates(session, "", kMostCertificates);
  });
  for (const Certificate& one : listed.value_or(std::vector<Certificate>{})) {
    if (std::ranges::find(all, one.name, &Certificate::name) == all.end()) {
      all.push_back(one);
    }
  }
  EvidenceJson looked = EvidenceJson::array();
  for (const Certificate& certificate : all) {
    if (steady_clock::now() >= until) {
      break;
    }
    looked.push_back(look_at(context, certificate));
  }
  facts["certificates"] = std::move(looked);
}

}  // namespace podplay::control
