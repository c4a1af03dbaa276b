// Whoever is trusted can pose as any web site, so a certificate is taken only from this machine's
// own pod, over a connection that is verified already, or with a fingerprint that the person gives.
#include "cli/trust.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/print.hpp"
#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/root_certificate.hpp"
#include "cli/show/exit_code.hpp"
#include "cli/sudo.hpp"
#include "model/settings.hpp"
#include "net/x509.hpp"

namespace podplay::cli {
namespace {

std::string anchor_of(const TrustPlaces& places, const PodRoot& root) {
  return fmt::format("{}/podplay-{}.crt", places.anchors, root.name);
}

// The name under which browsers' stores keep it.
std::string nickname(const PodRoot& root) { return "PodPlay " + root.name; }

// Folders of NSS databases below the person's home: Chromium's, Firefox's and Thunderbird's.
std::vector<std::string> nss_folders(World& world, const TrustPlaces& places) {
  std::vector<std::string> found;
  const auto look = [&](const std::string& folder) {
    if (world.files.exists(folder + "/cert9.db")) {
      found.push_back(folder);
    }
  };
  look(places.home + "/.pki/nssdb");
  for (const char* profiles :
       {".mozilla/firefox", "snap/firefox/common/.mozilla/firefox", ".thunderbird"}) {
    const std::string folder = fmt::format("{}/{}", places.home, profiles);
    for (const std::string& profile :
         world.files.list(folder).value_or(std::vector<std::string>{})) {
      look(fmt::format("{}/{}", folder, profile));
    }
  }
  return found;
}

// The databases belong to the person, so that root does not open them.
Result<Outcome> certutil(World& world, const TrustPlaces& places, const std::string& folder,
                         const std::vector<std::string>& words) {
  std::vector<std::string> argv{"certutil", "-d", "sql:" + folder};
  argv.insert(argv.end(), words.begin(), words.end());
  if (!places.user.empty()) {
    argv.insert(argv.begin(), {"runuser", "-u", places.user, "--"});
  }
  return world.runner.run({.argv = argv});
}

bool has_certutil(World& world) {
  return world.runner.run({.argv = {"certutil", "-H"}}).has_value();
}

// Adds the anchor to each database, or takes it out. Browsers' stores are an addition: a failure is
// a line, not an error.
void change_browsers(World& world, const TrustPlaces& places, const PodRoot& root, bool dry_run,
                     std::vector<std::string>& done) {
  const bool adds = !root.certificate.empty();
  const auto folders = nss_folders(world, places);
  if (folders.empty()) {
    return;
  }
  if (!has_certutil(world)) {
    done.push_back(fmt::format(
        "left {} stores of browsers as they are: certutil is missing (apt install libnss3-tools)",
        folders.size()));
    return;
  }
  for (const std::string& folder : folders) {
    const auto known = certutil(world, places, folder, {"-L", "-n", nickname(root)});
    const bool there = known && known->exit_code == 0;
    if (!adds && !there) {
      continue;
    }
    if (dry_run) {
      done.push_back(fmt::format("would {} {}", adds ? "add it to" : "take it out of", folder));
      continue;
    }
    if (there) {
      static_cast<void>(certutil(world, places, folder, {"-D", "-n", nickname(root)}));
    }
    if (!adds) {
      done.push_back("took it out of " + folder);
      continue;
    }
    const auto added =
        certutil(world, places, folder,
                 {"-A", "-t", "C,,", "-n", nickname(root), "-i", anchor_of(places, root)});
    if (added && added->exit_code == 0) {
      done.push_back("added it to " + folder);
      continue;
    }
    const std::string why = added ? added->words() : describe(added.error());
    done.push_back(fmt::format("could not add it to {}: {}", folder, why));
  }
}

// `fresh`: also forgets what is not there any more.
Status update_system(World& world, bool fresh) {
  Command command{.argv = {"update-ca-certificates"}, .deadline = std::chrono::minutes(2)};
  if (fresh) {
    command.argv.emplace_back("--fresh");
  }
  auto ran = run_or_fail(world.runner, command);
  if (!ran && ran.error().kind == ErrorKind::not_found) {
    ran.error().remedy =
        "install ca-certificates; on other systems than Debian, the page /trust of "
        "the control host says what to do";
  }
  TRY(std::move(ran));
  return {};
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "[::1]";
}

// "example.com" of "https://example.com:8443/api".
std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  std::string host = scheme == url.npos ? url : url.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  const std::size_t port = host.rfind(':');
  return port != host.npos && host.find(']', port) == host.npos ? host.substr(0, port) : host;
}

// A part of a file's name.
std::string as_file_name(std::string host) {
  std::ranges::replace_if(
      host,
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '.' && c != '-';
      },
      '-');
  return host;
}

struct Server {
  std::string url;
  std::string ca;
  std::string host;
};

Result<Server> find_server(const Invocation& invocation) {
  TRY(const auto caller, make_caller(invocation.world, invocation.globals));
  const Session& session = caller.session();
  return Server{.url = session.base_url, .ca = session.ca, .host = host_of(session.base_url)};
}

Result<std::string> pod_name(World& world, const Server& server) {
  if (!is_loopback(server.host)) {
    return as_file_name(server.host);
  }
  TRY(const auto settings, effective_settings(world.environment));
  return as_file_name(settings.text("PODPLAY_HOST_NAME"));
}

// Refuses a certificate that anybody between here and the server could have sent.
Status check_source(const Server& server, bool insecure, const std::string& wanted,
                    const std::string& fingerprint) {
  if (!wanted.empty()) {
    return check_fingerprint(server.url, wanted, fingerprint);
  }
  const bool verified = server.url.starts_with("https://") && !insecure;
  if (verified || is_loopback(server.host)) {
    return {};
  }
  return fail(
      ErrorKind::forbidden, "fingerprint_missing",
      fmt::format("nobody has verified that {} answered", server.url),
      "name the fingerprint that `podplay certificates trust --dry-run` shows on the server: "
      "--fingerprint SHA256");
}

Status check_root_user(bool dry_run) {
  if (dry_run || ::geteuid() == 0) {
    return {};
  }
  return fail(ErrorKind::forbidden, "needs_root",
              "only root may say which authorities this machine trusts",
              "run it with sudo, or import the file by hand: the page /trust of the control host "
              "says how");
}

// The places of the person who called, also by sudo.
TrustPlaces places_of(const World& world) {
  TrustPlaces places;
  if (const auto home = world.environment.find("HOME"); home != world.environment.end()) {
    places.home = home->second;
  }
  const passwd* person = caller_of_sudo(world.environment);
  if (person != nullptr && person->pw_uid != 0) {
    places.user = person->pw_name;
    places.home = person->pw_dir;
  }
  return places;
}

Result<std::vector<std::string>> run_steps(const Invocation& invocation) {
  World& world = invocation.world;
  const bool dry_run = invocation.globals.dry_run;
  TRY(const auto server, find_server(invocation));
  PodRoot root;
  TRY(root.name, pod_name(world, server));
  if (invocation.options.flag("--remove")) {
    TRY(check_root_user(dry_run));
    return forget_root(world, places_of(world), root, dry_run);
  }
  const bool insecure = invocation.globals.insecure;
  TRY(root.certificate, fetch_root(server.url, server.ca, insecure));
  TRY(const auto info, net::read_certificate(root.certificate));
  print_to(world.out, "{} of {}, valid until {}\n  SHA-256 {}\n", info.common_name, root.name,
           to_rfc3339(info.not_after).substr(0, 10), info.fingerprint);
  TRY(check_source(server, insecure, invocation.options.text("--fingerprint"), info.fingerprint));
  TRY(check_root_user(dry_run));
  return trust_root(world, places_of(world), root, dry_run);
}

}  // namespace

Result<std::vector<std::string>> trust_root(World& world, const TrustPlaces& places,
                                            const PodRoot& root, bool dry_run) {
  const std::string anchor = anchor_of(places, root);
  std::vector<std::string> done;
  if (dry_run) {
    done.push_back(fmt::format("would write {} and run update-ca-certificates", anchor));
    change_browsers(world, places, root, dry_run, done);
    return done;
  }
  const auto before = world.files.read(anchor);
  TRY(world.files.make_dirs(places.anchors));
  TRY(world.files.write_atomic(anchor, root.certificate, 0644));
  if (const Status updated = update_system(world, before && *before != root.certificate);
      !updated) {
    // The next run of update-ca-certificates would take it although this one failed.
    static_cast<void>(before ? world.files.write_atomic(anchor, *before, 0644)
                             : world.files.remove_tree(anchor));
    return std::unexpected(updated.error());
  }
  done.push_back(fmt::format("wrote {} and ran update-ca-certificates", anchor));
  change_browsers(world, places, root, dry_run, done);
  return done;
}

Result<std::vector<std::string>> forget_root(World& world, const TrustPlaces& places,
                                             const PodRoot& root, bool dry_run) {
  const std::string anchor = anchor_of(places, root);
  std::vector<std::string> done;
  const bool there = world.files.exists(anchor);
  if (there && dry_run) {
    done.push_back(fmt::format("would remove {} and run update-ca-certificates", anchor));
  } else if (there) {
    TRY(world.files.remove_tree(anchor));
    TRY(update_system(world, true));
    done.push_back(fmt::format("removed {} and ran update-ca-certificates", anchor));
  }
  change_browsers(world, places, root, dry_run, done);
  if (done.empty()) {
    done.push_back(fmt::format("nothing to remove: there is no {}", anchor));
  }
  return done;
}

int run_trust(const Invocation& invocation) {
  const auto done = run_steps(invocation);
  if (!done) {
    return report_error(invocation.world, done.error());
  }
  for (const std::string& line : *done) {
    print_to(invocation.world.out, "{}\n", line);
  }
  return 0;
}

}  // namespace podplay::cli
