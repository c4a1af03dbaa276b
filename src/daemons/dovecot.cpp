// Dovecot's four verbs.
#include "daemons/dovecot.hpp"

#include <algorithm>

#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kFiles = "etc/dovecot/";

// a batch that changes more is an import into a new store
constexpr std::size_t kMostKicked = 200;

// Logins and deliveries look accounts up: one that does not exist must be told apart from a look-up
// that fails (Dovecot's protocol of auth-userdb: the version first, then one line for each
// question).
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

// Postfix delivers and asks for quotas here.
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

}  // namespace

ProcessSpec Dovecot::process() const {
  return {"dovecot", {"/usr/sbin/dovecot", "-F"},     {},
          SIGTERM,   std::chrono::milliseconds{4000}, read_dovecot_line};
}

Status Dovecot::prepare(Runner&) {
  for (const char* path : {"/run/dovecot", "/data/service/dovecot"}) {
    TRY(make_folder(path, 0755));
  }
  for (const char* path : {"/data/user-data/users", "/data/user-data/deleted"}) {
    TRY(make_folder(path, 0750, "vmail", "vmail"));
  }
  return {};
}

Result<std::vector<ReleaseFile>> Dovecot::render(const Snapshot& snapshot,
                                                 const TemplateSet& templates) const {
  return render_below(templates, kFiles, mail_values(std::get<MailSnapshot>(snapshot.body)));
}

Status Dovecot::check(Runner& runner, const std::string& release) {
  return run_checker(runner,
                     {{"/usr/bin/doveconf", "-n", "-c", release + "/etc/dovecot/dovecot.conf"}});
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
      probe_socket("lmtp-greeting", "/run/dovecot/lmtp", "220", timeout)};
  if (!results.back().ok) {
    return results;
  }
  results.push_back(probe_lookup(timeout));
  std::vector<ShownName> names;
  for (const MailDomain& domain : mail.domains) {
    if (domain.name != mail.host_name) {
      names.push_back({domain.name, domain.certificate});
    }
  }
  probe_names(shown_, "imaps-", 993, names, timeout, results);
  return results;
}

// The next look-up already finds what changed; what is open was let in by what was before.
void Dovecot::end_sessions(Runner& runner, std::span<const std::string> mailboxes) {
  for (const std::string& mailbox : mailboxes.subspan(0, std::min(mailboxes.size(), kMostKicked))) {
    static_cast<void>(
        runner.run({{"/usr/bin/doveadm", "kick",
                     mailbox}}));  // most have no session, which is an error for doveadm
  }
}

}  // namespace podplay::daemons
