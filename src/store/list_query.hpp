// One SELECT of a list with the conditions and the page that a request asks for. Internal to store:
// names of columns come from this module, and values are always bound.
#pragma once

#include <soci/soci.h>

#include <deque>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace podplay::store {

class ListQuery {
 public:
  // "SELECT id FROM users"
  ListQuery(Session& session, std::string select);

  // Conditions, which hold together.
  void is(std::string_view column, std::string value);
  void is(std::string_view column, std::int64_t value);
  void is_one_of(std::string_view column, const std::vector<std::string>& values);
  void is_at_least(std::string_view column, std::int64_t value);
  void is_below(std::string_view column, std::int64_t value);
  // One of the columns has the text, in any case. No index helps here.
  void has_text(std::initializer_list<std::string_view> columns, const std::string& text);
  // The page goes on after the row with this value.
  void goes_on_after(std::string_view column, std::string value, bool descending);
  void goes_on_after(std::string_view column, std::int64_t value, bool descending);

  // Gives each row to `take`. Once.
  void run(std::string_view order, bool descending, std::int64_t limit,
           const std::function<void(const soci::row&)>& take);

 private:
  // The name under which the value is bound.
  std::string bind(std::string value);
  std::string bind(std::int64_t value);
  void add(const std::string& condition);

  Session& session_;
  std::string sql_;
  soci::statement statement_;
  bool has_condition_ = false;
  int bound_ = 0;
  // The statement refers to them.
  std::deque<std::string> texts_;
  std::deque<long long> numbers_;
};

}  // namespace podplay::store
