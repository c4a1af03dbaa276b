// The checker reads the running main configuration with the candidates in place of the existing
// sites, so the cost of a check does not depend on how many sites there are. It does not read
// certificates, and Apache ends when one is wrong: so a site with a wrong one gets no file.
#include "daemons/apache_sites.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "daemons/certificate_proof.hpp"
#include "daemons/deleted_folders.hpp"
#include "daemons/probing.hpp"
#include "daemons/rendering.hpp"

namespace podplay::daemons {
namespace {

RowVerdict site_later(const Error& error) {
  return {.state = RowState::later, .words = describe(error)};
}
RowVerdict site_refused(std::string words) {
  return {.state = RowState::refused, .words = std::move(words)};
}

std::string file_of(const std::string& domain) { return domain + ".conf"; }

// The checker's words; empty when it accepts the candidates. PODPLAY_SITES is where apache2.conf
// includes sites from when it is defined.
Result<std::string> check_sites(RowTools& tools, const std::string& folder) {
  const Command command{.argv = {"/usr/sbin/apache2", "-d", "/etc/apache2", "-f", "apache2.conf",
                                 "-C", fmt::format("Define PODPLAY_SITES {}", folder), "-t"}};
  TRY(const auto ended, tools.runner.run(command));
  if (ended.exit_code == 0) {
    return std::string();
  }
  const std::string words = ended.words();
  return words.empty() ? fmt::format("apache2 -t ended with {}", ended.exit_code) : words;
}

}  // namespace

ApacheSites::ApacheSites(SiteFolders folders)
    : folders_(std::move(folders)),
      configurations_(folders_.configurations,
                      fmt::format("{}/podplay-sites.{}", folders_.scratch, ::getpid()),
                      check_sites) {}

std::vector<RowVerdict> ApacheSites::apply(RowTools& tools, std::span<const FeedRow> rows) {
  std::vector<RowVerdict> verdicts(rows.size());
  std::vector<RowCandidate> candidates;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FeedRow& row = rows[i];
    if (row.deleted || !std::get<SiteRow>(row.content).enabled) {
      verdicts[i] = drop(tools, row);
      continue;
    }
    auto text = render(tools, row);
    if (!text) {
      verdicts[i] = site_refused(describe(text.error()));
      continue;
    }
    const std::string root = fmt::format("{}/{}", folders_.roots, row.key);
    if (Status made = tools.files.make_dirs(root, 0755); !made) {
      verdicts[i] = site_later(made.error());
      continue;
    }
    RowCandidate candidate{.index = i, .files = {{file_of(row.key), std::move(*text)}}};
    if (configurations_.holds(tools.files, candidate)) {
      continue;
    }
    const auto& certificate = std::get<SiteRow>(row.content).certificate;
    if (const auto leaf = check_version(tools.files, certificate, folders_.certificates); !leaf) {
      verdicts[i] = site_refused(describe(leaf.error()));
      continue;
    }
    candidates.push_back(std::move(candidate));
  }
  configurations_.put(tools, candidates, verdicts);
  return verdicts;
}

Status ApacheSites::settle(Files& files, const FeedRow& row, bool served) {
  const std::string paths[]{file_of(row.key)};
  return configurations_.settle(files, paths, served);
}

std::vector<std::string> ApacheSites::covered_names(Files& files, const FeedRow& row) const {
  const auto& site = std::get<SiteRow>(row.content);
  std::vector<std::string> names{row.key};
  if (const auto leaf = read_leaf(files, site.certificate, folders_.certificates)) {
    for (const std::string& alias : site.aliases) {
      if (net::covers(*leaf, alias)) {
        names.push_back(alias);
      }
    }
  }
  return names;
}

RowVerdict ApacheSites::drop(RowTools& tools, const FeedRow& row) {
  const std::string paths[]{file_of(row.key)};
  if (Status removed = configurations_.drop(tools.files, paths); !removed) {
    return site_later(removed.error());
  }
  if (!row.deleted) {
    return {};
  }
  const Status moved = move_root_aside(tools.files, row);
  return moved ? RowVerdict{} : site_later(moved.error());
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
  TRY(const auto leaf, read_leaf(tools.files, site.certificate, folders_.certificates));
  Values aliases = Values::array();
  for (const std::string& alias : site.aliases) {
    aliases.push_back({{"alias", alias}});
  }
  return render_one(tools.templates, kSiteTemplate,
                    {{"name", row.key},
                     {"aliases", std::move(aliases)},
                     {"responder", !leaf.responders.empty()},
                     {"certificate", certificate_values(site.certificate)}});
}

}  // namespace podplay::daemons
