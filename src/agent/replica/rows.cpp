// The rows that daemons are told one by one. A row counts as served only as it was when the daemon
// was asked. Each update names the sequence, so a row that changed meanwhile stays unproven.

#include "agent/replica/replica.hpp"
#include "base/numbers.hpp"
#include "wire/feed.hpp"

namespace podplay::agent {
namespace {

Result<FeedRow> to_row(const Columns& columns) {
  TRY(const auto kind, parse_row_kind(columns[0]));
  FeedRow row;
  row.key = columns[1];
  row.seq = parse_number<std::uint64_t>(columns[2]).value_or(0);
  row.revision = parse_number<std::uint64_t>(columns[3]).value_or(0);
  row.deleted = columns[4] == "1";
  TRY(auto content, wire::content_from_text(kind, columns[5], row.deleted));
  row.content = std::move(content);
  return row;
}

Result<std::vector<FeedRow>> to_rows(const Result<std::vector<Columns>>& table) {
  TRY(table);
  std::vector<FeedRow> rows;
  for (const Columns& columns : *table) {
    TRY(auto row, to_row(columns));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Result<std::vector<FeedRow>> Replica::changed(Revision settled, std::int64_t limit, Rows which) {
  const int challenges = which == Rows::challenges ? 1 : 0;
  return to_rows(statements_[Sql::get_changed].rows(settled, limit, challenges));
}

Result<std::vector<FeedRow>> Replica::unproven(std::int64_t limit, Rows which) {
  const int challenges = which == Rows::challenges ? 1 : 0;
  return to_rows(statements_[Sql::get_unproven].rows(limit, challenges));
}

Result<std::vector<daemons::KeptRow>> Replica::rows(RowKind kind, const std::string& prefix) {
  TRY(const auto table,
      statements_[Sql::get_rows].rows(to_text(kind), prefix, end_of_keys(prefix)));
  std::vector<daemons::KeptRow> kept;
  for (const Columns& columns : table) {
    TRY(auto row, to_row(columns));
    std::optional<RowContent> served;
    if (!columns[6].empty()) {
      TRY(auto content, wire::content_from_text(kind, columns[6]));
      served = std::move(content);
    }
    kept.push_back({.row = std::move(row), .served = std::move(served)});
  }
  return kept;
}

Status Replica::mark_served(const FeedRow& row) {
  const auto kind = to_text(row.kind());
  Status done = database_.execute("BEGIN IMMEDIATE");
  const auto then = [&](Sql sql, const auto&... values) {
    if (done && !statements_[sql].run(values...)) {
      done = database_.error("write");
    }
  };
  then(row.deleted ? Sql::row_gone : Sql::row_served, kind, row.key, row.seq);
  if (row.kind() == RowKind::zone) {
    const std::string first = row.key + " ";
    const std::string end = end_of_keys(first);
    if (row.deleted) {
      then(Sql::drop_rrsets, first, end);
    } else {
      then(Sql::rrsets_served, first, end, row.seq);
      then(Sql::rrsets_gone, first, end, row.seq);
    }
  }
  if (done) {
    done = database_.execute("COMMIT");
  }
  if (!done) {
    database_.roll_back();
  }
  return done;
}

Result<bool> Replica::was_served(const FeedRow& row) {
  TRY(const auto found, statements_[Sql::get_served].row(to_text(row.kind()), row.key));
  return !found.empty() && found[1] == "1";
}

Result<bool> Replica::was_ever_served(const FeedRow& row) {
  TRY(const auto found, statements_[Sql::get_served].row(to_text(row.kind()), row.key));
  return !found.empty() && !found[0].empty();
}

Status Replica::present(const FeedRow& row) {
  Status done = database_.execute("BEGIN IMMEDIATE");
  if (done) {
    done = apply_certificate(row);
  }
  if (done) {
    done = database_.execute("COMMIT");
  }
  if (!done) {
    database_.roll_back();
  }
  return done;
}

Status Replica::present_served(const FeedRow& row) {
  TRY(const auto found, statements_[Sql::get_served].row(to_text(row.kind()), row.key));
  FeedRow before = row;
  before.content = CertificateRow{};
  if (!found.empty() && !found[0].empty()) {
    TRY(auto content, wire::content_from_text(row.kind(), found[0]));
    before.content = std::move(content);
  }
  return present(before);
}

Status Replica::set_aside(const FeedRow& row, const std::string& daemon,
                          const std::string& reason) {
  if (!statements_[Sql::row_set_aside].run(to_text(row.kind()), row.key, row.seq, daemon, reason)) {
    return database_.error("write");
  }
  return {};
}

Status Replica::retry_set_aside() {
  return database_.execute("UPDATE rows SET reason = '' WHERE reason <> ''");
}

Result<std::vector<SetAsideRow>> Replica::set_aside_rows(std::int64_t limit) {
  TRY(const auto table, statements_[Sql::get_set_aside].rows(limit));
  std::vector<SetAsideRow> rows;
  for (const Columns& columns : table) {
    TRY(const auto kind, parse_row_kind(columns[0]));
    rows.push_back({.kind = kind,
                    .key = columns[1],
                    .revision = parse_number<std::uint64_t>(columns[2]).value_or(0),
                    .daemon = columns[3],
                    .message = columns[4]});
  }
  return rows;
}

Result<std::uint64_t> Replica::count_set_aside() {
  TRY(const auto row, statements_[Sql::count_set_aside].row());
  return parse_number<std::uint64_t>(row.front()).value_or(0);
}

Status Replica::begin_checking() { return database_.execute("UPDATE rows SET proven = 0"); }

Status Replica::doubt(const FeedRow& row) {
  if (!statements_[Sql::row_doubted].run(to_text(row.kind()), row.key, row.seq)) {
    return database_.error("write");
  }
  return {};
}

Result<std::vector<FeedRow>> Replica::some_rows(RowKind kind, const std::string& after,
                                                std::int64_t limit) {
  return to_rows(statements_[Sql::get_some].rows(to_text(kind), after, limit));
}

}  // namespace podplay::agent
