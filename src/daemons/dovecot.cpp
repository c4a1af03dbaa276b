// Dovecot reads accounts from the replica. The sessions of those who lost the right to log in are
// ended one by one, by the processes that serve them.
#include "daemons/dovecot.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "base/numbers.hpp"
#include "daemons/deleted_folders.hpp"
#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "daemons/restore_mail.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kFiles = "etc/dovecot/";

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

// A pid may have gone to another process since it was listed.
bool is_session_process(pid_t pid) {
  std::string name;
  std::ifstream(fmt::format("/proc/{}/comm", pid)) >> name;
  return name == "imap" || name == "pop3" || name == "managesieve";
}

}  // namespace

std::vector<OpenSession> read_sessions(std::string_view who) {
  std::vector<OpenSession> sessions;
  while (!who.empty()) {
    const std::size_t end = std::min(who.find('\n'), who.size());
    std::string_view line = who.substr(0, end);
    who.remove_prefix(std::min(end + 1, who.size()));
    const std::string_view mailbox = line.substr(0, line.find('\t'));
    line.remove_prefix(std::min(mailbox.size() + 1, line.size()));
    line.remove_prefix(std::min(line.find('\t'), line.size()));
    line.remove_prefix(std::min<std::size_t>(1, line.size()));
    // The heading has no number.
    if (const auto pid = parse_number<pid_t>(line.substr(0, line.find('\t')))) {
      sessions.push_back({.mailbox = std::string(mailbox), .pid = *pid});
    }
  }
  return sessions;
}

ProcessSpec Dovecot::process() const {
  return {.name = "dovecot",
          .argv = {"/usr/sbin/dovecot", "-F"},
          .stop_grace = std::chrono::milliseconds{4000},
          .pid_file = "/run/dovecot/master.pid",
          .read_line = read_dovecot_line};
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

std::vector<ProbeStatus> Dovecot::probe(const Snapshot&, std::chrono::milliseconds timeout) {
  std::vector<ProbeStatus> results{
      probe_socket("lmtp-greeting", "/run/dovecot/lmtp", "220", timeout)};
  if (!results.back().ok) {
    return results;
  }
  results.push_back(probe_lookup(timeout));
  return results;
}

// A session is a process of its own (imap, pop3, managesieve), and SIGTERM is how Dovecot itself
// kicks: the client is told, and a change that is under way ends whole. `doveadm kick` takes a
// mask, and the names of mailboxes may have * and ? in them.
Status Dovecot::end_sessions(Runner& runner, const LostLogin& lost) {
  TRY(const auto listed, run_or_fail(runner, {{"/usr/bin/doveadm", "-f", "tab", "who", "-1"}}));
  for (const OpenSession& session : read_sessions(listed.out)) {
    if (lost(session.mailbox) && is_session_process(session.pid)) {
      // A session that has ended by itself meanwhile is fine.
      static_cast<void>(::kill(session.pid, SIGTERM));
    }
  }
  return {};
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
