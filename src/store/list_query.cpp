// The statement's text grows with each condition; its values stay where they are until it has run.
#include "store/list_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "store/connection.hpp"

namespace podplay::store {
namespace {

// `text` in lower case, with nothing in it that LIKE would read. A backslash means different things
// to SQLite and PostgreSQL, so the statement says ESCAPE '!'.
std::string part_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '!') {
      pattern += '!';
    }
    pattern += lower(c);
  }
  return pattern + "%";
}

}  // namespace

ListQuery::ListQuery(Session& session, std::string select)
    : session_(session), sql_(std::move(select)), statement_(sql_of(session)) {}

std::string ListQuery::bind(std::string value) {
  std::string name = fmt::format("v{}", ++bound_);
  texts_.push_back(std::move(value));
  statement_.exchange(soci::use(texts_.back(), name));
  return ":" + name;
}

std::string ListQuery::bind(std::int64_t value) {
  std::string name = fmt::format("v{}", ++bound_);
  numbers_.push_back(value);
  statement_.exchange(soci::use(numbers_.back(), name));
  return ":" + name;
}

void ListQuery::add(const std::string& condition) {
  sql_ += (has_condition_ ? " AND " : " WHERE ") + condition;
  has_condition_ = true;
}

void ListQuery::is(std::string_view column, std::string value) {
  add(fmt::format("{} = {}", column, bind(std::move(value))));
}

void ListQuery::is(std::string_view column, std::int64_t value) {
  add(fmt::format("{} = {}", column, bind(value)));
}

void ListQuery::is_one_of(std::string_view column, const std::vector<std::string>& values) {
  std::vector<std::string> names;
  for (const std::string& value : values) {
    names.push_back(bind(value));
  }
  // An empty list is no list in SQL.
  add(names.empty() ? "1 = 0" : fmt::format("{} IN ({})", column, fmt::join(names, ", ")));
}

void ListQuery::is_at_least(std::string_view column, std::int64_t value) {
  add(fmt::format("{} >= {}", column, bind(value)));
}

void ListQuery::is_below(std::string_view column, std::int64_t value) {
  add(fmt::format("{} < {}", column, bind(value)));
}

void ListQuery::has_text(std::initializer_list<std::string_view> columns, const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string_view column : columns) {
    parts.push_back(fmt::format("LOWER({}) LIKE {} ESCAPE '!'", column, bind(part_pattern(text))));
  }
  add(fmt::format("({})", fmt::join(parts, " OR ")));
}

void ListQuery::goes_on_after(std::string_view column, std::string value, bool descending) {
  add(fmt::format("{} {} {}", column, descending ? "<" : ">", bind(std::move(value))));
}

void ListQuery::goes_on_after(std::string_view column, std::int64_t value, bool descending) {
  add(fmt::format("{} {} {}", column, descending ? "<" : ">", bind(value)));
}

void ListQuery::run(std::string_view order, bool descending, std::int64_t limit,
                    const std::function<void(const soci::row&)>& take) {
  sql_ += fmt::format(" ORDER BY {} {} LIMIT {}", order, descending ? "DESC" : "ASC", bind(limit));
  soci::row row;
  statement_.exchange(soci::into(row));
  statement_.alloc();
  statement_.prepare(sql_);
  statement_.define_and_bind();
  for (bool more = statement_.execute(true); more; more = statement_.fetch()) {
    take(row);
  }
}

}  // namespace podplay::store
