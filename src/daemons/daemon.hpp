// A daemon as the agent sees it: how it runs, and the four verbs render, check, reload and probe.
// There is one file per daemon. The agent calls a daemon from one thread at a time, with two
// exceptions. render(), check() and command() may run at the same time as any other call, so they
// use none of the daemon's state. probe_directory(), end_sessions() and warm_up() may run at the
// same time as probe() and inspect(), so they share no state with those. A Runner's commands end by
// their own deadlines.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "base/runner.hpp"
#include "daemons/rows.hpp"
#include "daemons/template_set.hpp"
#include "model/feed.hpp"
#include "model/report.hpp"
#include "model/snapshot.hpp"

namespace podplay::daemons {

// Reads the domains that take mail.
using DomainSource = std::function<Result<std::vector<std::string>>()>;

// A client's session with a daemon.
struct OpenSession {
  std::string mailbox;
  // Of the process that serves it.
  pid_t pid = 0;
  // The id of the app password that it was begun with; empty: the person's own password.
  std::string app_password{};
};
// Whether a session has lost the right to go on.
using LostLogin = std::function<bool(const OpenSession& session)>;
// What a daemon said about rows of the directory.
struct DirectoryProbe {
  // Its name says what was asked: "rcpt", "userdb".
  ProbeStatus status{};
  // The daemon's answer for each row; empty for a row that it was not asked about.
  std::vector<std::string> answers{};
};

class Daemon {
 public:
  virtual ~Daemon() = default;

  // "postfix"
  virtual std::string_view name() const = 0;
  virtual ProcessSpec process() const = 0;

  // Makes folders, owners and such before the daemon's first start, and again after every restart
  // of the container. Idempotent.
  virtual Status prepare(Runner&) { return {}; }

  // Pure. Renders the daemon's own files of the release; paths are relative to the release folder
  // ("etc/postfix/main.cf").
  virtual Result<std::vector<ReleaseFile>> render(const Snapshot& snapshot,
                                                  const TemplateSet& templates) const = 0;

  // Runs the daemon's own checker on the complete release in `release` (absolute; not `current`
  // yet). When the checker complains, the Error is `refused` and its message is the checker's
  // words. Nothing outside of `release` and /tmp is changed.
  virtual Status check(Runner& runner, const std::string& release) = 0;

  // Reloads the daemon gracefully after `current` was swapped. `changed` holds the relative paths
  // of all daemons that were added, changed or removed. When none of them is this daemon's own,
  // nothing is done.
  virtual Status reload(Runner& runner, std::span<const std::string> changed) = 0;
  // True when `changed` only takes effect with a new process. Then the agent restarts the daemon
  // instead of calling reload().
  virtual bool needs_restart(std::span<const std::string> changed) const {
    static_cast<void>(changed);
    return false;
  }

  // Speaks the daemon's protocol once, without waiting for it to get ready (the agent repeats);
  // `timeout` for each connection.
  virtual std::vector<ProbeStatus> probe(const Snapshot& snapshot,
                                         std::chrono::milliseconds timeout) = 0;

  // Probes things that change slowly, such as queues; called about once a minute.
  virtual std::vector<ProbeStatus> inspect() { return {}; }

  // Ends the open sessions of every mailbox of which lost() is true. An Error when it is not known
  // which sessions are open; the agent tries again.
  virtual Status end_sessions(Runner& runner, const LostLogin& lost) {
    static_cast<void>(runner), static_cast<void>(lost);
    return {};
  }

  // Has work tried again at once that waited for another daemon of the service; called when all of
  // them are ready. True when something waited.
  virtual Result<bool> try_waiting(Runner& runner, const DomainSource& domains) {
    static_cast<void>(runner), static_cast<void>(domains);
    return false;
  }

  // Whether rows of this kind are told to this daemon.
  virtual bool takes(RowKind kind) const {
    static_cast<void>(kind);
    return false;
  }
  // Gives the daemon these rows, all of kinds that it takes. Returns a verdict for each, in their
  // order. Rows that a daemon only reads when it is reloaded take effect with reload_rows().
  virtual std::vector<RowVerdict> apply_rows(RowTools& tools, std::span<const FeedRow> rows) {
    static_cast<void>(tools);
    return std::vector<RowVerdict>(rows.size());
  }
  // Whether rows were applied that wait for reload_rows().
  virtual bool rows_wait() const { return false; }
  virtual Status reload_rows(Runner& runner) {
    static_cast<void>(runner);
    return {};
  }
  // Whether the daemon still reads what reload_rows() told it. Until it has, it answers by what it
  // had before, which says nothing about the rows; and another reload would only come on top.
  virtual bool reads_rows() { return false; }
  // Asks the daemon in its own protocol whether it serves each of these rows as it is, or no longer
  // serves it when it was deleted. `timeout` is for one connection.
  virtual std::vector<RowVerdict> prove_rows(std::span<const FeedRow> rows,
                                             std::chrono::milliseconds timeout) {
    static_cast<void>(timeout);
    return std::vector<RowVerdict>(rows.size());
  }

  // The same, but it may ask less: for rows that were proven as they are, and for very many.
  virtual std::vector<RowVerdict> recheck_rows(std::span<const FeedRow> rows,
                                               std::chrono::milliseconds timeout) {
    return prove_rows(rows, timeout);
  }
  // The same as prove_rows(), and also compares all that the rows say with what the daemon serves,
  // at a cost that only a few rows a minute may have.
  virtual std::vector<RowVerdict> compare_rows(RowTools& tools, std::span<const FeedRow> rows,
                                               std::chrono::milliseconds timeout) {
    static_cast<void>(tools);
    return prove_rows(rows, timeout);
  }
  // Rows that were applied are served by every daemon; or they are refused, and what the daemon had
  // for them before comes back (with the next reload_rows(), where it needs one).
  virtual Status settle_rows(Files& files, std::span<const FeedRow> rows, bool served) {
    static_cast<void>(files), static_cast<void>(rows), static_cast<void>(served);
    return {};
  }

  // Whether the daemon sees these directory rows; nothing when it reads no directory. Called with
  // the first and the last row of a batch that was applied, so it must be quick.
  virtual std::optional<DirectoryProbe> probe_directory(std::span<const FeedRow> rows) {
    static_cast<void>(rows);
    return std::nullopt;
  }

  // Called between changes, so that the next probe_directory() finds its connection open.
  virtual void warm_up() {}

  // Commands of the control plane that concern this daemon ("queue", "send", "test"); JSON objects
  // in and out (their shapes: docs/pipe.md).
  virtual bool knows(std::string_view verb) const {
    static_cast<void>(verb);
    return false;
  }
  virtual Result<std::string> command(Runner& runner, std::string_view verb,
                                      const std::string& arguments) {
    static_cast<void>(runner), static_cast<void>(arguments);
    return fail(ErrorKind::not_found, "verb_unknown",
                std::string(name()) + " knows no command " + std::string(verb));
  }
};

struct ServiceDescription {
  ServiceName service = ServiceName::apache;
  // In start order; they are stopped in reverse order.
  std::vector<std::unique_ptr<Daemon>> daemons;
  // True when the daemons look rows up by themselves (mail). They start only when all rows are
  // there.
  bool has_directory = false;
  // The group that may read the replica.
  std::string directory_group;
  // The group that may look rows up through the agent.
  std::string lookup_group;
  // The group that keeps the mail, and reports how full mailboxes are.
  std::string mail_group;
};

// The table of services (services.cpp).
ServiceDescription describe_service(ServiceName service);

}  // namespace podplay::daemons
