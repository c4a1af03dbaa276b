// Certificates come by rows. Nothing that Dovecot cannot read gets into its configuration, since it
// reads that as a whole.
#include "daemons/dovecot_login.hpp"

#include <fmt/format.h>

#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "net/x509.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kFiles = "etc/dovecot-login/";
// Rendered for each certificate's row, not into the release.
constexpr std::string_view kCertificateTemplate = "etc/dovecot-login/certificate.conf";
// Included by dovecot.conf.
constexpr const char* kCertificates = "/data/service/certificates";
constexpr int kImaps = 993;

Command doveadm_reload() {
  return {{"/usr/bin/doveadm", "-c", "/etc/dovecot-login/dovecot.conf", "reload"}};
}

}  // namespace

ProcessSpec DovecotLogin::process() const {
  return {.name = "dovecot-login",
          .argv = {"/usr/sbin/dovecot", "-F", "-c", "/etc/dovecot-login/dovecot.conf"},
          .stop_grace = std::chrono::milliseconds{4000},
          .pid_file = "/run/dovecot-login/master.pid",
          .read_line = read_dovecot_line};
}

// The programs of logins ask the anvil of their own base_dir how many sessions a user has. The
// sessions themselves are registered with the first Dovecot's.
Status DovecotLogin::prepare(Runner&) {
  for (const char* path : {"/run/dovecot-login", "/data/service/dovecot-login", kCertificates}) {
    TRY(make_folder(path, 0755));
  }
  return make_link("/run/dovecot-login/anvil", "/run/dovecot/anvil");
}

Result<std::vector<ReleaseFile>> DovecotLogin::render(const Snapshot& snapshot,
                                                      const TemplateSet& templates) const {
  return render_below(templates, kFiles, mail_values(std::get<MailSnapshot>(snapshot.body)),
                      kCertificateTemplate);
}

Status DovecotLogin::check(Runner& runner, const std::string& release) {
  return run_checker(
      runner, {{"/usr/bin/doveconf", "-n", "-c", release + "/etc/dovecot-login/dovecot.conf"}});
}

Status DovecotLogin::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kFiles)) {
    return {};
  }
  TRY(run_or_fail(runner, doveadm_reload()));
  return {};
}

std::vector<ProbeStatus> DovecotLogin::probe(const Snapshot& snapshot,
                                             std::chrono::milliseconds timeout) {
  const auto& mail = std::get<MailSnapshot>(snapshot.body);
  return {probe_greeting("imap-greeting", 143, "* OK", timeout),
          probe_greeting("pop3-greeting", 110, "+OK", timeout),
          probe_certificate("imaps-certificate", 993, mail.host_name, mail.certificate, timeout),
          probe_greeting("sieve-greeting", 4190, "\"IMPLEMENTATION\"", timeout)};
}

bool DovecotLogin::takes(RowKind kind) const { return kind == RowKind::certificate; }

std::vector<RowVerdict> DovecotLogin::apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    verdicts.push_back(row.deleted ? drop_certificate(tools, row) : put_certificate(tools, row));
  }
  return verdicts;
}

// Dovecot reads its configuration as a whole, so a certificate that it could not read must not get
// into it.
RowVerdict DovecotLogin::put_certificate(RowTools& tools, const FeedRow& row) {
  const auto text = render_certificate(tools, row);
  if (!text) {
    const bool missing = text.error().kind == ErrorKind::not_found;
    return {.state = missing ? RowState::refused : RowState::later,
            .words = describe(text.error())};
  }
  const std::string path = fmt::format("{}/{}.conf", kCertificates, row.key);
  if (tools.files.read(path).value_or("") == *text) {
    return {};
  }
  if (Status written = tools.files.write_atomic(path, *text, 0644); !written) {
    return {.state = RowState::later, .words = describe(written.error())};
  }
  certificates_wait_ = true;
  return {};
}

Result<std::string> DovecotLogin::render_certificate(RowTools& tools, const FeedRow& row) {
  const auto& certificate = std::get<CertificateRow>(row.content);
  const std::string folder =
      fmt::format("/data/certificates/{}/versions/{}", row.key, certificate.version);
  TRY(const auto leaf, tools.files.read(folder + "/cert.pem"));
  TRY(auto key, tools.files.read(folder + "/privkey.pem"));
  TRY(net::check_key_matches(leaf, Secret(std::move(key))));
  Values names = Values::array();
  for (const std::string& name : certificate.names) {
    names.push_back({{"name", name}});
  }
  return render_one(tools.templates, kCertificateTemplate,
                    {{"names", std::move(names)},
                     {"certificate", certificate_values({row.key, certificate.version})}});
}

RowVerdict DovecotLogin::drop_certificate(RowTools& tools, const FeedRow& row) {
  const std::string path = fmt::format("{}/{}.conf", kCertificates, row.key);
  if (!tools.files.exists(path)) {
    return {};
  }
  if (Status removed = tools.files.remove_tree(path); !removed) {
    return {.state = RowState::later, .words = describe(removed.error())};
  }
  certificates_wait_ = true;
  return {};
}

bool DovecotLogin::rows_wait() const { return certificates_wait_; }

Status DovecotLogin::reload_rows(Runner& runner) {
  TRY(run_or_fail(runner, doveadm_reload()));
  certificates_wait_ = false;
  return {};
}

std::vector<RowVerdict> DovecotLogin::prove_rows(std::span<const FeedRow> rows,
                                                 std::chrono::milliseconds timeout) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    const auto& certificate = std::get<CertificateRow>(row.content);
    verdicts.push_back(row.deleted ? hides_certificate({kImaps}, row.key, timeout)
                                   : shows_certificate({kImaps}, row.key,
                                                       {row.key, certificate.version}, timeout));
  }
  return verdicts;
}

}  // namespace podplay::daemons
