// The settings mechanism: a table with one row per environment variable, and the values read
// against it. It knows nothing of PodPlay: the table is in model/setting_rows.hpp.
//
// A setting that is named in the code is checked while compiling. settings.text("PODPLAY_DOMIAN")
// does not compile because the table has no such row, and settings.integer("PODPLAY_DOMAIN") does
// not compile because that row is not a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay {

// Letters, digits, dots and hyphens (RFC 1123 section 2.1); one label is enough.
bool is_host_name(std::string_view text);

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
  server_list,
  resolver_list,
  host_port,
  choice,
  secret,
  url,
  file,
  file_name
};

struct SettingRow {
  // The environment variable.
  std::string_view name;
  SettingType type;
  // Empty means none.
  std::string_view default_value = "";
  // "1..65535" for integers, "a|b|c" for choices, "4" or "6" for addresses; empty means any.
  std::string_view range = "";
  // "restart", "live", or "host" for what only the host's commands use.
  std::string_view applies = "restart";
  // One sentence with the unit.
  std::string_view help;
};

struct SettingTable {
  // Every environment variable that starts with this must be a row.
  std::string_view prefix;
  std::span<const SettingRow> rows;
};

// The compiler names this function when a setting's name has no row of the wanted type.
void no_setting_of_this_type_has_this_name();

// The number of a row of kTable whose type is one of kTypes; any type but a secret when kTypes is
// empty. Made from a literal only, and only while compiling.
template <const SettingTable& kTable, SettingType... kTypes>
class SettingName {
 public:
  consteval SettingName(const char* name) : row_(find(name)) {}
  constexpr std::size_t row() const { return row_; }
  constexpr std::string_view text() const { return kTable.rows[row_].name; }

 private:
  static consteval std::size_t find(std::string_view name) {
    for (std::size_t i = 0; i < kTable.rows.size(); ++i) {
      const SettingType type = kTable.rows[i].type;
      const bool wanted =
          sizeof...(kTypes) == 0 ? type != SettingType::secret : ((type == kTypes) || ...);
      if (kTable.rows[i].name == name && wanted) {
        return i;
      }
    }
    no_setting_of_this_type_has_this_name();
    return 0;
  }

  std::size_t row_;
};

// One value per row of a table: given by the environment, or the row's default.
class SettingValues {
 public:
  std::span<const SettingRow> rows() const { return table_->rows; }
  // The row of this name, nullptr when there is none. For names that users write.
  const SettingRow* find(std::string_view name) const;
  // The value of one of rows(), a secret's too.
  const std::string& text(const SettingRow& row) const;
  // The number of one of rows(); 0 when its value is not a number.
  std::int64_t integer(const SettingRow& row) const;

 protected:
  explicit SettingValues(const SettingTable& table);
  // Reads every variable of `environment` that has the table's prefix. All unknown names and bad
  // values are reported at once; an unknown name suggests the nearest row.
  Status read(const std::map<std::string, std::string>& environment);
  const std::string& value(std::size_t row) const { return values_[row]; }
  std::int64_t number(std::size_t row) const;
  Level level_at(std::size_t row) const;
  std::vector<std::string> parts(std::size_t row) const;
  void fill_row(std::size_t row, std::string value);

 private:
  std::size_t number_of(const SettingRow& row) const;

  const SettingTable* table_;
  // One value for each row of the table, in their order.
  std::vector<std::string> values_;
};

// The values of kTable's settings, read by names that the compiler checks.
template <const SettingTable& kTable>
class CheckedSettings : public SettingValues {
 public:
  using Text = SettingName<kTable>;
  using Boolean = SettingName<kTable, SettingType::boolean>;
  using Integer = SettingName<kTable, SettingType::integer, SettingType::bytes>;
  using LogLevel = SettingName<kTable, SettingType::level>;
  using List = SettingName<kTable, SettingType::address_list, SettingType::server_list,
                           SettingType::resolver_list>;
  using Hidden = SettingName<kTable, SettingType::secret>;

  static Result<CheckedSettings> parse(const std::map<std::string, std::string>& environment) {
    CheckedSettings settings;
    TRY(settings.read(environment));
    return settings;
  }

  using SettingValues::integer;
  using SettingValues::text;
  // Every setting but a secret can be read as it was written.
  const std::string& text(Text name) const { return value(name.row()); }
  bool boolean(Boolean name) const { return value(name.row()) == "true"; }
  // Sizes are bytes: "500M" is 524288000. 0 when the setting has no value.
  std::int64_t integer(Integer name) const { return number(name.row()); }
  // INFO when the setting has no value.
  Level level(LogLevel name) const { return level_at(name.row()); }
  // The parts between commas and spaces.
  std::vector<std::string> list(List name) const { return parts(name.row()); }
  Secret secret(Hidden name) const { return Secret(value(name.row())); }

  // Gives a setting that has no value one that follows from other settings.
  void fill(Text name, std::string value) { fill_row(name.row(), std::move(value)); }

 private:
  CheckedSettings() : SettingValues(kTable) {}
};

}  // namespace podplay
