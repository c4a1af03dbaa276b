// doveadm runs as the mailbox's user, so root moves nothing inside a mailbox. It keeps flags, dates
// and GUIDs, and links files instead of copying them. Two defects of doveadm 2.4.1 are avoided: an
// import into a mailbox that gets full ends in a panic after a part of the messages, and a missing
// source is created.
#include "daemons/restore_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/lines.hpp"
#include "base/numbers.hpp"
#include "daemons/mailbox_argument.hpp"

namespace podplay::daemons {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr const char* kDoveadm = "/usr/bin/doveadm";
// As in dovecot.conf, whose settings doveadm does not apply to the source: it would leave out
// folders whose names have dots.
constexpr const char* kEscape = "mailbox_list_storage_escape_char=\x7f";
constexpr const char* kSeparator = "namespace_separator=/";
// Enough for 100,000 messages on a slow disk.
constexpr std::chrono::minutes kImportDeadline{10};

std::vector<std::string> fields(std::string_view line) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t tab = line.find('\t');
    parts.emplace_back(line.substr(0, tab));
    if (tab == line.npos) {
      return parts;
    }
    line.remove_prefix(tab + 1);
  }
}

// `user` names the mailbox to doveadm.
Result<std::int64_t> count_messages(Runner& runner, const std::string& mailbox,
                                    const MailboxArgument& user) {
  TRY(const auto outcome, run_or_fail(runner, {{kDoveadm, "-f", "tab", "mailbox", "status", "-F",
                                                user.path(), "-t", "messages", "*"}}));
  const auto lines = lines_of(outcome.out);
  const auto count =
      lines.empty() ? std::nullopt : parse_number<std::int64_t>(fields(lines.back()).back());
  if (!count) {
    return fail(
        ErrorKind::io, "doveadm",
        fmt::format("doveadm does not count the messages of {}: {}", mailbox, outcome.words()));
  }
  return *count;
}

// The size of the messages only; the other files are Dovecot's own.
std::int64_t message_bytes(const std::string& path) {
  std::int64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    const std::string parent = at->path().parent_path().filename().string();
    std::error_code unknown;
    if ((parent == "cur" || parent == "new") &&
        at->symlink_status(unknown).type() == fs::file_type::regular) {
      const auto size = at->file_size(unknown);
      sum += unknown ? 0 : static_cast<std::int64_t>(size);
    }
  }
  return sum;
}

// Reads lines like "a@x.test storage STORAGE 12 102400 0", in kibibytes; "-" means that there is no
// limit.
Status check_quota(Runner& runner, const std::string& mailbox, const MailboxArgument& user,
                   std::int64_t more) {
  TRY(const auto outcome,
      run_or_fail(runner, {{kDoveadm, "-f", "tab", "quota", "get", "-F", user.path()}}));
  for (const std::string_view line : lines_of(outcome.out)) {
    const auto parts = fields(line);
    const auto type = std::ranges::find(parts, "STORAGE");
    if (parts.end() - type < 3) {
      continue;
    }
    const auto used = parse_number<std::int64_t>(*(type + 1));
    const auto limit = parse_number<std::int64_t>(*(type + 2));
    if (used && limit && *used * 1024 + more > *limit * 1024) {
      return fail(
          ErrorKind::refused, "quota_exceeded",
          fmt::format("{} holds {} KiB of {} KiB, and the mail to restore has {} KiB", mailbox,
                      *used, *limit, (more + 1023) / 1024),
          fmt::format("give the mailbox more room: podplay users update {} --quota SIZE", mailbox));
    }
  }
  return {};
}

// "Restored/2026-11-25", or the same with a number behind it when that folder exists.
Result<std::string> free_folder(Runner& runner, const MailboxArgument& user,
                                const std::string& date) {
  TRY(const auto outcome, run_or_fail(runner, {{kDoveadm, "-f", "tab", "mailbox", "list", "-F",
                                                user.path(), "Restored/*"}}));
  std::vector<std::string> names;
  for (const std::string_view line : lines_of(outcome.out)) {
    names.push_back(fields(line).back());
  }
  const auto is_there = [&](const std::string& wanted) {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return name == wanted || name.starts_with(wanted + "/");
    });
  };
  std::string wanted = "Restored/" + date;
  for (int i = 2; is_there(wanted); ++i) {
    wanted = fmt::format("Restored/{} {}", date, i);
  }
  return wanted;
}

}  // namespace

Result<Json> restore_mail(Runner& runner, const DeletedFolders& folders,
                          const DeletedFolder& folder, const Json& arguments) {
  const std::string mailbox = arguments.value("mailbox", "");
  const std::string date = arguments.value("date", "");
  if (date.find_first_not_of("0123456789-") != date.npos || date.empty()) {
    return fail(ErrorKind::invalid, "bad_message", "restoring mail needs a mailbox and a date");
  }
  TRY(const auto user, MailboxArgument::make(mailbox));
  const std::string source = folders.path_of(folder) + "/mail";
  std::error_code error;
  if (fs::symlink_status(source, error).type() != fs::file_type::directory) {
    // The mailbox never got a message.
    TRY(folders.erase(folder));
    return Json{{"into", ""}, {"messages", 0}};
  }
  TRY(check_quota(runner, mailbox, user, message_bytes(source)));
  TRY(const auto before, count_messages(runner, mailbox, user));
  std::string into;
  if (before > 0) {
    TRY(auto wanted, free_folder(runner, user, date));
    into = std::move(wanted);
  }
  // -s subscribes the folders, so that mail programs show them.
  TRY(run_or_fail(runner, {.argv = {kDoveadm, "import", "-F", user.path(), "-s", "-p", kEscape,
                                    "-p", kSeparator, "maildir:" + source, into, "all"},
                           .deadline = kImportDeadline}));
  TRY(const auto after, count_messages(runner, mailbox, user));
  TRY(folders.erase(folder));
  return Json{{"into", into}, {"messages", after - before}};
}

}  // namespace podplay::daemons
