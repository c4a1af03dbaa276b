// A dry run and the stages render and check are the same code, so that a dry run says what the
// stages will say.
#include "agent/pipe/candidates.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace podplay::agent {

Candidates::Candidates(Parts parts, CandidateOptions options)
    : parts_(parts), options_(std::move(options)) {}

Result<daemons::TemplateSet> Candidates::load_templates() const {
  return daemons::TemplateSet::load(parts_.files, options_.templates, options_.overrides);
}

std::expected<std::vector<ReleaseFile>, Failure> Candidates::render(
    const Snapshot& snapshot) const {
  const auto failed = [](std::string_view daemon, const Error& error) {
    return std::unexpected(
        Failure{.stage = Stage::render, .daemon = std::string(daemon), .message = describe(error)});
  };
  const auto templates = load_templates();
  if (!templates) {
    return failed("", templates.error());
  }
  std::vector<ReleaseFile> files;
  for (const auto& daemon : parts_.service.daemons) {
    auto rendered = daemon->render(snapshot, *templates);
    if (!rendered) {
      return failed(daemon->name(), rendered.error());
    }
    std::ranges::move(*rendered, std::back_inserter(files));
  }
  std::ranges::sort(files, {}, &ReleaseFile::path);
  const auto twice = std::ranges::adjacent_find(files, {}, &ReleaseFile::path);
  if (twice != files.end()) {
    return failed("", {.kind = ErrorKind::internal,
                       .code = "path_twice",
                       .message = fmt::format("two daemons render {}", twice->path)});
  }
  return files;
}

Step Candidates::check(const std::string& folder) {
  const std::scoped_lock lock(checking_);
  for (const auto& daemon : parts_.service.daemons) {
    if (const Status fine = daemon->check(parts_.runner, folder); !fine) {
      return std::unexpected(Failure{.stage = Stage::check,
                                     .daemon = std::string(daemon->name()),
                                     .message = fine.error().message});
    }
  }
  return {};
}

Result<Verdict> Candidates::dry_run(const Snapshot& snapshot) {
  Verdict verdict;
  const auto files = render(snapshot);
  if (!files) {
    verdict.words = files.error().message;
    return verdict;
  }
  TRY(const auto changed, parts_.releases.changes(*files));
  verdict.files_changed = static_cast<int>(changed.size());
  TRY(verdict.diff, parts_.releases.diff(*files));
  return check_files(*files, std::move(verdict));
}

Result<Verdict> Candidates::check_files(const std::vector<ReleaseFile>& files, Verdict verdict) {
  std::string folder = options_.scratch + "/podplay-dry-run.XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return fail(ErrorKind::io, "file",
                fmt::format("cannot make the folder {}: {}", folder, std::strerror(errno)),
                "free some space, or give the container a folder that it may write to");
  }
  // Checkers that drop root must be able to read it, too.
  ::chmod(folder.c_str(), 0755);
  const Status written = parts_.releases.write_to(folder, files);
  if (written) {
    const Step fine = check(folder);
    verdict.ok = fine.has_value();
    if (!fine) {
      verdict.words = fmt::format("{}: {}", fine.error().daemon, fine.error().message);
    }
  }
  const Status removed = parts_.files.remove_tree(folder);
  TRY(written);
  TRY(removed);
  return verdict;
}

Result<std::string> Candidates::diff(const Snapshot& snapshot) const {
  const auto files = render(snapshot);
  if (!files) {
    return fail(ErrorKind::invalid, "render", files.error().message);
  }
  return parts_.releases.diff(*files);
}

}  // namespace podplay::agent
