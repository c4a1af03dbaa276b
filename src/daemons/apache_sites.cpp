// The checker reads the running main configuration with the candidates in place of the existing
// sites, so the cost of a check does not depend on how many sites there are.
#include "daemons/apache_sites.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "daemons/deleted_folders.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"

namespace podplay::daemons {
namespace {

RowVerdict later(const Error& error) {
  return {.state = RowState::later, .words = describe(error)};
}
RowVerdict refused(std::string words) {
  return {.state = RowState::refused, .words = std::move(words)};
}

}  // namespace

ApacheSites::ApacheSites(SiteFolders folders) : folders_(std::move(folders)) {}

std::string ApacheSites::file_of(const std::string& domain) const {
  return fmt::format("{}/{}.conf", folders_.configurations, domain);
}

std::vector<RowVerdict> ApacheSites::apply(RowTools& tools, std::span<const FeedRow> rows) {
  std::vector<RowVerdict> verdicts(rows.size());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FeedRow& row = rows[i];
    if (row.deleted || !std::get<SiteRow>(row.content).enabled) {
      verdicts[i] = drop(tools, row);
      continue;
    }
    auto text = render(tools, row);
    if (!text) {
      verdicts[i] = refused(describe(text.error()));
      continue;
    }
    const std::string root = fmt::format("{}/{}", folders_.roots, row.key);
    if (Status made = tools.files.make_dirs(root, 0755); !made) {
      verdicts[i] = later(made.error());
      continue;
    }
    if (tools.files.read(file_of(row.key)).value_or("") != *text) {
      candidates.push_back({.index = i, .name = row.key, .text = std::move(*text)});
    }
  }
  check_and_put(tools, candidates, verdicts);
  return verdicts;
}

RowVerdict ApacheSites::drop(RowTools& tools, const FeedRow& row) {
  const std::string file = file_of(row.key);
  if (tools.files.exists(file)) {
    if (Status removed = tools.files.remove_tree(file); !removed) {
      return later(removed.error());
    }
    wait_ = true;
  }
  if (!row.deleted) {
    return {};
  }
  const Status moved = move_root_aside(tools.files, row);
  return moved ? RowVerdict{} : later(moved.error());
}

Status ApacheSites::move_root_aside(Files& files, const FeedRow& row) const {
  const std::string root = fmt::format("{}/{}", folders_.roots, row.key);
  if (!files.exists(root)) {
    return {};
  }
  const std::string to = deleted_path(folders_.deleted, row.key, std::to_string(row.revision));
  TRY(files.make_dirs(folders_.deleted, 0750));
  TRY(files.make_dirs(std::filesystem::path(to).parent_path().string(), 0755));
  return files.rename(root, to);
}

Result<std::string> ApacheSites::render(const RowTools& tools, const FeedRow& row) const {
  const auto& site = std::get<SiteRow>(row.content);
  Values aliases = Values::array();
  for (const std::string& alias : site.aliases) {
    aliases.push_back({{"alias", alias}});
  }
  return render_one(tools.templates, kSiteTemplate,
                    {{"name", row.key},
                     {"aliases", std::move(aliases)},
                     {"certificate", certificate_values(site.certificate)}});
}

void ApacheSites::check_and_put(RowTools& tools, std::span<const Candidate> candidates,
                                std::vector<RowVerdict>& verdicts) {
  if (candidates.empty()) {
    return;
  }
  const auto words = check(tools, candidates);
  if (words && words->empty()) {
    for (const Candidate& candidate : candidates) {
      verdicts[candidate.index] = put(tools, candidate);
    }
    return;
  }
  if (!words || candidates.size() == 1) {
    for (const Candidate& candidate : candidates) {
      verdicts[candidate.index] = words ? refused(*words) : later(words.error());
    }
    return;
  }
  // The half with the fault is halved again, and the other half is accepted.
  const std::size_t half = candidates.size() / 2;
  check_and_put(tools, candidates.first(half), verdicts);
  check_and_put(tools, candidates.subspan(half), verdicts);
}

Result<std::string> ApacheSites::check(RowTools& tools,
                                       std::span<const Candidate> candidates) const {
  const std::string folder = fmt::format("{}/podplay-sites.{}", folders_.scratch, ::getpid());
  TRY(tools.files.remove_tree(folder));
  TRY(tools.files.make_dirs(folder, 0700));
  for (const Candidate& candidate : candidates) {
    TRY(tools.files.write_new(fmt::format("{}/{}.conf", folder, candidate.name), candidate.text));
  }
  // PODPLAY_SITES is where apache2.conf includes sites from when it is defined.
  const Command command{.argv = {"/usr/sbin/apache2", "-d", "/etc/apache2", "-f", "apache2.conf",
                                 "-C", fmt::format("Define PODPLAY_SITES {}", folder), "-t"}};
  const auto outcome = tools.runner.run(command);
  TRY(tools.files.remove_tree(folder));
  TRY(const auto ended, outcome);
  if (ended.exit_code == 0) {
    return std::string();
  }
  const std::string words = ended.words();
  return words.empty() ? fmt::format("apache2 -t ended with {}", ended.exit_code) : words;
}

RowVerdict ApacheSites::put(RowTools& tools, const Candidate& candidate) {
  const Status written = tools.files.write_atomic(file_of(candidate.name), candidate.text, 0644);
  if (!written) {
    return later(written.error());
  }
  wait_ = true;
  return {};
}

}  // namespace podplay::daemons
