// Postfix is asked over SMTP whether it refuses to relay and whether it knows the directory's
// addresses; no probe sends a message.
#include "daemons/postfix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <filesystem>
#include <set>

#include "daemons/folders.hpp"
#include "daemons/lines.hpp"
#include "daemons/mail_commands.hpp"
#include "daemons/mail_queue.hpp"
#include "daemons/mail_values.hpp"
#include "daemons/probing.hpp"

namespace podplay::daemons {

using namespace std::chrono;

namespace {

constexpr std::string_view kPostfixFiles = "etc/postfix/";
constexpr seconds kLongestSession{200};
// Stays below smtpd_junk_command_limit, which is 100.
constexpr int kMostAsked = 40;
// Stays below smtpd_soft_error_limit, which is 10.
constexpr int kMostRefused = 5;
// More waiting messages than this mean that something is wrong.
constexpr std::size_t kMostWaiting = 5000;

// Postfix reads main.cf and texthash maps again, with pauses, until they are more than a second old
// (dict_load_file_xt, dict_thash_open), so each program and each new smtpd would wait. These files
// are complete, so their times are set back.
Status make_old(const std::string& folder) {
  const timespec then{std::time(nullptr) - 5, 0};
  const timespec times[2]{then, then};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (::utimensat(AT_FDCWD, entry.path().c_str(), times, 0) != 0) {
      return fail(ErrorKind::io, "file", "cannot set the time of " + entry.path().string());
    }
  }
  return {};
}

// Passes when a recipient elsewhere is permanently refused: then the rules of RCPT are in force,
// and they do not relay. No message is sent.
ProbeStatus probe_relay(const std::string& greeting, milliseconds timeout) {
  auto client = net::LineClient::connect(kLocal, 25, timeout);
  if (!client) {
    return failed("smtp-relay", client.error());
  }
  const auto hello = (*client)->read_smtp_reply();
  if (!hello) {
    return failed("smtp-relay", hello.error());
  }
  if (!hello->starts_with(greeting)) {
    return failed("smtp-relay",
                  fmt::format("port 25 greets with '{}', not with '{}'", *hello, greeting));
  }
  for (const auto& [line, expected] :
       {std::pair<const char*, char>{"EHLO localhost.localdomain", '2'},
        {"MAIL FROM:<>", '2'},
        {"RCPT TO:<podplay-probe@podplay.invalid>", '5'}}) {
    if (Status sent = (*client)->send_line(line); !sent) {
      return failed("smtp-relay", sent.error());
    }
    const auto reply = (*client)->read_smtp_reply();
    if (!reply) {
      return failed("smtp-relay", reply.error());
    }
    if (reply->front() != expected) {
      return failed("smtp-relay", fmt::format("{} is answered by {}", line, *reply));
    }
  }
  // Nothing depends on this.
  static_cast<void>((*client)->send_line("QUIT"));
  return passed("smtp-relay", "recipients elsewhere are refused");
}

// Whether the reply to RCPT is what the row says. 552 means known, but full. A catch-all may still
// accept an address that is gone. An alias that leads to nobody who takes mail is refused too, but
// not as an address that nobody has.
bool answers_for(const FeedRow& row, const std::string& reply) {
  const auto* mailbox = std::get_if<MailboxRow>(&row.content);
  const auto* alias = std::get_if<AliasRow>(&row.content);
  const bool wanted = !row.deleted && (mailbox != nullptr ? mailbox->enabled : alias->enabled);
  if (!wanted) {
    return !reply.starts_with('4');
  }
  const bool leads_nowhere =
      alias != nullptr && reply.starts_with("550") && reply.find(kUserUnknown) == std::string::npos;
  return reply.starts_with("250") || reply.starts_with("552") || leads_nowhere;
}

// With the file quick-start, Postfix leaves out its look at owners, modes and folders, which takes
// longer than the rest of the start. The check of the release has looked at them. Only a queue that
// lacks folders, such as one of a new volume, needs it again.
constexpr const char* kStart =
    "cd /data/service/spool"
    " && if [ -d active ] && [ -d deferred ] && [ -d incoming ] && [ -d maildrop ]"
    " && [ -d pid ] && [ -d private ] && [ -d public ]; then touch quick-start; fi"
    " && exec /usr/sbin/postfix start-fg";

}  // namespace

ProcessSpec Postfix::process() const {
  return {.name = "postfix",
          .argv = {"/bin/sh", "-c", kStart},
          .stop_grace = milliseconds{4000},
          .read_line = read_postfix_line};
}

Status Postfix::prepare(Runner&) {
  TRY(make_folder("/data/service/spool", 0755));
  return make_folder("/data/service/postfix", 0700, "postfix");
}

Result<std::vector<ReleaseFile>> Postfix::render(const Snapshot& snapshot,
                                                 const TemplateSet& templates) const {
  return render_below(templates, kPostfixFiles, mail_values(std::get<MailSnapshot>(snapshot.body)));
}

// `postfix check` looks at files and owners, and makes missing folders of the spool. postconf reads
// every parameter and service.
Status Postfix::check(Runner& runner, const std::string& release) {
  const std::string folder = release + "/etc/postfix";
  TRY(make_old(folder));
  TRY(run_checker(runner, {{"/usr/sbin/postfix", "-c", folder, "check"}}));
  for (const char* what : {"-n", "-M"}) {
    TRY(const auto read, runner.run({{"/usr/sbin/postconf", "-c", folder, what}}));
    const bool complains = read.err.find("fatal:") != std::string::npos ||
                           read.err.find("error:") != std::string::npos ||
                           read.err.find("unused parameter") != std::string::npos;
    if (read.exit_code != 0 || complains) {
      return fail(ErrorKind::refused, "check", read.err.empty() ? read.words() : read.err);
    }
  }
  return {};
}

Status Postfix::reload(Runner& runner, std::span<const std::string> changed) {
  if (!any_below(changed, kPostfixFiles)) {
    return {};
  }
  session_.reset();
  TRY(run_or_fail(runner, {{"/usr/sbin/postfix", "reload"}}));
  return {};
}

std::vector<ProbeStatus> Postfix::probe(const Snapshot& snapshot, milliseconds timeout) {
  const auto& mail = std::get<MailSnapshot>(snapshot.body);
  const std::string greeting = "220 " + mail.host_name;
  return {probe_relay(greeting, timeout),
          probe_greeting("submission-greeting", 587, greeting, timeout),
          host_proof_.probe("submissions-certificate", mail.host_name, mail.certificate, timeout)};
}

// Counts the waiting messages of the incoming, active and deferred queues by their files, because
// postqueue(1) would read them all.
std::vector<ProbeStatus> Postfix::inspect() {
  std::size_t waiting = 0;
  for (const char* queue : {"incoming", "active", "deferred"}) {
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator
             at(fmt::format("/data/service/spool/{}", queue), error),
         end;
         !error && at != end && waiting <= kMostWaiting; at.increment(error)) {
      if (at->is_regular_file(error)) {
        ++waiting;
      }
    }
  }
  if (waiting <= kMostWaiting) {
    return {passed("queue", fmt::format("{} messages wait", waiting))};
  }
  return {
      failed("queue", fmt::format("more than {} messages wait: `podplay mail queue list` shows why",
                                  kMostWaiting))};
}

// What waited for Dovecot is tried at once, and mail for other servers is not. Postfix keeps a file
// of the waiting messages of each of our domains (flush(8)); all characters of its name but letters
// and digits are underscores. Mostly nothing waits, and then no domain is read.
Result<bool> Postfix::try_waiting(Runner& runner, const DomainSource& domains) {
  std::set<std::string> waiting;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/data/service/spool/flush", error), end;
       !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (const auto size = at->file_size(gone); !gone && size > 0) {
      waiting.insert(at->path().filename().string());
    }
  }
  if (waiting.empty()) {
    return false;
  }
  TRY(const auto names, domains());
  for (const std::string& name : names) {
    std::string file = name;
    std::ranges::replace_if(file, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    if (waiting.contains(file)) {
      TRY(run_or_fail(runner, {{"/usr/sbin/postqueue", "-s", name}}));
    }
  }
  return true;
}

Status Postfix::open_session() {
  asked_ = 0;
  refused_ = 0;
  TRY(auto client, net::LineClient::connect(kLocal, 25, milliseconds{1000}));
  TRY(client->read_smtp_reply());
  TRY(client->send_line("EHLO localhost.localdomain"));
  TRY(const auto hello, client->read_smtp_reply());
  if (!hello.starts_with("250")) {
    return fail(ErrorKind::unavailable, "smtp", "EHLO is answered by " + hello);
  }
  session_ = std::move(client);
  opened_ = steady_clock::now();
  return {};
}

// smtpd closes a silent session after smtpd_timeout (300 s).
void Postfix::warm_up() {
  if (session_ && (steady_clock::now() - opened_ > kLongestSession || asked_ >= kMostAsked ||
                   refused_ >= kMostRefused)) {
    session_.reset();
  }
  // A failure is not handled here: probe_directory() reports it.
  if (!session_) {
    static_cast<void>(open_session());
  }
}

// The reply to RCPT. The three commands go in one packet (RFC 2920), and no message is sent.
Result<std::string> Postfix::ask_recipient(const std::string& address) {
  if (!session_) {
    TRY(open_session());
  }
  Status sent =
      session_->send_raw(fmt::format("MAIL FROM:<>\r\nRCPT TO:<{}>\r\nRSET\r\n", address));
  std::string replies[3];
  for (std::string& reply : replies) {
    auto read =
        sent ? session_->read_smtp_reply() : Result<std::string>(std::unexpected(sent.error()));
    if (!read || read->starts_with("421")) {
      // The session was closed by a reload, or because it was idle.
      session_.reset();
      return read ? fail(ErrorKind::unavailable, "smtp", *read) : read;
    }
    reply = std::move(*read);
  }
  ++asked_;
  if (replies[1].starts_with('5')) {
    ++refused_;
  }
  return replies[0].starts_with("250") ? replies[1] : replies[0];
}

std::optional<DirectoryProbe> Postfix::probe_directory(std::span<const FeedRow> rows) {
  std::vector<std::string> answers(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FeedRow& row = rows[i];
    const auto* mailbox = std::get_if<MailboxRow>(&row.content);
    const auto* alias = std::get_if<AliasRow>(&row.content);
    if ((mailbox == nullptr && alias == nullptr) || row.key.starts_with('@')) {
      continue;
    }
    auto reply = ask_recipient(row.key);
    // Try again in a new session.
    if (!reply) {
      reply = ask_recipient(row.key);
    }
    if (!reply) {
      return DirectoryProbe{.status = failed("rcpt", reply.error())};
    }
    if (!answers_for(row, *reply)) {
      return DirectoryProbe{
          .status = failed("rcpt", fmt::format("RCPT TO:<{}> is answered by {}", row.key, *reply))};
    }
    answers[i] = *reply;
  }
  return DirectoryProbe{.status = passed("rcpt", "recipients are answered as the directory says"),
                        .answers = std::move(answers)};
}

bool Postfix::takes(RowKind kind) const { return kind == RowKind::certificate; }

std::vector<RowVerdict> Postfix::prove_rows(std::span<const FeedRow> rows, milliseconds timeout) {
  return prove_certificates(tls_ports_of(name()), rows, timeout);
}

std::vector<RowVerdict> Postfix::recheck_rows(std::span<const FeedRow> rows, milliseconds timeout) {
  return recheck_certificates(tls_ports_of(name()), rows, timeout);
}

bool Postfix::knows(std::string_view verb) const {
  return verb == "queue" || verb == "queue_act" || verb == "send" || verb == "test";
}

Result<std::string> Postfix::command(Runner& runner, std::string_view verb,
                                     const std::string& arguments) {
  const Values values = Values::parse(arguments, nullptr, false);
  if (!values.is_object()) {
    return fail(ErrorKind::invalid, "bad_message", "the arguments of a command are a JSON object");
  }
  if (verb == "queue") {
    return list_queue(runner, values);
  }
  if (verb == "queue_act") {
    return act_on_queue(runner, values);
  }
  if (verb == "send") {
    return send_message(runner, values);
  }
  if (verb == "test") {
    return test_delivery(runner, values);
  }
  return Daemon::command(runner, verb, arguments);
}

}  // namespace podplay::daemons
