// Apache's own programs check, reload and answer for it: a change counts only when Apache shows the
// right certificate and answers over HTTPS. Sites are rows, so a release holds only the main
// configuration.
#include "daemons/apache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "base/files.hpp"
#include "daemons/deleted_folders.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "daemons/restore_site.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kApacheFiles = "etc/apache2/";
constexpr const char* kPidFile = "/run/apache2/apache2.pid";

std::vector<std::string> apache2(const std::string& folder, std::vector<std::string> more) {
  std::vector<std::string> argv{"/usr/sbin/apache2", "-d", folder, "-f", "apache2.conf"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

// Apache ends when it is told to read a configuration that is wrong, so its checker comes first.
// Its own `-k graceful` would start a second Apache, which nobody supervises, while the first is
// down.
Status reload_gracefully(Runner& runner) {
  TRY(run_or_fail(runner, {.argv = apache2("/etc/apache2", {"-t"})}));
  return send_signal("Apache", kPidFile, SIGUSR1);
}

// Counts Apache's graceful restarts, as the child that answers knows it; empty when none does.
std::string generation() {
  constexpr std::string_view kLine = "\nParentServerMPMGeneration: ";
  const std::string text = read_figures(kApacheFigures, kApacheFiguresPath);
  const std::size_t at = text.find(kLine);
  if (at == text.npos) {
    return {};
  }
  const std::size_t from = at + kLine.size();
  return text.substr(from, text.find('\n', from) - from);
}

// PODPLAY_WEB_LOG_LEVEL in Apache's words (core, LogLevel); its "info" tells of every TLS
// handshake.
std::string log_level(std::string_view level) {
  if (level == "ERROR") {
    return "error";
  }
  if (level == "WARN") {
    return "warn";
  }
  if (level == "DEBUG") {
    return "debug";
  }
  // trace4 would log the headers of requests, tokens and cookies among them.
  return level == "TRACE" ? "trace3" : "notice";
}

Values apache_values(const ApacheSnapshot& snapshot) {
  return {{"host_name", snapshot.host_name},
          {"admin_email", snapshot.admin_email},
          {"debug", is_debug(snapshot.log_level)},
          {"log_level", log_level(snapshot.log_level)},
          {"https_port", snapshot.https_port},
          {"https_port_suffix",
           snapshot.https_port == 443 ? "" : fmt::format(":{}", snapshot.https_port)},
          {"api_port", snapshot.api_port},
          {"stapling", snapshot.stapling},
          {"responder", snapshot.responder},
          {"certificate", certificate_values(snapshot.certificate)}};
}

// Sends one HEAD request, over TLS when `tls`. The probe passes when the first digit of the status
// is one of `expected`.
ProbeStatus probe_head(const std::string& name, int port, bool tls, const std::string& host,
                       std::string_view expected, std::chrono::milliseconds timeout) {
  auto client = net::LineClient::connect(kLocal, port, timeout);
  if (!client) {
    return failed(name, client.error());
  }
  Status done;
  if (tls) {
    done = (*client)->start_tls(host);
  }
  if (done) {
    done = (*client)->send_raw(fmt::format(
        "HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: podplay-probe\r\nConnection: close\r\n\r\n",
        host));
  }
  if (!done) {
    return failed(name, done.error());
  }
  const auto line = (*client)->read_line();
  if (!line) {
    return failed(name, line.error());
  }
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const bool fine = line->starts_with(kVersion) && line->size() > kVersion.size() &&
                    expected.find((*line)[kVersion.size()]) != expected.npos;
  return fine ? passed(name, *line)
              : failed(name, fmt::format("port {} answers '{}' for {}", port, *line, host));
}

using RowsOfOneKind = std::function<std::vector<RowVerdict>(std::span<const FeedRow>)>;

// The verdicts for sites and challenges, in the order of the rows.
std::vector<RowVerdict> each_kind(std::span<const FeedRow> rows, const RowsOfOneKind& sites,
                                  const RowsOfOneKind& challenges) {
  std::vector<RowVerdict> verdicts(rows.size());
  for (const auto& [kind, judge] :
       {std::pair{RowKind::site, &sites}, std::pair{RowKind::challenge, &challenges}}) {
    std::vector<FeedRow> mine;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].kind() == kind) {
        mine.push_back(rows[i]);
        places.push_back(i);
      }
    }
    auto results = (*judge)(mine);
    for (std::size_t i = 0; i < results.size(); ++i) {
      verdicts[places[i]] = std::move(results[i]);
    }
  }
  return verdicts;
}

}  // namespace

Apache::Apache() : rereading_(generation) {}

ProcessSpec Apache::process() const {
  return {.name = "apache",
          .argv = apache2("/etc/apache2", {"-DFOREGROUND"}),
          .stop_grace = std::chrono::milliseconds{5000},
          .pid_file = kPidFile,
          .read_line = read_apache_line};
}

Status Apache::prepare(Runner&) {
  TRY(make_folder("/data/service/sites", 0755));
  for (const char* path : {"/run/apache2", "/run/apache2/socks"}) {
    TRY(make_folder(path, 0755, "www-data", "www-data"));
  }
  return challenges_.prepare();
}

Result<std::vector<ReleaseFile>> Apache::render(const Snapshot& snapshot,
                                                const TemplateSet& templates) const {
  return render_below(templates, kApacheFiles,
                      apache_values(std::get<ApacheSnapshot>(snapshot.body)), kSiteTemplate);
}

Status Apache::check(Runner& runner, const std::string& release) {
  return run_checker(runner, {apache2(release + "/etc/apache2", {"-t"})});
}

Status Apache::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kApacheFiles)) {
    return {};
  }
  return reload_gracefully(runner);
}

std::vector<ProbeStatus> Apache::probe(const Snapshot& snapshot,
                                       std::chrono::milliseconds timeout) {
  const auto& web = std::get<ApacheSnapshot>(snapshot.body);
  std::vector<ProbeStatus> results{
      probe_head("http-redirect", 80, false, web.host_name, "3", timeout)};
  if (!results.back().ok) {
    return results;
  }
  results.push_back(
      host_proof_.probe("https-" + web.host_name, web.host_name, web.certificate, timeout));
  results.push_back(probe_head("https-answer", 443, true, web.host_name, "234", timeout));
  return results;
}

bool Apache::takes(RowKind kind) const {
  return kind == RowKind::site || kind == RowKind::challenge;
}

std::vector<RowVerdict> Apache::apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
  return each_kind(
      rows, [&](std::span<const FeedRow> sites) { return sites_.apply(tools, sites); },
      [&](std::span<const FeedRow> challenges) { return challenges_.apply(tools, challenges); });
}

bool Apache::rows_wait() const { return sites_.wait(); }

Status Apache::reload_rows(Runner& runner) {
  rereading_.begin();
  TRY(reload_gracefully(runner));
  sites_.reloaded();
  return {};
}

bool Apache::reads_rows() { return rereading_.is_under_way(); }

std::vector<RowVerdict> Apache::prove_rows(std::span<const FeedRow> rows,
                                           std::chrono::milliseconds timeout) {
  return each_kind(
      rows, [&](std::span<const FeedRow> sites) { return prove_sites(sites, timeout, true); },
      [&](std::span<const FeedRow> challenges) { return challenges_.prove(challenges, timeout); });
}

std::vector<RowVerdict> Apache::recheck_rows(std::span<const FeedRow> rows,
                                             std::chrono::milliseconds timeout) {
  return each_kind(
      rows, [&](std::span<const FeedRow> sites) { return prove_sites(sites, timeout, false); },
      [&](std::span<const FeedRow> challenges) { return challenges_.prove(challenges, timeout); });
}

std::vector<RowVerdict> Apache::prove_sites(std::span<const FeedRow> rows,
                                            std::chrono::milliseconds timeout, bool whole) const {
  RealFiles files;
  const auto ports = tls_ports_of(name());
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    const auto& site = std::get<SiteRow>(row.content);
    if (row.deleted || !site.enabled) {
      verdicts.push_back(hides_certificate(ports, row.key, timeout));
      continue;
    }
    const auto names = whole ? sites_.covered_names(files, row) : std::vector{row.key};
    verdicts.push_back(shows_certificate(ports, names, site.certificate, timeout));
  }
  return verdicts;
}

Status Apache::settle_rows(Files& files, std::span<const FeedRow> rows, bool served) {
  for (const FeedRow& row : rows) {
    if (row.kind() == RowKind::site) {
      TRY(sites_.settle(files, row, served));
    }
  }
  return {};
}

bool Apache::knows(std::string_view verb) const { return is_deleted_verb(verb); }

Result<std::string> Apache::command(Runner&, std::string_view verb, const std::string& arguments) {
  const auto value = nlohmann::json::parse(arguments, nullptr, false);
  const DeletedFolders folders("/data/user-data/deleted-sites");
  return run_deleted_verb(folders, verb, value, [&](const DeletedFolder& folder) {
    return restore_site("/data/user-data/www", folders, folder, value);
  });
}

}  // namespace podplay::daemons
