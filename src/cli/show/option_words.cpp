// The table of commands knows both names, those of the API and those of the command line.
#include "cli/show/option_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace podplay::cli {
namespace {

constexpr OptionRow kGlobals[] = {
    {.flag = "--dry-run", .place = Place::query, .name = "dry_run"},
    {.flag = "--wait", .place = Place::query, .name = "wait"},
};

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The option that gives the field, such as "--enable or --disable"; empty when there is none.
std::string flags_of(const CommandRow& row, std::string_view field) {
  std::vector<std::string_view> flags;
  const auto add = [&](const OptionRow& option) {
    if (option.name == field && option.flag.starts_with("--")) {
      flags.push_back(option.flag);
    }
  };
  std::ranges::for_each(row.options, add);
  std::ranges::for_each(kGlobals, add);
  return fmt::format("{}", fmt::join(flags, " or "));
}

// Every `from` that is no part of a longer word becomes `to`.
std::string replace_words(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (std::size_t at = 0; (at = text.find(from)) != text.npos;) {
    const bool begins = at == 0 || !is_word_character(text[at - 1]);
    const std::size_t end = at + from.size();
    const bool ends = end == text.size() || (!is_word_character(text[end]) && text[end] != '/');
    result += text.substr(0, at);
    result += begins && ends ? to : from;
    text.remove_prefix(end);
  }
  return result + std::string(text);
}

// "GET /api/system/logs shows ..." is "`podplay logs` shows ...".
std::string with_commands(std::string text) {
  for (const CommandRow& row : commands()) {
    if (!row.path.empty()) {
      text = replace_words(text, fmt::format("{} {}", row.method, row.path),
                           fmt::format("`podplay {}`", command_words(row)));
    }
  }
  return text;
}

// The text with the option for the field that it begins with. A field with an underscore is no
// English word, so it is replaced wherever it stands.
std::string with_flag(const std::string& text, const std::string& field, const std::string& flag) {
  if (field.find('_') != field.npos) {
    return replace_words(text, field, flag);
  }
  const bool names_it = text.starts_with(field) && text.size() > field.size() &&
                        !is_word_character(text[field.size()]);
  return names_it ? flag + text.substr(field.size()) : text;
}

std::string sentence_of(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) {
    text += (text.empty() ? "" : "; ") + fault.message;
  }
  return text;
}

// What the command can change, for a request that changes nothing.
std::string all_flags(const CommandRow& row) {
  std::vector<std::string_view> flags;
  for (const OptionRow& option : row.options) {
    if (option.place == Place::body) {
      flags.push_back(option.flag);
    }
  }
  return fmt::format("give {}{}", flags.size() > 1 ? "at least one of " : "",
                     fmt::join(flags, ", "));
}

}  // namespace

Error in_option_words(Error error, const CommandRow& row) {
  // The API makes message and remedy of the faults; what it says more is kept.
  const bool alone = error.faults.size() == 1;
  const bool message_of_faults = error.message == sentence_of(error.faults);
  const bool remedy_of_fault = alone && error.remedy == error.faults.front().remedy;
  for (Fault& fault : error.faults) {
    const std::string flag = flags_of(row, fault.field);
    if (fault.code == "nothing_to_change") {
      fault.remedy = all_flags(row);
    } else if (!flag.empty()) {
      fault.message = with_flag(fault.message, fault.field, flag);
      fault.remedy = with_flag(fault.remedy, fault.field, flag);
      // describe() names the fields only when there are several.
      if (alone && !fault.message.starts_with(flag)) {
        fault.message = flag + ": " + fault.message;
      }
      fault.field = flag;
    }
    fault.message = with_commands(fault.message);
    fault.remedy = with_commands(fault.remedy);
  }
  error.message = message_of_faults ? sentence_of(error.faults) : with_commands(error.message);
  error.remedy = remedy_of_fault ? error.faults.front().remedy : with_commands(error.remedy);
  return error;
}

}  // namespace podplay::cli
