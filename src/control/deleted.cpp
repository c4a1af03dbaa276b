// The agents know what was deleted, and do the work; this file asks them. A restore may be cut off
// and run again: when its folder is gone then, an earlier attempt has restored it.
#include "control/deleted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json_text.hpp"
#include "control/audit.hpp"
#include "control/every_host.hpp"
#include "control/jobs/jobs.hpp"
#include "model/names.hpp"
#include "store/domains.hpp"
#include "store/users.hpp"
#include "wire/deleted.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

constexpr seconds kListDeadline{30};
constexpr minutes kRestoreDeadline{11};
constexpr seconds kEraseDeadline{60};

struct KindRow {
  DeletedKind kind;
  ServiceName service;
  Settings::Integer retention;
  std::string_view restore_job;
  std::string_view restored_event;
  std::string_view erased_event;
  // The argument of the agent's restore command that names who gets it.
  std::string_view target;
  // "mailboxes"
  std::string_view many;
};

constexpr KindRow kKinds[] = {
    {.kind = DeletedKind::mail,
     .service = ServiceName::mail,
     .retention = "PODPLAY_DELETED_MAIL_RETENTION",
     .restore_job = "mail_restore",
     .restored_event = "MAIL_RESTORED",
     .erased_event = "MAIL_ERASED",
     .target = "mailbox",
     .many = "deleted mailboxes"},
    {.kind = DeletedKind::site,
     .service = ServiceName::apache,
     .retention = "PODPLAY_DELETED_SITE_RETENTION",
     .restore_job = "site_restore",
     .restored_event = "SITE_RESTORED",
     .erased_event = "SITE_ERASED",
     .target = "site",
     .many = "deleted sites"},
};

const KindRow& row_of(DeletedKind kind) {
  return kind == DeletedKind::mail ? kKinds[0] : kKinds[1];
}

constexpr std::string_view kUnknown = "folder_unknown";

// A folder that is asked for may be on one host only, or on several.
template <class T>
Result<std::vector<T>> ask(Context& context, const KindRow& row, const std::string& verb,
                           const Json& arguments, const std::string& request_id,
                           milliseconds longest, Result<T> (*parse)(const std::string&)) {
  return ask_every_host(context,
                        {.service = row.service,
                         .verb = verb,
                         .arguments = arguments,
                         .request_id = request_id,
                         .longest = longest,
                         .elsewhere = kUnknown},
                        parse);
}

// Gives the agent's refusal its kind, by its code.
Error with_kind(Error error) {
  if (error.code == kUnknown) {
    error.kind = ErrorKind::not_found;
  }
  return error;
}

DeletedItem item_of(const Context& context, const KindRow& row, const wire::KeptFolder& folder) {
  return {.id = folder.folder,
          .name = folder.name,
          .revision = folder.revision,
          .deleted = folder.deleted,
          .erased_after = folder.deleted + days(context.settings.integer(row.retention)),
          .bytes = folder.bytes};
}

Result<std::string> mailbox_target(Context& context, const std::string& text) {
  TRY(const auto address, EmailAddress::parse(text, "mailbox"));
  TRY(const auto user, context.store.read<std::optional<User>>([&](store::Session& session) {
    return store::find_user(session, address.text());
  }));
  if (!user || !user->enabled) {
    return fail_faults(
        {{"mailbox", user ? "mailbox_disabled" : "mailbox_missing",
          fmt::format("{} {}", address.text(), user ? "is disabled" : "does not exist"),
          user ? fmt::format("enable it first: podplay users update {} --enable", address.text())
               : fmt::format("create it first: podplay users create --email {}", address.text())}});
  }
  return address.text();
}

Result<std::string> site_target(Context& context, const std::string& text) {
  TRY(const auto name, DomainName::parse(text, "site"));
  TRY(const auto domain, context.store.read<std::optional<Domain>>([&](store::Session& session) {
    return store::find_domain(session, name.text());
  }));
  if (!domain) {
    return fail_faults(
        {{"site", "domain_missing", fmt::format("there is no domain {}", name.text()),
          fmt::format("add it first: podplay domains create --name {}", name.text())}});
  }
  return name.text();
}

std::string today(WallTime now) {
  return to_rfc3339(now).substr(0, std::string_view("2026-11-25").size());
}

Status restore(Context& context, JobRun& run, DeletedKind kind) {
  const KindRow& row = row_of(kind);
  constexpr std::string_view kTo = " to ";
  const std::size_t at = run.subject().rfind(kTo);
  if (at == std::string::npos) {
    return fail(ErrorKind::internal, "bad_subject",
                "the job's subject does not say what to restore, and into what: " + run.subject());
  }
  const std::string folder = run.subject().substr(0, at);
  const std::string target = run.subject().substr(at + kTo.size());
  run.step(fmt::format("restore into {}", target));
  const Json arguments{
      {"folder", folder}, {std::string(row.target), target}, {"date", today(run.job().created)}};
  const auto restored = ask(context, row, "deleted_restore", arguments, run.job().request_id,
                            kRestoreDeadline, wire::parse_restored_folder);
  if (!restored && restored.error().code == kUnknown && run.job().attempts > 1) {
    run.say("an earlier attempt restored it");
    return {};
  }
  TRY(const auto answers, restored);
  for (const wire::RestoredFolder& answer : answers) {
    const std::string& into = answer.into;
    if (kind == DeletedKind::mail) {
      run.say(fmt::format("{} messages, {}", answer.messages,
                          into.empty() ? "in the folders where they were" : "below " + into));
    } else {
      run.say("moved to " + into);
    }
  }
  return {};
}

// The agent erases for some seconds at a time, so that other commands get their turn. Adds to
// `erased`, also when a later part fails.
Status erase_old_at(Context& context, JobRun& run, const AgentName& agent, const Json& arguments,
                    std::int64_t& erased) {
  bool more = true;
  while (more) {
    if (run.stopping()) {
      return JobRun::stopped();
    }
    TRY(const auto text,
        context.hub.command(agent, "deleted_erase", json_text(arguments), "", kEraseDeadline));
    TRY(const auto answer, wire::parse_erased_folders(text));
    erased += answer.erased;
    more = answer.more;
  }
  return {};
}

// A host that is away keeps its folders until the next run, and holds up no other.
Status erase_old(Context& context, JobRun& run, DeletedKind kind) {
  const KindRow& row = row_of(kind);
  const std::int64_t kept = context.settings.integer(row.retention);
  const Json arguments{{"older_than", to_millis(context.clock.now() - days(kept))}};
  run.step(fmt::format("erase {} after {} days", row.many, kept));
  std::int64_t erased = 0;
  Status done;
  for (const AgentName& agent : context.hub.agents(row.service)) {
    const Status here = erase_old_at(context, run, agent, arguments, erased);
    done = done ? here : done;
  }
  run.say(fmt::format("{} erased", erased));
  // Also when a part failed, since these are gone.
  if (erased > 0) {
    note_action(context, Actor::system(), std::string(row.erased_event),
                fmt::format("{} {}, kept for {} days", erased, row.many, kept));
  }
  return done;
}

}  // namespace

Result<DeletedPage> list_deleted(Context& context, const Actor& actor, DeletedKind kind,
                                 std::int64_t offset, std::int64_t limit) {
  const KindRow& row = row_of(kind);
  // With several hosts, the page's folders may be anywhere in the first so many of each.
  const bool one_host = context.hub.agents(row.service).size() == 1;
  const std::int64_t first = one_host ? offset : 0;
  TRY(const auto answers,
      ask(context, row, "deleted_list", {{"offset", first}, {"limit", offset - first + limit}},
          actor.request_id(), kListDeadline, wire::parse_kept_folders));
  DeletedPage page;
  for (const wire::KeptFolders& answer : answers) {
    page.total += answer.total;
    for (const wire::KeptFolder& folder : answer.folders) {
      page.items.push_back(item_of(context, row, folder));
    }
  }
  std::ranges::sort(page.items, [](const DeletedItem& a, const DeletedItem& b) {
    return a.deleted != b.deleted ? a.deleted > b.deleted : a.id < b.id;
  });
  const auto before = std::min<std::ptrdiff_t>(offset - first, std::ssize(page.items));
  page.items.erase(page.items.begin(), page.items.begin() + before);
  page.items.resize(std::min(page.items.size(), static_cast<std::size_t>(limit)));
  return page;
}

Result<Job> restore_deleted(Context& context, const Actor& actor, DeletedKind kind,
                            const std::string& id, const std::string& target) {
  const KindRow& row = row_of(kind);
  TRY(const auto checked,
      kind == DeletedKind::mail ? mailbox_target(context, target) : site_target(context, target));
  const auto found = ask(context, row, "deleted_list", {{"folder", id}}, actor.request_id(),
                         kListDeadline, wire::parse_kept_folders);
  if (!found) {
    return std::unexpected(with_kind(found.error()));
  }
  // no going back after this
  const std::string subject = fmt::format("{} to {}", id, checked);
  TRY(auto job, start_job(context, {.kind = std::string(row.restore_job),
                                    .subject = subject,
                                    .request_id = actor.request_id()}));
  note_action(context, actor, std::string(row.restored_event), subject);
  return job;
}

Status erase_deleted(Context& context, const Actor& actor, DeletedKind kind,
                     const std::string& id) {
  const KindRow& row = row_of(kind);
  const auto erased = ask(context, row, "deleted_erase", {{"folder", id}}, actor.request_id(),
                          kEraseDeadline, wire::parse_erased_folders);
  if (!erased) {
    const Error& error = erased.error();
    if (error.code != "agent_away" && error.code != kUnknown) {
      // It may be gone, at one host or in part.
      note_failed_action(context, actor, std::string(row.erased_event), id, error);
    }
    return std::unexpected(with_kind(error));
  }
  note_action(context, actor, std::string(row.erased_event), id);
  return {};
}

Status restore_mail(Context& context, JobRun& run) {
  return restore(context, run, DeletedKind::mail);
}

Status restore_site(Context& context, JobRun& run) {
  return restore(context, run, DeletedKind::site);
}

Status erase_old_mail(Context& context, JobRun& run) {
  return erase_old(context, run, DeletedKind::mail);
}

Status erase_old_sites(Context& context, JobRun& run) {
  return erase_old(context, run, DeletedKind::site);
}

}  // namespace podplay::control
