// Makes tables and objects. Widths are counted in bytes, since nearly everything here is ASCII.
#include "cli/show/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace podplay::cli {

std::string size_text(std::int64_t bytes) {
  if (bytes == 0) {
    return "unlimited";
  }
  constexpr std::string_view kUnits[] = {"B", "K", "M", "G", "T"};
  std::size_t unit = 0;
  auto value = static_cast<double>(bytes);
  for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) {
    value /= 1024;
  }
  const auto whole = static_cast<std::int64_t>(value);
  if (value == static_cast<double>(whole)) {
    return fmt::format("{}{}", whole, kUnits[unit]);
  }
  return fmt::format("{:.1f}{}", value, kUnits[unit]);
}

namespace {

std::string cell(std::string_view column, const Json& value) {
  if (value.is_null()) {
    return "";
  }
  if (column == "quota" && value.is_number_integer()) {
    return size_text(value.get<std::int64_t>());
  }
  if (value.is_boolean()) {
    return value.get<bool>() ? "yes" : "no";
  }
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    // 2026-01-31T12:00:00.123Z; seconds are enough here.
    if (text.size() == 24 && text[10] == 'T' && text.back() == 'Z') {
      return text.substr(0, 10) + " " + text.substr(11, 8);
    }
    return text;
  }
  if (value.is_array()) {
    std::string text;
    for (const Json& element : value) {
      text += (text.empty() ? "" : ", ") + cell("", element);
    }
    return text;
  }
  return value.dump();
}

}  // namespace

std::string member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? std::string() : cell(name, *found);
}

std::string table(const Json& items, std::span<const std::string_view> columns) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> head;
  for (const auto column : columns) {
    std::string name(column);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    });
    head.push_back(std::move(name));
  }
  rows.push_back(std::move(head));
  for (const Json& item : items) {
    std::vector<std::string> row;
    for (const auto column : columns) {
      row.push_back(item.contains(column) ? cell(column, item[std::string(column)]) : "");
    }
    rows.push_back(std::move(row));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

namespace {

// Shows objects within an object as a table of all their members.
std::string indented_table(const Json& items) {
  std::vector<std::string_view> columns;
  for (const auto& [name, value] : items.front().items()) {
    columns.push_back(name);
  }
  std::string text;
  for (const char c : table(items, columns)) {
    text += text.empty() || text.back() == '\n' ? std::string("  ") + c : std::string(1, c);
  }
  return text;
}

}  // namespace

std::string object_lines(const Json& object) {
  std::size_t width = 0;
  for (const auto& [name, value] : object.items()) {
    width = std::max(width, name.size());
  }
  std::string text;
  for (const auto& [name, value] : object.items()) {
    const bool rows = value.is_array() && !value.empty() && value.front().is_object();
    text += rows ? fmt::format("{}:\n{}", name, indented_table(value))
                 : fmt::format("{:<{}}  {}\n", name, width, cell(name, value));
  }
  return text;
}

}  // namespace podplay::cli
