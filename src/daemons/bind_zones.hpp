// BIND's zones as rows: each is added, changed and removed in the running named, without a reload
// and without named.conf. The cost of one change does not depend on how many zones there are.
//
// named keeps what it was told: the list of zones in its .nzd file, contents in a zone file and its
// journal, both below `folder` and outside of releases. After any crash of named or of the agent,
// put() and remove() may be called again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/coprocess.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "base/runner.hpp"
#include "daemons/template_set.hpp"
#include "daemons/zone_records.hpp"
#include "model/zone.hpp"
#include "net/control_channel.hpp"

namespace podplay::daemons {

// Rendered for each zone, not into the release.
inline constexpr std::string_view kZoneTemplate = "etc/bind/zone";

// How to reach named, and with which files and keys. The defaults match etc/bind/named.conf.tmpl.
struct ZoneKeeperOptions {
  // Holds the zone files. named writes here, too.
  std::string folder = "/data/service/named/zones";
  // The user and group of zone files; empty means those of this process.
  FileOwner owner{"bind", "bind"};
  // Key files. The control channel's key adds and removes zones, the other one transfers and
  // updates them.
  std::string control_key = "/run/named/rndc.key";
  std::string update_key = "/run/named/local.key";
  int control_port = 953;
  int dns_port = 53;
  // The limit for each exchange with named.
  std::chrono::milliseconds timeout{5000};
};

// Used by one thread at a time. Errors: `invalid` and `refused` (named's words) concern this zone
// only, and the same row fails again; `conflict` "zone_serial": see put(); others may go away by
// themselves (named is away, the disk is full).
class ZoneKeeper {
 public:
  // `templates` are the service's and are read at every call. `reaper` collects the children of
  // this process; with nullptr, each child is waited for on its own.
  ZoneKeeper(Files& files, Runner& runner, std::shared_ptr<Reaper> reaper,
             const TemplateSet& templates, ZoneKeeperOptions options, Logger log);

  // Makes named serve `wanted`, and asks it whether the SOA's serial and the changed RRsets are as
  // wanted. `before` is what named serves as far as is known. It saves a transfer, and is only
  // trusted when its serial is the served one. An Error `conflict` "zone_serial" when the served
  // serial is not before the wanted one (RFC 1982) though something changes: secondaries would not
  // see the change. Raise the serial, or replace().
  Status put(const ZoneContent& wanted, const ZoneContent* before);

  // Removes the zone and adds it, whatever its serial is; for some milliseconds it is not served.
  // Secondaries that hold a later serial must be told by their operators.
  Status replace(const ZoneContent& wanted);

  // Removes the zone: afterwards named no longer answers for it, and its file and journal are gone.
  // Removing an unknown zone is fine.
  Status remove(const std::string& name);

  // Nothing when named has no such zone.
  Result<std::optional<std::uint32_t>> serial_of(const std::string& name);

  // Transfers the zone from 127.0.0.1 and compares it with what the template makes of `wanted`: a
  // sentence for each difference. Costs two processes.
  Result<std::vector<std::string>> compare(const ZoneContent& wanted);

 private:
  std::string file_of(const std::string& name) const;
  Result<std::optional<Soa>> ask_soa(const std::string& name) const;
  Result<std::optional<Soa>> find_zone(const std::string& name);
  Result<std::string> render(const ZoneContent& zone) const;
  Result<ZoneRecords> transfer(const std::string& name);
  Result<ZoneRecords> expected(const ZoneContent& zone);
  Status add(const ZoneContent& wanted);
  Status update(const std::string& name, const std::vector<std::string>& lines);
  Status prove(const ZoneContent& wanted, const std::vector<Rrset>& changed) const;
  Result<std::string> control(const std::string& command);
  Status remove_files(const std::string& name);

  // Constant after construction.
  Files& files_;
  Runner& runner_;
  const std::shared_ptr<Reaper> reaper_;
  const TemplateSet& templates_;
  const ZoneKeeperOptions options_;
  const Logger log_;
  // Owned by the calling thread. Kept between calls, opened when needed.
  std::unique_ptr<net::ControlChannel> channel_;
  std::unique_ptr<Coprocess> nsupdate_;
  std::chrono::steady_clock::time_point last_update_{};
};

}  // namespace podplay::daemons
