// The settings mechanism: one row per PODPLAY_ variable. Knows no PodPlay word; the rows are in
// model/settings.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace podplay {

enum class SettingType {
  text,
  boolean,
  integer,
  bytes,
  level,
  host_name,
  domain_name,
  ip_address,
  address_list,
  host_port,
  list,
  choice,
  secret,
  url,
  file
};

struct SettingRow {
  // PODPLAY_...
  std::string_view name;
  SettingType type;
  // empty: none
  std::string_view default_value;
  // "1..65535" for integers, "a|b|c" for choices, "4" or "6" for addresses; empty: any
  std::string_view range;
  // "restart", "live" or "host" (used by `podplay up` only)
  std::string_view applies;
  // a sentence with the unit
  std::string_view help;
};

class Settings {
 public:
  // Reads all `PODPLAY_*` of `environment`. Unknown names and bad values are all reported at once;
  // an unknown name suggests the nearest row.
  static Result<Settings> parse(std::span<const SettingRow> rows,
                                const std::map<std::string, std::string>& environment);

  // the value or its default
  const std::string& text(std::string_view name) const;
  bool boolean(std::string_view name) const;
  // bytes too, "500M" is 524288000
  std::int64_t integer(std::string_view name) const;
  // split at commas and spaces
  std::vector<std::string> list(std::string_view name) const;
  bool is_default(std::string_view name) const;
  std::span<const SettingRow> rows() const { return rows_; }
  // name -> value of everything that differs from its default; secrets left out.
  std::map<std::string, std::string> changed() const;
  // Gives a value that is derived from others to a setting that has none.
  void fill(std::string_view name, std::string value);

 private:
  std::span<const SettingRow> rows_;
  std::map<std::string, std::string, std::less<>> values_;
};

// ERROR WARN INFO DEBUG TRACE, any case.
bool parse_level_name(std::string_view text);
std::map<std::string, std::string> process_environment();
// docs/settings.md
std::string settings_markdown(std::span<const SettingRow> rows);
// "500M" -> 524288000; K, M, G, T are powers of 1024.
Result<std::int64_t> parse_bytes(std::string_view text);
// The nearest of `names` by edit distance, empty when none is near.
std::string nearest_name(std::string_view name, std::span<const std::string_view> names);

}  // namespace podplay
