// Rows go to every daemon that takes their kind. Only one thread at a time uses the daemons, so
// every function here holds the same lock as a release.
#include <fmt/format.h>

#include <algorithm>

#include "agent/pipe/stages.hpp"

namespace podplay::agent {
namespace {

using daemons::Daemon;
using daemons::RowState;
using daemons::RowVerdict;

// The rows that the daemon takes, and their places in the whole list.
struct Share {
  std::vector<FeedRow> rows;
  std::vector<std::size_t> places;
};

Share share_of(const Daemon& daemon, const std::vector<FeedRow>& rows) {
  Share share;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (daemon.takes(rows[i].kind())) {
      share.rows.push_back(rows[i]);
      share.places.push_back(i);
    }
  }
  return share;
}

void merge(const Daemon& daemon, const Share& share, const std::vector<RowVerdict>& verdicts,
           std::vector<Stages::RowResult>& results) {
  for (std::size_t i = 0; i < verdicts.size() && i < share.places.size(); ++i) {
    Stages::RowResult& result = results[share.places[i]];
    if (result.verdict.state == RowState::done && verdicts[i].state != RowState::done) {
      result = {.verdict = verdicts[i], .daemon = std::string(daemon.name())};
    }
  }
}

// Until the daemon has read the rows, its answers are those of before.
std::vector<RowVerdict> judged(Daemon& daemon, std::vector<RowVerdict> verdicts) {
  if (std::ranges::any_of(verdicts, &RowVerdict::answered) && daemon.reads_rows()) {
    for (RowVerdict& verdict : verdicts) {
      verdict.answered = false;
    }
  }
  return verdicts;
}

// The answer about all rows when none could be asked about.
std::vector<Stages::RowResult> not_now(const Error& error, std::size_t count) {
  return {count, {.verdict = {.state = RowState::later, .words = describe(error)}, .daemon = ""}};
}

}  // namespace

// Calls ask(daemon, rows) for each daemon that takes some of the rows.
template <class Ask>
std::vector<Stages::RowResult> Stages::ask_daemons(const std::vector<FeedRow>& rows, Ask ask) {
  std::vector<RowResult> results(rows.size());
  for (Daemon* daemon : all()) {
    const Share share = share_of(*daemon, rows);
    if (!share.rows.empty()) {
      merge(*daemon, share, ask(*daemon, share.rows), results);
    }
  }
  return results;
}

// The templates are read again each time: an operator may have fixed an override.
Result<daemons::RowTools> Stages::row_tools(daemons::RowSource& source) {
  TRY(row_templates_, parts_.candidates.load_templates());
  return daemons::RowTools{.runner = parts_.runner,
                           .files = parts_.row_files == nullptr ? parts_.files : *parts_.row_files,
                           .templates = row_templates_,
                           .source = source};
}

std::vector<Stages::RowResult> Stages::apply_rows(const std::vector<FeedRow>& rows,
                                                  daemons::RowSource& source) {
  const std::scoped_lock lock(mutex_);
  auto tools = row_tools(source);
  if (!tools) {
    return not_now(tools.error(), rows.size());
  }
  return ask_daemons(rows, [&](Daemon& daemon, const std::vector<FeedRow>& share) {
    return daemon.apply_rows(*tools, share);
  });
}

std::vector<Stages::RowResult> Stages::prove_rows(const std::vector<FeedRow>& rows) {
  const std::scoped_lock lock(mutex_);
  return ask_daemons(rows, [&](Daemon& daemon, const std::vector<FeedRow>& share) {
    return judged(daemon, daemon.prove_rows(share, options_.probe_timeout));
  });
}

std::vector<Stages::RowResult> Stages::recheck_rows(const std::vector<FeedRow>& rows) {
  const std::scoped_lock lock(mutex_);
  return ask_daemons(rows, [&](Daemon& daemon, const std::vector<FeedRow>& share) {
    return judged(daemon, daemon.recheck_rows(share, options_.probe_timeout));
  });
}

Status Stages::settle_rows(const std::vector<FeedRow>& rows, bool served) {
  const std::scoped_lock lock(mutex_);
  for (Daemon* daemon : all()) {
    const Share share = share_of(*daemon, rows);
    if (!share.rows.empty()) {
      TRY(daemon->settle_rows(parts_.files, share.rows, served));
    }
  }
  return {};
}

std::vector<Stages::RowResult> Stages::compare_rows(const std::vector<FeedRow>& rows,
                                                    daemons::RowSource& source) {
  const std::scoped_lock lock(mutex_);
  auto tools = row_tools(source);
  if (!tools) {
    return not_now(tools.error(), rows.size());
  }
  return ask_daemons(rows, [&](Daemon& daemon, const std::vector<FeedRow>& share) {
    return daemon.compare_rows(*tools, share, options_.probe_timeout);
  });
}

bool Stages::rows_wait() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(parts_.service.daemons,
                             [](const auto& daemon) { return daemon->rows_wait(); });
}

bool Stages::reads_rows() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(parts_.service.daemons,
                             [](const auto& daemon) { return daemon->reads_rows(); });
}

Status Stages::reload_rows() {
  const std::scoped_lock lock(mutex_);
  for (Daemon* daemon : all()) {
    // One that is down reads the rows when it starts; its reload comes once it runs.
    if (daemon->rows_wait() && prover_.status_of(std::string(daemon->name())).pid != 0) {
      TRY(daemon->reload_rows(parts_.runner));
    }
  }
  return {};
}

}  // namespace podplay::agent
