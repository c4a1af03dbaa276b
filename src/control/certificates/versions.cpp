// A version is written to a folder of its own and put in place by one rename. So nobody sees a key
// without its certificate, and kill -9 leaves a whole version, or a folder that the next write
// removes.
#include "control/certificates/versions.hpp"

#include <fmt/format.h>
#include <grp.h>

#include "base/numbers.hpp"
#include "control/volumes.hpp"
#include "net/x509.hpp"

namespace podplay::control {
namespace {

// A file beside the versions of a name without a row: the time since when, in Unix milliseconds.
constexpr const char* kUnused = "unused";

}  // namespace

CertificateVersions::CertificateVersions(Files& files, std::string folder)
    : files_(files), folder_(std::move(folder)) {}

std::string CertificateVersions::version_folder(const CertificateRef& certificate) const {
  return fmt::format("{}/{}/versions/{}", folder_, certificate.name, certificate.version);
}

Status CertificateVersions::put_files(const std::string& folder, const CertificateFiles& texts,
                                      bool durable) {
  const FileOwner key_owner{"", ::getgrnam(kKeyGroup) != nullptr ? kKeyGroup : ""};
  const auto put = [&](const char* file, const std::string& text, unsigned mode,
                       const FileOwner& owner) {
    const std::string path = fmt::format("{}/{}", folder, file);
    return durable ? files_.write_atomic(path, text, mode, owner)
                   : files_.write_new(path, text, mode, owner);
  };
  TRY(put("privkey.pem", texts.key.reveal(), 0640, key_owner));
  TRY(put("cert.pem", texts.leaf, 0644, {}));
  TRY(put("chain.pem", texts.chain, 0644, {}));
  return put("fullchain.pem", texts.leaf + texts.chain, 0644, {});
}

Result<CertificateRef> CertificateVersions::write(const std::string& name,
                                                  const CertificateFiles& texts, bool durable) {
  TRY(const auto info, net::read_certificate(texts.leaf));
  TRY(net::check_key_matches(texts.leaf, texts.key));
  const CertificateRef certificate{name, info.fingerprint};
  const std::scoped_lock lock(writing_);
  if (exists(certificate)) {
    return certificate;
  }
  const std::string folder = version_folder(certificate);
  const std::string beside = fmt::format("{}/{}/versions/.new", folder_, name);
  TRY(files_.remove_tree(beside));
  TRY(files_.make_dirs(beside));
  TRY(put_files(beside, texts, durable));
  // Remains of a version whose key was lost.
  TRY(files_.remove_tree(folder));
  TRY(files_.rename(beside, folder));
  TRY(note_used(name));
  return certificate;
}

Status CertificateVersions::restore(const CertificateRef& certificate,
                                    const CertificateFiles& texts) {
  const std::scoped_lock lock(writing_);
  return put_files(version_folder(certificate), texts, true);
}

Status CertificateVersions::flush() { return files_.sync_volume(folder_); }

bool CertificateVersions::exists(const CertificateRef& certificate) const {
  return !certificate.version.empty() &&
         files_.exists(version_folder(certificate) + "/fullchain.pem") &&
         files_.exists(version_folder(certificate) + "/privkey.pem");
}

Result<std::string> CertificateVersions::read_leaf(const CertificateRef& certificate) const {
  return files_.read(version_folder(certificate) + "/cert.pem");
}

Result<Secret> CertificateVersions::read_key(const CertificateRef& certificate) const {
  TRY(auto text, files_.read(version_folder(certificate) + "/privkey.pem"));
  return Secret(std::move(text));
}

Result<std::vector<std::string>> CertificateVersions::list(const std::string& name) const {
  TRY(auto found, files_.list(fmt::format("{}/{}/versions", folder_, name)));
  std::erase_if(found, [&](const std::string& version) { return !exists({name, version}); });
  return found;
}

Status CertificateVersions::use(const CertificateRef& certificate) {
  const std::string folder = fmt::format("{}/{}", folder_, certificate.name);
  TRY(files_.swap_link("versions/" + certificate.version, folder + "/current"));
  for (const char* file : kCertificateFiles) {
    const std::string target = fmt::format("current/{}", file);
    const std::string link = fmt::format("{}/{}", folder, file);
    const auto now = files_.read_link(link);
    if (!now) {
      // A person's file stays, also when it comes just now.
      TRY(files_.add_link(target, link));
    } else if (*now != target) {
      TRY(files_.swap_link(target, link));
    }
  }
  return note_used(certificate.name);
}

Status CertificateVersions::remove(const CertificateRef& certificate) {
  TRY(files_.remove_tree(version_folder(certificate)));
  const auto left = files_.list(fmt::format("{}/{}/versions", folder_, certificate.name));
  // A name without versions has nothing to keep.
  return left && left->empty() ? files_.remove_tree(fmt::format("{}/{}", folder_, certificate.name))
                               : Status{};
}

Result<std::vector<std::string>> CertificateVersions::names() {
  TRY(auto found, files_.list(folder_));
  std::erase_if(found, [&](const std::string& name) {
    return !files_.exists(fmt::format("{}/{}/versions", folder_, name));
  });
  return found;
}

Result<int> CertificateVersions::remove_expired(const CertificateRef& used, WallTime now) {
  TRY(const auto versions, files_.list(fmt::format("{}/{}/versions", folder_, used.name)));
  int removed = 0;
  for (const std::string& version : versions) {
    const CertificateRef one{used.name, version};
    if (version == used.version || !exists(one)) {
      continue;
    }
    TRY(const auto text, files_.read(version_folder(one) + "/cert.pem"));
    TRY(const auto info, net::read_certificate(text));
    if (info.not_after < now) {
      TRY(remove(one));
      ++removed;
    }
  }
  return removed;
}

Status CertificateVersions::note_used(const std::string& name) {
  return files_.remove_tree(fmt::format("{}/{}/{}", folder_, name, kUnused));
}

Result<bool> CertificateVersions::remove_unused(const std::string& name, WallTime now,
                                                std::chrono::seconds kept) {
  const std::scoped_lock lock(writing_);
  const std::string folder = fmt::format("{}/{}", folder_, name);
  const std::string note = fmt::format("{}/{}", folder, kUnused);
  const auto since = files_.read(note);
  const auto noted = since ? parse_number<std::int64_t>(*since) : std::nullopt;
  if (!noted) {
    TRY(files_.write_atomic(note, std::to_string(to_millis(now)), 0644));
    return false;
  }
  if (now - from_millis(*noted) < kept) {
    return false;
  }
  TRY(files_.remove_tree(folder));
  return true;
}

}  // namespace podplay::control
