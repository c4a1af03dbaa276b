// Reads environment variables against their table. A value that passed read() is what its row's
// type promises, so the accessors cannot fail.
#include "base/settings.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/nearest.hpp"
#include "base/numbers.hpp"

namespace podplay {

bool is_host_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(kAllowed) == text.npos &&
         text.find("..") == text.npos && text.front() != '.' && text.front() != '-' &&
         text.back() != '.' && text.back() != '-';
}

namespace {

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(at);
    if (end != 0) {
      parts.push_back(text.substr(0, end));
    }
    if (end == text.npos) {
      break;
    }
    text.remove_prefix(end + 1);
  }
  return parts;
}

// inet_pton(3) alone decides; "4" and "6" ask for one family.
bool is_address(std::string_view text, std::string_view family) {
  const std::string address(text);
  std::array<unsigned char, 16> octets{};
  const bool four = family != "6" && ::inet_pton(AF_INET, address.c_str(), octets.data()) == 1;
  return four || (family != "4" && ::inet_pton(AF_INET6, address.c_str(), octets.data()) == 1);
}

// "address" or "name=address".
bool is_server(std::string_view text) {
  const std::size_t sign = text.find('=');
  return sign == text.npos
             ? is_address(text, "")
             : is_host_name(text.substr(0, sign)) && text.substr(0, sign).find('.') != text.npos &&
                   is_address(text.substr(sign + 1), "");
}

// "address", "address:port", "[address]:port"; an IPv6 address with a port stands in brackets.
bool is_resolver(std::string_view text) {
  if (is_address(text, "")) {
    return true;
  }
  const bool six = text.starts_with('[');
  const std::size_t colon = text.find(six ? "]:" : ":");
  if (colon == text.npos) {
    return false;
  }
  const std::string_view address = six ? text.substr(1, colon - 1) : text.substr(0, colon);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + (six ? 2 : 1)));
  return is_address(address, six ? "6" : "4") && port && *port > 0;
}

// "host", "host:port", "[host]:port"; an IPv6 address stands in brackets.
bool is_host_port(std::string_view text) {
  std::string_view host = text;
  std::string_view port = "25";
  const std::size_t colon = text.starts_with('[') ? text.find("]:") : text.find(':');
  if (colon != text.npos) {
    port = text.substr(text.find(':', colon) + 1);
    host = text.substr(0, text.starts_with('[') ? colon + 1 : colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto number = parse_number<std::int64_t>(port);
  return (is_host_name(host) || is_address(host, "")) && number && *number >= 1 && *number <= 65535;
}

bool in_range(std::int64_t value, std::string_view range) {
  if (range.empty()) {
    return true;
  }
  const std::size_t dots = range.find("..");
  return value >= parse_number<std::int64_t>(range.substr(0, dots)).value_or(INT64_MIN) &&
         value <= parse_number<std::int64_t>(range.substr(dots + 2)).value_or(INT64_MAX);
}

// Says what is wrong with a value; empty when it is right.
std::string complaint(const SettingRow& row, std::string_view value) {
  if (value.find_first_of("\r\n") != value.npos) {
    return "must be one line";
  }
  switch (row.type) {
    case SettingType::boolean:
      return value == "true" || value == "false" ? "" : "must be true or false";
    case SettingType::integer: {
      const auto number = parse_number<std::int64_t>(value);
      return number && in_range(*number, row.range)
                 ? ""
                 : fmt::format("must be a whole number in {}", row.range);
    }
    case SettingType::bytes:
      return parse_bytes(value) ? "" : "must be a number of bytes such as 500M or 2G";
    case SettingType::level:
      return parse_level(value) ? "" : "must be one of ERROR WARN INFO DEBUG TRACE";
    case SettingType::choice: {
      const auto choices = split(row.range, "|");
      return std::ranges::find(choices, value) != choices.end()
                 ? ""
                 : fmt::format("must be one of {}", row.range);
    }
    case SettingType::host_name: return is_host_name(value) ? "" : "must be a host name";
    case SettingType::domain_name:
      return is_host_name(value) && value.find('.') != value.npos
                 ? ""
                 : "must be a domain name such as example.com";
    case SettingType::ip_address:
      if (is_address(value, row.range)) {
        return {};
      }
      // "IP", "IPv4" or "IPv6".
      return fmt::format("must be an IP{}{} address", row.range.empty() ? "" : "v", row.range);
    case SettingType::address_list: {
      const auto addresses = split(value, ", ");
      return std::ranges::all_of(addresses,
                                 [](std::string_view one) { return is_address(one, ""); })
                 ? ""
                 : "must be IP addresses, separated by commas";
    }
    case SettingType::server_list:
      return std::ranges::all_of(split(value, ", "), is_server)
                 ? ""
                 : "must be NAME=ADDRESS or ADDRESS, separated by commas";
    case SettingType::resolver_list:
      return std::ranges::all_of(split(value, ", "), is_resolver)
                 ? ""
                 : "must be ADDRESS or ADDRESS:PORT, separated by commas";
    case SettingType::file_name:
      return value.find('/') == value.npos && !value.starts_with('.')
                 ? ""
                 : "must be the name of a file, without a folder";
    case SettingType::host_port: return is_host_port(value) ? "" : "must be host:port";
    default: return {};
  }
}

Fault unknown_setting(const std::string& name, std::span<const SettingRow> rows) {
  std::vector<std::string_view> names;
  for (const SettingRow& row : rows) {
    names.push_back(row.name);
  }
  const std::string near = nearest_name(name, names);
  return {.field = name,
          .code = "unknown_setting",
          .message = fmt::format("there is no setting {}", name),
          .remedy = near.empty() ? "docs/settings.md lists the settings"
                                 : fmt::format("did you mean {}?", near)};
}

}  // namespace

SettingValues::SettingValues(const SettingTable& table) : table_(&table) {
  for (const SettingRow& row : table.rows) {
    values_.emplace_back(row.default_value);
  }
}

const SettingRow* SettingValues::find(std::string_view name) const {
  const auto row = std::ranges::find(rows(), name, &SettingRow::name);
  return row == rows().end() ? nullptr : &*row;
}

Status SettingValues::read(const std::map<std::string, std::string>& environment) {
  std::vector<Fault> faults;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(table_->prefix)) {
      continue;
    }
    const SettingRow* row = find(name);
    if (row == nullptr) {
      faults.push_back(unknown_setting(name, rows()));
      continue;
    }
    // An empty value counts as no value, because Kubernetes and shells cannot leave a variable out
    // everywhere.
    if (value.empty()) {
      continue;
    }
    const std::string wrong = complaint(*row, value);
    if (!wrong.empty()) {
      const bool secret = row->type == SettingType::secret;
      faults.push_back(
          {.field = name,
           .code = "bad_value",
           .message = fmt::format("{}={} {}", name, secret ? "(hidden)" : value, wrong),
           .remedy = std::string(row->help)});
    }
    std::string& kept = values_[number_of(*row)] = value;
    // Any case is understood, and templates compare with capitals.
    if (row->type == SettingType::level) {
      std::ranges::transform(kept, kept.begin(), [](char c) {
        return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      });
    }
  }
  return no_faults(std::move(faults));
}

std::size_t SettingValues::number_of(const SettingRow& row) const {
  return static_cast<std::size_t>(&row - table_->rows.data());
}

const std::string& SettingValues::text(const SettingRow& row) const {
  return values_[number_of(row)];
}
std::int64_t SettingValues::integer(const SettingRow& row) const { return number(number_of(row)); }

std::int64_t SettingValues::number(std::size_t row) const {
  if (rows()[row].type == SettingType::bytes) {
    return parse_bytes(values_[row]).value_or(0);
  }
  return parse_number<std::int64_t>(values_[row]).value_or(0);
}

Level SettingValues::level_at(std::size_t row) const {
  return parse_level(values_[row]).value_or(Level::info);
}

std::vector<std::string> SettingValues::parts(std::size_t row) const {
  const auto found = split(values_[row], ", ");
  return {found.begin(), found.end()};
}

void SettingValues::fill_row(std::size_t row, std::string value) {
  if (values_[row].empty()) {
    values_[row] = std::move(value);
  }
}

}  // namespace podplay
