// Dovecot reads accounts from the replica and is told certificates by rows. Nothing that it cannot
// read gets into its configuration, since it reads that as a whole.
#include "daemons/dovecot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemons/deleted_folders.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "daemons/restore_mail.hpp"
#include "net/http.hpp"
#include "net/x509.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kFiles = "etc/dovecot/";
// Rendered for each certificate's row, not into the release.
constexpr std::string_view kCertificateTemplate = "etc/dovecot/certificate.conf";
// Included by dovecot.conf.
constexpr const char* kCertificates = "/data/service/certificates";
constexpr int kImaps = 993;

// A batch that changes more mailboxes is an import into a new store.
constexpr std::size_t kMostKicked = 200;

// Logins and deliveries look accounts up. An account that does not exist must be told apart from a
// look-up that fails. The protocol of auth-userdb is the version first, then one line for each
// question.
ProbeStatus probe_lookup(std::chrono::milliseconds timeout) {
  constexpr const char* kSocket = "/run/dovecot/auth-userdb";
  auto client = net::LineClient::connect_unix(kSocket, timeout);
  if (!client) {
    return failed("account-look-up", client.error());
  }
  if (Status sent =
          (*client)->send_raw("VERSION\t1\t2\nUSER\t1\tnobody@podplay.invalid\tprotocol=lmtp\n");
      !sent) {
    return failed("account-look-up", sent.error());
  }
  for (;;) {
    const auto line = (*client)->read_line();
    if (!line) {
      return failed("account-look-up", line.error());
    }
    if (line->starts_with("NOTFOUND")) {
      return passed("account-look-up", "the directory is read");
    }
    if (line->starts_with("FAIL") || line->starts_with("USER")) {
      return failed("account-look-up", "a look-up in the directory gives '" + *line + "'");
    }
  }
}

// Probes a socket on which Postfix delivers.
ProbeStatus probe_socket(const std::string& name, const std::string& path,
                         const std::string& expected, std::chrono::milliseconds timeout) {
  auto client = net::LineClient::connect_unix(path, timeout);
  if (!client) {
    return failed(name, client.error());
  }
  const auto line = (*client)->read_line();
  if (!line) {
    return failed(name, line.error());
  }
  return line->starts_with(expected) ? passed(name, *line)
                                     : failed(name, path + " greets with '" + *line + "'");
}

// While nobody answers Dovecot's questions, logins go on without a limit.
ProbeStatus probe_login_limits(std::chrono::milliseconds timeout) {
  constexpr const char* kName = "login-limits";
  auto client =
      net::HttpClient::make({.base_url = fmt::format("http://{}:{}", kLocal, kLoginPolicyPort),
                             .connect_timeout = timeout,
                             .timeout = timeout});
  if (!client) {
    return failed(kName, client.error());
  }
  const auto answer = (*client)->send({.path = "/readyz"});
  if (!answer) {
    return failed(kName, answer.error());
  }
  return answer->status == 200 ? passed(kName, "tries to log in are limited")
                               : failed(kName, "the agent's limits do not answer");
}

}  // namespace

ProcessSpec Dovecot::process() const {
  return {.name = "dovecot",
          .argv = {"/usr/sbin/dovecot", "-F"},
          .stop_grace = std::chrono::milliseconds{4000},
          .pid_file = "/run/dovecot/master.pid",
          .read_line = read_dovecot_line};
}

Status Dovecot::prepare(Runner&) {
  for (const char* path : {"/run/dovecot", "/data/service/dovecot", kCertificates}) {
    TRY(make_folder(path, 0755));
  }
  for (const char* path : {"/data/user-data/users", "/data/user-data/deleted"}) {
    TRY(make_folder(path, 0750, "vmail", "vmail"));
  }
  return {};
}

Result<std::vector<ReleaseFile>> Dovecot::render(const Snapshot& snapshot,
                                                 const TemplateSet& templates) const {
  return render_below(templates, kFiles, mail_values(std::get<MailSnapshot>(snapshot.body)),
                      kCertificateTemplate);
}

Status Dovecot::check(Runner& runner, const std::string& release) {
  // It prints the configuration, whose key for questions about logins is for no log.
  return run_checker(runner, {{"/bin/sh", "-c", "exec /usr/bin/doveconf -n -c \"$0\" >/dev/null",
                               release + "/etc/dovecot/dovecot.conf"}});
}

Status Dovecot::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kFiles)) {
    return {};
  }
  TRY(run_or_fail(runner, {{"/usr/bin/doveadm", "reload"}}));
  return {};
}

std::vector<ProbeStatus> Dovecot::probe(const Snapshot& snapshot,
                                        std::chrono::milliseconds timeout) {
  const auto& mail = std::get<MailSnapshot>(snapshot.body);
  std::vector<ProbeStatus> results{
      probe_greeting("imap-greeting", 143, "* OK", timeout),
      probe_greeting("pop3-greeting", 110, "+OK", timeout),
      probe_certificate("imaps-certificate", 993, mail.host_name, mail.certificate, timeout),
      probe_greeting("sieve-greeting", 4190, "\"IMPLEMENTATION\"", timeout),
      probe_login_limits(timeout),
      probe_socket("lmtp-greeting", "/run/dovecot/lmtp", "220", timeout)};
  if (!results.back().ok) {
    return results;
  }
  results.push_back(probe_lookup(timeout));
  return results;
}

bool Dovecot::takes(RowKind kind) const { return kind == RowKind::certificate; }

std::vector<RowVerdict> Dovecot::apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
  std::vector<RowVerdict> verdicts;
  for (const FeedRow& row : rows) {
    verdicts.push_back(row.deleted ? drop_certificate(tools, row) : put_certificate(tools, row));
  }
  return verdicts;
}

// Dovecot reads its configuration as a whole, so a certificate that it could not read must not get
// into it.
RowVerdict Dovecot::put_certificate(RowTools& tools, const FeedRow& row) {
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

Result<std::string> Dovecot::render_certificate(RowTools& tools, const FeedRow& row) {
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

RowVerdict Dovecot::drop_certificate(RowTools& tools, const FeedRow& row) {
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

bool Dovecot::rows_wait() const { return certificates_wait_; }

Status Dovecot::reload_rows(Runner& runner) {
  TRY(run_or_fail(runner, {{"/usr/bin/doveadm", "reload"}}));
  certificates_wait_ = false;
  return {};
}

std::vector<RowVerdict> Dovecot::prove_rows(std::span<const FeedRow> rows,
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

// The next login already sees the change. Open sessions were let in before it, so they are ended.
void Dovecot::end_sessions(Runner& runner, std::span<const std::string> mailboxes) {
  for (const std::string& mailbox : mailboxes.subspan(0, std::min(mailboxes.size(), kMostKicked))) {
    // Most mailboxes have no session, which is an error for doveadm.
    static_cast<void>(runner.run({{"/usr/bin/doveadm", "kick", mailbox}}));
  }
}

bool Dovecot::knows(std::string_view verb) const { return is_deleted_verb(verb); }

Result<std::string> Dovecot::command(Runner& runner, std::string_view verb,
                                     const std::string& arguments) {
  const auto value = nlohmann::json::parse(arguments, nullptr, false);
  const DeletedFolders folders("/data/user-data/deleted");
  return run_deleted_verb(folders, verb, value, [&](const DeletedFolder& folder) {
    return restore_mail(runner, folders, folder, value);
  });
}

}  // namespace podplay::daemons
