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
#include "daemons/mailbox_copy.hpp"
#include "daemons/mailbox_usage.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"
#include "daemons/restore_mail.hpp"
#include "net/http.hpp"

namespace podplay::daemons {
namespace {

constexpr std::string_view kDovecotFiles = "etc/dovecot/";
// Where Dovecot looks for the key of a token that names no client: KIND/ALGORITHM/KEY.
constexpr std::string_view kTokenKeys = "etc/dovecot/token-keys/default/ES256/";

// An account that does not exist must be told apart from a look-up that fails.
ProbeStatus probe_lookup(AccountLookup& lookup) {
  const auto answer = lookup.ask("nobody@podplay.invalid");
  lookup.close();
  if (!answer) {
    return failed("account-look-up", answer.error());
  }
  return *answer == "NOTFOUND" ? passed("account-look-up", "the directory is read")
                               : failed("account-look-up", "nobody has an account");
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

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (;;) {
    const std::size_t end = line.find('\t');
    columns.push_back(line.substr(0, end));
    if (end == line.npos) {
      return columns;
    }
    line.remove_prefix(end + 1);
  }
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
  std::vector<std::string_view> heading;
  while (!who.empty()) {
    const std::size_t end = std::min(who.find('\n'), who.size());
    const auto columns = columns_of(who.substr(0, end));
    who.remove_prefix(std::min(end + 1, who.size()));
    if (heading.empty()) {
      heading = columns;
      continue;
    }
    const auto value = [&](std::string_view name) {
      const auto found = std::ranges::find(heading, name);
      const auto at = static_cast<std::size_t>(found - heading.begin());
      return at < columns.size() ? columns[at] : std::string_view();
    };
    if (const auto pid = parse_number<pid_t>(value("pid"))) {
      sessions.push_back({.mailbox = std::string(value("username")),
                          .pid = *pid,
                          .app_password = std::string(value("user_app"))});
    }
  }
  return sessions;
}

ProcessSpec Dovecot::process() const {
  return {.name = "dovecot",
          .argv = {"/usr/sbin/dovecot", "-F"},
          .stop_grace = std::chrono::milliseconds{4000},
          .pid_file = "/run/dovecot/master.pid",
          .read_line = read_dovecot_line,
          .counted = {&kDeliveries}};
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
  const auto& mail = std::get<MailSnapshot>(snapshot.body);
  TRY(auto files, render_below(templates, kDovecotFiles, mail_values(mail)));
  for (const TokenKey& key : mail.token_keys) {
    files.push_back({.path = std::string(kTokenKeys) + key.id, .content = key.pem});
  }
  return files;
}

Status Dovecot::check(Runner& runner, const std::string& release) {
  // It prints the configuration, whose key for questions about logins is for no log.
  return run_checker(runner, {{"/bin/sh", "-c", "exec /usr/bin/doveconf -n -c \"$0\" >/dev/null",
                               release + "/etc/dovecot/dovecot.conf"}});
}

Status Dovecot::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kDovecotFiles)) {
    return {};
  }
  TRY(run_or_fail(runner, {{"/usr/bin/doveadm", "reload"}}));
  return {};
}

std::vector<ProbeStatus> Dovecot::probe(const Snapshot&, std::chrono::milliseconds timeout) {
  std::vector<ProbeStatus> results{
      probe_login_limits(timeout),
      probe_socket("lmtp-greeting", "/run/dovecot/lmtp", "220", timeout)};
  if (!results.back().ok) {
    return results;
  }
  results.push_back(probe_lookup(probe_accounts_));
  return results;
}

// A session is a process of its own (imap, pop3, managesieve), and SIGTERM is how Dovecot itself
// kicks: the client is told, and a change that is under way ends whole. `doveadm kick` takes a
// mask, and the names of mailboxes may have * and ? in them.
Status Dovecot::end_sessions(Runner& runner, const LostLogin& lost) {
  TRY(const auto listed, run_or_fail(runner, {{"/usr/bin/doveadm", "-f", "tab", "who", "-1"}}));
  for (const OpenSession& session : read_sessions(listed.out)) {
    if (lost(session) && is_session_process(session.pid)) {
      // A session that has ended by itself meanwhile is fine.
      static_cast<void>(::kill(session.pid, SIGTERM));
    }
  }
  return {};
}

// One connection for all rows.
std::optional<DirectoryProbe> Dovecot::probe_directory(std::span<const FeedRow> rows) {
  DirectoryProbe probe{.status = passed("userdb", "accounts are as the directory says"),
                       .answers = std::vector<std::string>(rows.size())};
  for (std::size_t i = 0; i < rows.size() && probe.status.ok; ++i) {
    const auto* mailbox = std::get_if<MailboxRow>(&rows[i].content);
    if (mailbox == nullptr) {
      continue;
    }
    const auto answer = row_accounts_.ask(rows[i].key);
    if (!answer) {
      probe.status = failed("userdb", answer.error());
      break;
    }
    const bool wanted = !rows[i].deleted && mailbox->enabled;
    if (wanted != (*answer == "USER")) {
      probe.status =
          failed("userdb", fmt::format("the account {} is answered by {}", rows[i].key, *answer));
    }
    probe.answers[i] = *answer;
  }
  row_accounts_.close();
  return probe;
}

bool Dovecot::knows(std::string_view verb) const {
  return is_deleted_verb(verb) || verb == "mailbox_copy" || verb == "mailbox_usage";
}

Result<std::string> Dovecot::command(Runner& runner, std::string_view verb,
                                     const std::string& arguments) {
  const auto value = nlohmann::json::parse(arguments, nullptr, false);
  if (verb == "mailbox_copy") {
    return copy_mailbox("/data/user-data/users", value);
  }
  if (verb == "mailbox_usage") {
    return mailbox_usage(runner, value);
  }
  const DeletedFolders folders("/data/user-data/deleted");
  return run_deleted_verb(folders, verb, value, [&](const DeletedFolder& folder) {
    return restore_mail(runner, folders, folder, value);
  });
}

}  // namespace podplay::daemons
