// Certificates on disk: <folder>/NAME/versions/VERSION/{privkey,cert,chain,fullchain}.pem never
// change once they are there, NAME/current names the version in use, and NAME/{...}.pem are links
// through it for people and programs that know one path. Services read the version that their row
// or release names, so going back to a release brings its certificate back.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/secret.hpp"
#include "model/feed.hpp"

namespace podplay::control {

// The files of a version, and the links to them.
inline constexpr std::array kCertificateFiles{"privkey.pem", "cert.pem", "chain.pem",
                                              "fullchain.pem"};

// PEM texts of a version.
struct CertificateFiles {
  std::string leaf;
  // The issuers of the leaf, without the leaf.
  std::string chain;
  Secret key;
};

class CertificateVersions {
 public:
  CertificateVersions(Files& files, std::string folder);

  // Writes a version, whole or not at all; a version that exists already stays as it is. The key
  // gets mode 0640 and the group certgroup, if there is that group: this process must be in it.
  // With `durable` the version is on disk when this returns, else after flush().
  Result<CertificateRef> write(const std::string& name, const CertificateFiles& texts,
                               bool durable = true);
  Status flush();
  // Writes a version's files again, each as a whole, after somebody damaged them.
  Status restore(const CertificateRef& certificate, const CertificateFiles& texts);
  // Whether its certificate and its key are there.
  bool exists(const CertificateRef& certificate) const;
  // The version's certificate in PEM, without its chain.
  Result<std::string> read_leaf(const CertificateRef& certificate) const;
  Result<Secret> read_key(const CertificateRef& certificate) const;
  // The name's versions on disk.
  Result<std::vector<std::string>> list(const std::string& name) const;
  // Points the name's links to this version. A file that a person put in the place of a link stays
  // until outside.hpp has looked at it.
  Status use(const CertificateRef& certificate);
  // Removes a version. The name's folder goes with its last version.
  Status remove(const CertificateRef& certificate);

  // Every name that has versions on disk, whether or not the store knows it.
  Result<std::vector<std::string>> names();
  // Removes the name's versions that expired before `now`, except `used`. Returns how many.
  Result<int> remove_expired(const CertificateRef& used, WallTime now);
  // The name has a row: an earlier note no longer counts.
  Status note_used(const std::string& name);
  // For a name that has no row. The first call only notes the time. A call that comes `kept` later
  // or more removes all versions and returns true: a service that is away may serve them until
  // then.
  Result<bool> remove_unused(const std::string& name, WallTime now, std::chrono::seconds kept);

 private:
  Status put_files(const std::string& folder, const CertificateFiles& texts, bool durable);
  std::string version_folder(const CertificateRef& certificate) const;

  // Held while a version is written: two requests may make the same domain at the same time.
  std::mutex writing_;
  // Constant after construction.
  Files& files_;
  std::string folder_;
};

}  // namespace podplay::control
