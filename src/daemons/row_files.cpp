// What was replaced is written before what replaces it, so it is there whenever a crash comes. A
// row that is told again before it was settled does not replace it: that text was never seen to
// work.
#include "daemons/row_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace podplay::daemons {
namespace {

constexpr const char* kBefore = ".before";

RowVerdict file_later(const Error& error) {
  return {.state = RowState::later, .words = describe(error)};
}

}  // namespace

RowFiles::RowFiles(std::string folder, std::string scratch, Check check)
    : folder_(std::move(folder)), scratch_(std::move(scratch)), check_(std::move(check)) {}

std::string RowFiles::full(const std::string& path) const {
  return fmt::format("{}/{}", folder_, path);
}

bool RowFiles::holds(Files& files, const RowCandidate& candidate) const {
  return std::ranges::all_of(candidate.files, [&](const RowFile& file) {
    return files.read(full(file.path)).value_or("") == file.text;
  });
}

void RowFiles::put(RowTools& tools, std::span<const RowCandidate> candidates,
                   std::vector<RowVerdict>& verdicts) {
  if (candidates.empty()) {
    return;
  }
  const auto words = check(tools, candidates);
  if (words && words->empty()) {
    for (const RowCandidate& candidate : candidates) {
      const Status done = put_one(tools.files, candidate);
      verdicts[candidate.index] = done ? RowVerdict{} : file_later(done.error());
    }
    return;
  }
  if (!words || candidates.size() == 1) {
    for (const RowCandidate& candidate : candidates) {
      verdicts[candidate.index] = words ? RowVerdict{.state = RowState::refused, .words = *words}
                                        : file_later(words.error());
    }
    return;
  }
  // The half with the fault is halved again, and the other half is accepted.
  const std::size_t half = candidates.size() / 2;
  put(tools, candidates.first(half), verdicts);
  put(tools, candidates.subspan(half), verdicts);
}

Result<std::string> RowFiles::check(RowTools& tools,
                                    std::span<const RowCandidate> candidates) const {
  TRY(tools.files.remove_tree(scratch_));
  TRY(tools.files.make_dirs(scratch_, 0700));
  for (const RowCandidate& candidate : candidates) {
    for (const RowFile& file : candidate.files) {
      if (file.text.empty()) {
        continue;
      }
      const std::filesystem::path path = fmt::format("{}/{}", scratch_, file.path);
      TRY(tools.files.make_dirs(path.parent_path().string(), 0700));
      TRY(tools.files.write_new(path.string(), file.text));
    }
  }
  auto words = check_(tools, scratch_);
  TRY(tools.files.remove_tree(scratch_));
  return words;
}

Status RowFiles::put_one(Files& files, const RowCandidate& candidate) {
  for (const RowFile& file : candidate.files) {
    TRY(write(files, file));
  }
  return {};
}

Status RowFiles::write(Files& files, const RowFile& file) {
  const std::string path = full(file.path);
  const std::string present = files.read(path).value_or("");
  if (present == file.text) {
    return {};
  }
  if (!files.exists(path + kBefore)) {
    if (Status kept = files.write_new(path + kBefore, present); !kept) {
      // A part of it must not come back.
      static_cast<void>(files.remove_tree(path + kBefore));
      return kept;
    }
  }
  TRY(file.text.empty() ? files.remove_tree(path) : files.write_atomic(path, file.text, 0644));
  wait_ = true;
  return {};
}

Status RowFiles::drop(Files& files, std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    TRY(files.remove_tree(full(path) + kBefore));
    if (files.exists(full(path))) {
      TRY(files.remove_tree(full(path)));
      wait_ = true;
    }
  }
  return {};
}

Status RowFiles::settle(Files& files, std::span<const std::string> paths, bool served) {
  for (const std::string& path : paths) {
    if (!files.exists(full(path) + kBefore)) {
      continue;
    }
    if (!served) {
      TRY(bring_back(files, full(path)));
    }
    TRY(files.remove_tree(full(path) + kBefore));
  }
  return {};
}

Status RowFiles::bring_back(Files& files, const std::string& path) {
  TRY(const auto before, files.read(path + kBefore));
  wait_ = true;
  return before.empty() ? files.remove_tree(path) : files.write_atomic(path, before, 0644);
}

}  // namespace podplay::daemons
