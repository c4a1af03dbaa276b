// Making and keeping certificates.
#include "control/certificates.hpp"

#include <fmt/format.h>
#include <grp.h>

#include <algorithm>

#include "control/change.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
constexpr days kAuthorityLifetime{3650};
constexpr days kLeafLifetime{90};

}  // namespace

std::vector<std::string> certificate_names(const std::string& domain) {
  std::vector<std::string> names{domain};
  for (const char* host : {"autoconfig", "autodiscover", "mail", "ns1", "www"}) {
    names.push_back(fmt::format("{}.{}", host, domain));
  }
  std::ranges::sort(names);
  return names;
}

Certificates::Certificates(Files& files, Clock& clock, std::string state_folder,
                           std::string certificate_folder, Logger log)
    : files_(files),
      clock_(clock),
      state_folder_(std::move(state_folder)),
      folder_(std::move(certificate_folder)),
      log_(std::move(log)) {}

Status Certificates::load_authority() {
  const std::string key_path = state_folder_ + "/pod-ca/ca.key";
  const std::string certificate_path = state_folder_ + "/pod-ca/ca.pem";
  if (files_.exists(key_path) && files_.exists(certificate_path)) {
    auto key = files_.read(key_path);
    auto certificate = files_.read(certificate_path);
    if (!key) {
      return std::unexpected(key.error());
    }
    if (!certificate) {
      return std::unexpected(certificate.error());
    }
    authority_ = {std::move(*certificate), Secret(std::move(*key))};
    TRY(net::check_key_matches(authority_.certificate, authority_.key));
  } else {
    log_.info("making the pod's certificate authority", {{"path", certificate_path}});
    TRY(auto made, net::make_authority("PodPlay pod CA", kAuthorityLifetime, clock_.now()));
    authority_ = std::move(made);
    Status done = files_.make_dirs(state_folder_ + "/pod-ca", 0700);
    if (done) {
      done = files_.write_atomic(key_path, authority_.key.reveal(), 0600);
    }
    if (done) {
      done = files_.write_atomic(certificate_path, authority_.certificate, 0644);
    }
    if (!done) {
      return done;
    }
  }
  // The public half, for agents and for those who want to trust the pod.
  const std::string shared = folder_ + "/pod-ca/ca.pem";
  if (files_.read(shared).value_or("") == authority_.certificate) {
    return {};
  }
  const Status made = files_.make_dirs(folder_ + "/pod-ca");
  return made ? files_.write_atomic(shared, authority_.certificate, 0644) : made;
}

Result<CertificateRef> Certificates::ensure(const std::string& name,
                                            const std::vector<std::string>& names) {
  const std::scoped_lock lock(mutex_);
  const WallTime now = clock_.now();
  const auto fits = [&](const Known& known) { return known.names == names && now < known.renew; };
  if (const auto known = known_.find(name); known != known_.end() && fits(known->second)) {
    return CertificateRef{name, known->second.fingerprint};
  }

  const std::string folder = folder_ + "/" + name;
  const auto certificate = files_.read(folder + "/cert.pem");
  const auto key = files_.read(folder + "/privkey.pem");
  if (certificate && key) {
    const auto info = net::read_certificate(*certificate);
    if (info && net::check_key_matches(*certificate, Secret(*key))) {
      const Known known{info->names, info->fingerprint,
                        info->not_after - (info->not_after - info->not_before) / 3};
      if (fits(known)) {
        known_[name] = known;
        return CertificateRef{name, known.fingerprint};
      }
    }
  }
  return issue(name, names);
}

bool Certificates::exists(const std::string& name) const {
  return files_.exists(folder_ + "/" + name);
}

Status Certificates::remove(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  known_.erase(name);
  return files_.remove_tree(folder_ + "/" + name);
}

Result<CertificateRef> Certificates::issue(const std::string& name,
                                           const std::vector<std::string>& names) {
  const std::string folder = folder_ + "/" + name;
  log_.info("issuing a certificate", {{"name", name}, {"path", folder}});
  const WallTime now = clock_.now();
  TRY(const auto key, net::make_private_key());
  TRY(const auto leaf, net::issue_certificate(authority_, key, name, names, kLeafLifetime, now));
  TRY(const auto info, net::read_certificate(leaf));

  // Written beside and put in place by one rename, so that nobody sees a key without its
  // certificate. names that no domain can have
  const std::string beside = fmt::format("{}/.{}.new", folder_, name);
  const std::string before = fmt::format("{}/.{}.old", folder_, name);
  const FileOwner owner{"", ::getgrnam("certgroup") != nullptr ? "certgroup" : ""};
  Status done = files_.remove_tree(beside);
  if (done) {
    done = files_.make_dirs(beside);
  }
  if (done) {
    done = files_.write_atomic(beside + "/privkey.pem", key.reveal(), 0640, owner);
  }
  if (done) {
    done = files_.write_atomic(beside + "/cert.pem", leaf, 0644);
  }
  if (done) {
    done = files_.write_atomic(beside + "/chain.pem", authority_.certificate, 0644);
  }
  if (done) {
    done = files_.write_atomic(beside + "/fullchain.pem", leaf + authority_.certificate, 0644);
  }
  if (done && files_.exists(folder)) {
    done = files_.remove_tree(before);
    if (done) {
      done = files_.rename(folder, before);
    }
  }
  if (done) {
    done = files_.rename(beside, folder);
  }
  if (!done) {
    log_.error("a certificate could not be written",
               {{"name", name}, {"why", describe(done.error())}});
    return std::unexpected(done.error());
  }
  known_[name] = {info.names, info.fingerprint,
                  info.not_after - (info.not_after - info.not_before) / 3};
  ++issued_;
  return CertificateRef{name, info.fingerprint};
}

std::uint64_t Certificates::issued() const {
  const std::scoped_lock lock(mutex_);
  return issued_;
}

std::uint64_t Certificates::announced() const {
  const std::scoped_lock lock(mutex_);
  return announced_;
}

void Certificates::announced(std::uint64_t issued) {
  const std::scoped_lock lock(mutex_);
  announced_ = std::max(announced_, issued);
}

Status ensure_certificates(Context& context) {
  Status problem;
  auto read = context.store.read<bool>([&](store::Session& session) {
    for (const ServiceName service : kServices) {
      make_snapshot(context, session, service, 0, problem);
      if (!problem) {
        return false;
      }
    }
    return true;
  });
  return read ? problem : std::unexpected(read.error());
}

Result<bool> renew_certificates(Context& context) {
  TRY(ensure_certificates(context));
  // Also what somebody else made anew in passing.
  const std::uint64_t issued = context.certificates.issued() - context.certificates.announced();
  if (issued == 0) {
    return false;
  }
  const auto changed =
      make_change<bool>(context, Actor::system(), {}, [&](Change& change) -> Result<bool> {
        for (const ServiceName service : {ServiceName::apache, ServiceName::mail}) {
          change.concerns(service, true);
        }
        change.finish("CERTIFICATES_RENEWED", fmt::format("{} certificates", issued),
                      fmt::format("renew {} certificates", issued));
        return true;
      });
  if (!changed) {
    return std::unexpected(changed.error());
  }
  return true;
}

}  // namespace podplay::control
