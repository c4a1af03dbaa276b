// Certificates come by rows. Nothing that Dovecot cannot read gets into its configuration, since it
// reads that as a whole. Of several blocks that fit a name, Dovecot takes the last: wildcards are
// in files of their own, which dovecot.conf includes first.
#include "daemons/dovecot_login.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/process_table.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kLoginFiles = "etc/dovecot-login/";
// Rendered for each certificate's row, not into the release.
constexpr std::string_view kCertificateTemplate = "etc/dovecot-login/certificate.conf";
constexpr std::string_view kName = "Dovecot's login";
constexpr const char* kMain = "/etc/dovecot-login/dovecot.conf";

std::string exact_file(const std::string& name) { return name + ".conf"; }
std::string wildcard_file(const std::string& name) { return "wildcards/" + name + ".conf"; }

// The names with a wildcard, or those without.
std::vector<std::string> some_of(const std::vector<std::string>& names, bool wildcards) {
  std::vector<std::string> chosen;
  std::ranges::copy_if(names, std::back_inserter(chosen), [&](const std::string& name) {
    return name.starts_with("*.") == wildcards;
  });
  return chosen;
}

// Empty without names.
Result<std::string> render_names(const RowTools& tools, const std::vector<std::string>& names,
                                 const CertificateRef& certificate) {
  if (names.empty()) {
    return std::string();
  }
  Values values = Values::array();
  for (const std::string& name : names) {
    values.push_back({{"name", name}});
  }
  return render_one(
      tools.templates, kCertificateTemplate,
      {{"names", std::move(values)}, {"certificate", certificate_values(certificate)}});
}

// The checker's words; empty when it accepts the candidates, which lie in `folder`. It reads the
// main configuration with them in place of the existing certificates.
Result<std::string> check_certificates(RowTools& tools, const LoginFolders& folders,
                                       const std::string& folder) {
  TRY(auto text, tools.files.read(folders.main));
  const std::string& there = folders.configurations;
  for (auto at = text.find(there); at != text.npos; at = text.find(there, at + folder.size())) {
    text.replace(at, there.size(), folder);
  }
  const std::string main = folder + "/main";
  TRY(tools.files.write_new(main, text));
  TRY(const auto ended, tools.runner.run({{"/usr/bin/doveconf", "-n", "-c", main}}));
  if (ended.exit_code == 0) {
    return std::string();
  }
  // Its output is the configuration, so only what it complains of is given.
  return ended.err.empty() ? fmt::format("doveconf ended with {}", ended.exit_code) : ended.err;
}

// The number of the newest process that writes the log of the Dovecot whose master has this pid
// file. The master starts one once it has read its configuration; those from before stay with the
// programs from before, for as long as these have clients.
std::string log_program(const std::string& pid_file) {
  const auto master = read_pid(kName, pid_file);
  std::optional<ProcessFacts> newest;
  for (const ProcessFacts& process : read_processes()) {
    if (master && process.parent == *master && process.name == "log" &&
        (!newest || process.age_ms < newest->age_ms)) {
      newest = process;
    }
  }
  return newest ? fmt::format("{}", newest->pid) : std::string();
}

CertificateRef version_of(const FeedRow& row) {
  return {row.key, std::get<CertificateRow>(row.content).version};
}

}  // namespace

DovecotLogin::DovecotLogin(LoginFolders folders)
    : folders_(std::move(folders)),
      certificates_(folders_.configurations,
                    fmt::format("{}/podplay-certificates.{}", folders_.scratch, ::getpid()),
                    [this](RowTools& tools, const std::string& folder) {
                      return check_certificates(tools, folders_, folder);
                    }),
      rereading_([this] { return log_program(folders_.pid_file); }),
      host_proof_(tls_ports_of("dovecot-login")) {}

ProcessSpec DovecotLogin::process() const {
  return {.name = "dovecot-login",
          .argv = {"/usr/sbin/dovecot", "-F", "-c", kMain},
          .stop_grace = std::chrono::milliseconds{4000},
          .pid_file = folders_.pid_file,
          .read_line = read_dovecot_line};
}

// The programs of logins ask the anvil of their own base_dir how many sessions a user has. The
// sessions themselves are registered with the first Dovecot's.
Status DovecotLogin::prepare(Runner&) {
  for (const char* path : {"/run/dovecot-login", "/data/service/dovecot-login"}) {
    TRY(make_folder(path, 0755));
  }
  for (const std::string& path :
       {folders_.configurations, folders_.configurations + "/wildcards"}) {
    TRY(make_folder(path, 0755));
  }
  return make_link("/run/dovecot-login/anvil", "/run/dovecot/anvil");
}

Result<std::vector<ReleaseFile>> DovecotLogin::render(const Snapshot& snapshot,
                                                      const TemplateSet& templates) const {
  return render_below(templates, kLoginFiles, mail_values(std::get<MailSnapshot>(snapshot.body)),
                      kCertificateTemplate);
}

Status DovecotLogin::check(Runner& runner, const std::string& release) {
  return run_checker(
      runner, {{"/usr/bin/doveconf", "-n", "-c", release + "/etc/dovecot-login/dovecot.conf"}});
}

Status DovecotLogin::reload(Runner&, std::span<const std::string> changed) {
  if (!any_below(changed, kLoginFiles)) {
    return {};
  }
  return send_reload();
}

std::vector<ProbeStatus> DovecotLogin::probe(const Snapshot& snapshot,
                                             std::chrono::milliseconds timeout) {
  const auto& mail = std::get<MailSnapshot>(snapshot.body);
  return {probe_greeting("imap-greeting", 143, "* OK", timeout),
          probe_greeting("pop3-greeting", 110, "+OK", timeout),
          host_proof_.probe("imaps-certificate", mail.host_name, mail.certificate, timeout),
          probe_greeting("sieve-greeting", 4190, "\"IMPLEMENTATION\"", timeout)};
}

bool DovecotLogin::takes(RowKind kind) const { return kind == RowKind::certificate; }

// Dovecot reads its configuration as a whole, so a certificate that it could not read must not get
// into it.
std::vector<RowVerdict> DovecotLogin::apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
  std::vector<RowVerdict> verdicts(rows.size());
  std::vector<RowCandidate> candidates;
  const auto note = [&](std::size_t i, const Error& error) {
    const bool is_over = error.kind != ErrorKind::io;
    verdicts[i] = {.state = is_over ? RowState::refused : RowState::later,
                   .words = describe(error)};
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FeedRow& row = rows[i];
    if (row.deleted) {
      const std::string paths[]{exact_file(row.key), wildcard_file(row.key)};
      if (Status gone = certificates_.drop(tools.files, paths); !gone) {
        note(i, gone.error());
      }
      continue;
    }
    auto wanted = candidate(tools, row);
    if (!wanted) {
      note(i, wanted.error());
      continue;
    }
    if (certificates_.holds(tools.files, *wanted)) {
      continue;
    }
    if (auto leaf = check_version(tools.files, version_of(row), folders_.certificates); !leaf) {
      note(i, leaf.error());
      continue;
    }
    wanted->index = i;
    candidates.push_back(std::move(*wanted));
  }
  certificates_.put(tools, candidates, verdicts);
  return verdicts;
}

Result<RowCandidate> DovecotLogin::candidate(const RowTools& tools, const FeedRow& row) const {
  const auto& names = std::get<CertificateRow>(row.content).names;
  const CertificateRef version = version_of(row);
  TRY(auto exact, render_names(tools, some_of(names, false), version));
  TRY(auto wildcards, render_names(tools, some_of(names, true), version));
  return RowCandidate{.index = 0,
                      .files = {{exact_file(row.key), std::move(exact)},
                                {wildcard_file(row.key), std::move(wildcards)}}};
}

bool DovecotLogin::rows_wait() const { return certificates_.wait(); }

Status DovecotLogin::reload_rows(Runner&) {
  rereading_.begin();
  TRY(send_reload());
  certificates_.reloaded();
  return {};
}

bool DovecotLogin::reads_rows() { return rereading_.is_under_way(); }

// As `doveadm reload` does, which reads the whole configuration itself before: more than a second
// with 5,000 domains.
Status DovecotLogin::send_reload() const { return send_signal(kName, folders_.pid_file, SIGHUP); }

std::vector<RowVerdict> DovecotLogin::prove_rows(std::span<const FeedRow> rows,
                                                 std::chrono::milliseconds timeout) {
  return prove_certificates(tls_ports_of(name()), rows, timeout);
}

std::vector<RowVerdict> DovecotLogin::recheck_rows(std::span<const FeedRow> rows,
                                                   std::chrono::milliseconds timeout) {
  return recheck_certificates(tls_ports_of(name()), rows, timeout);
}

Status DovecotLogin::settle_rows(Files& files, std::span<const FeedRow> rows, bool served) {
  for (const FeedRow& row : rows) {
    const std::string paths[]{exact_file(row.key), wildcard_file(row.key)};
    TRY(certificates_.settle(files, paths, served));
  }
  return {};
}

}  // namespace podplay::daemons
