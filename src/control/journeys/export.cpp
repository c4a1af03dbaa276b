// The mail agent gives the mailbox in pieces (daemons/mailbox_copy). An attempt that was cut off
// begins again, since a mailbox may have changed meanwhile.
#include "control/journeys/export.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "control/audit.hpp"
#include "control/identity/recent.hpp"
#include "control/identity/users.hpp"
#include "control/jobs/jobs.hpp"
#include "control/journeys/tar_file.hpp"
#include "store/aliases.hpp"
#include "store/contacts.hpp"
#include "store/outside_identities.hpp"
#include "store/users.hpp"
#include "wire/audit.hpp"
#include "wire/outside_login.hpp"
#include "wire/users.hpp"

namespace podplay::control {
namespace {

using namespace std::chrono;
using Json = nlohmann::json;

constexpr seconds kPieceDeadline{60};
// In bytes, before base64.
constexpr std::int64_t kPiece = 2 << 20;
constexpr std::int64_t kAuditPage = 500;
// Bytes of one file of events, about.
constexpr std::size_t kAuditFile = 4U << 20;

std::string folder_of(const Context& context) { return context.paths.state + "/exports"; }

std::string archive_path(const Context& context, std::int64_t id) {
  return fmt::format("{}/{}.tar", folder_of(context), id);
}

Status put_state(Context& context, const Export& copy) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::update_export(transaction, copy);
    return true;
  }));
  return {};
}

// What is kept of the account besides mail and audit.
Result<std::string> account_text(Context& context, const User& user) {
  TRY(const auto account, context.store.read_together<Json>([&](store::Session& session) {
    Json about = wire::to_json(user);
    const auto contact = store::find_contact(session, user.id).value_or(Contact{});
    about["language"] = contact.language;
    about["recovery_address"] = contact.recovery_address;
    about["aliases"] = store::list_aliases_to(session, user.email);
    if (const auto outside = store::find_outside_identity(session, user.id)) {
      about["outside_login"] = wire::to_json(user.email, *outside);
    }
    return about;
  }));
  return account.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Leaves out what says nothing about the person.
Json event_json(const store::AuditRow& row) {
  Json json = wire::to_json(event_of(row));
  for (const char* name : {"request_id", "previous", "hash"}) {
    json.erase(name);
  }
  for (const char* name : {"before", "after"}) {
    if (json[name].is_null()) {
      json.erase(name);
    }
  }
  return json;
}

// The events by and about the person, some in each file. An earlier owner of the address is another
// person.
class AuditCopy {
 public:
  AuditCopy(Context& context, TarFile& tar, const User& user)
      : context_(context), tar_(tar), user_(user) {}

  Status copy() {
    TRY(copy_events({.actor = user_.email, .since = user_.created, .ascending = true}));
    TRY(copy_events({.subject = user_.email, .since = user_.created, .ascending = true}));
    return flush();
  }

 private:
  Status copy_events(const store::AuditFilter& filter) {
    std::int64_t cursor = 0;
    for (;;) {
      TRY(const auto events, list_audit(context_, cursor, kAuditPage, filter));
      for (const store::AuditRow& event : events) {
        cursor = event.id;
        // Those by the person came before.
        if (filter.subject.empty() || event.actor != user_.email) {
          lines_ += json_text(event_json(event)) + "\n";
        }
      }
      if (lines_.size() > kAuditFile) {
        TRY(flush());
      }
      if (static_cast<std::int64_t>(events.size()) < kAuditPage) {
        return {};
      }
    }
  }
  Status flush() {
    const std::string lines = std::exchange(lines_, {});
    return tar_.add(fmt::format("{}/audit-{}.jsonl", user_.email, ++files_), lines,
                    context_.clock.now());
  }

  Context& context_;
  TarFile& tar_;
  const User& user_;
  std::string lines_;
  int files_ = 0;
};

// Copies the pieces of a mailbox into the archive.
class MailCopy {
 public:
  MailCopy(Context& context, JobRun& run, TarFile& tar, const User& user)
      : context_(context), run_(run), tar_(tar), user_(user) {}

  // What each host holds of the mailbox.
  Status copy(Export& state) {
    const auto agents = context_.hub.agents(ServiceName::mail);
    for (const AgentName& agent : agents) {
      // Each host has files of the same names.
      folder_ = agents.size() == 1 ? user_.email : fmt::format("{}/{}", user_.email, agent.host);
      TRY(copy_from(agent, state));
    }
    return {};
  }
  std::int64_t messages() const { return files_; }

 private:
  Status copy_from(const AgentName& agent, Export& state) {
    const std::int64_t before = state.total;
    next_ = Json::object();
    for (;;) {
      if (run_.stopping()) {
        return JobRun::stopped();
      }
      TRY(const auto answer, ask(agent));
      state.total = std::max(state.total, before + answer.value("bytes", std::int64_t{0}));
      for (const Json& file : answer.value("files", Json::array())) {
        TRY(take(file, state));
      }
      run_.progress(state.done, std::max<std::int64_t>(state.total, 1));
      TRY(put_state(context_, state));
      next_ = answer.value("next", Json());
      if (!next_.is_object()) {
        return std::exchange(open_, false) ? tar_.abandon() : Status{};
      }
    }
  }

  Result<Json> ask(const AgentName& agent) {
    Json arguments = next_;
    arguments["mailbox"] = user_.email;
    arguments["most"] = kPiece;
    TRY(const auto text, context_.hub.command(agent, "mailbox_copy", json_text(arguments),
                                              run_.job().request_id, kPieceDeadline));
    Json answer = Json::parse(text, nullptr, false);
    if (!answer.is_object()) {
      return fail(ErrorKind::internal, "bad_answer", "the mail agent's answer is no JSON object");
    }
    return answer;
  }

  // A file may vanish, or become another one, between two of its pieces: it is left out then.
  Status take(const Json& file, Export& state) {
    const std::int64_t offset = file.value("offset", std::int64_t{0});
    const std::int64_t size = file.value("size", std::int64_t{0});
    if (file.value("gone", false) || (offset > 0 && size != size_)) {
      const bool was_open = std::exchange(open_, false);
      return was_open ? tar_.abandon() : Status{};
    }
    TRY(const auto data, from_base64(file.value("data", "")));
    if (offset == 0) {
      size_ = size;
      TRY(tar_.begin(fmt::format("{}/{}", folder_, file.value("path", "")),
                     static_cast<std::uint64_t>(size),
                     from_millis(file.value("mtime", std::int64_t{0}))));
      open_ = true;
    }
    if (!open_) {
      return {};
    }
    TRY(tar_.write(data));
    state.done += static_cast<std::int64_t>(data.size());
    if (offset + static_cast<std::int64_t>(data.size()) >= size) {
      open_ = false;
      ++files_;
      return tar_.end();
    }
    return {};
  }

  Context& context_;
  JobRun& run_;
  TarFile& tar_;
  const User& user_;
  // Of the archive, for the files of one host.
  std::string folder_;
  // Where the agent's answer ended.
  Json next_ = Json::object();
  // Of the file that is open in the archive.
  std::int64_t size_ = 0;
  std::int64_t files_ = 0;
  bool open_ = false;
};

Status write_archive(Context& context, JobRun& run, const User& user, Export& copy) {
  TRY(context.files.make_dirs(folder_of(context), 0700));
  const std::string path = archive_path(context, copy.id);
  TRY(const auto tar, TarFile::create(path + ".part"));
  run.step("copy the account");
  TRY(const auto account, account_text(context, user));
  TRY(tar->add(user.email + "/account.json", account, context.clock.now()));
  run.step("copy the audit");
  TRY(AuditCopy(context, *tar, user).copy());
  run.step("copy the mailbox");
  MailCopy mail(context, run, *tar, user);
  TRY(mail.copy(copy));
  run.say(fmt::format("{} files", mail.messages()));
  TRY(const auto bytes, tar->close());
  TRY(context.files.rename(path + ".part", path));
  copy.bytes = static_cast<std::int64_t>(bytes);
  return {};
}

Result<User> exported_user(Context& context, const Actor& actor) {
  return get_user(context, actor, std::to_string(actor.user_id()));
}

}  // namespace

std::string export_name(const std::string& email, const Export& copy) {
  return fmt::format("{}-{}.tar", email, to_rfc3339(copy.created).substr(0, 10));
}

Result<Export> start_export(Context& context, const Actor& actor,
                            const std::optional<Secret>& current_password) {
  TRY(const auto user, exported_user(context, actor));
  TRY(require_recent(context, actor, user, current_password));
  struct Begun {
    Export copy;
    std::optional<Export> before;
    store::AuditRow event;
  };
  TRY(auto begun, context.store.write<Begun>([&](store::Transaction& transaction) -> Result<Begun> {
    auto before = store::find_export(transaction, user.id);
    const bool under_way =
        before && (before->state == ExportState::waiting || before->state == ExportState::running);
    Export copy{.user_id = user.id,
                .id = transaction.next("id"),
                .words = "waits for its turn",
                .created = context.clock.now()};
    if (under_way) {
      copy = *before;
      before.reset();
    } else {
      store::put_export(transaction, copy);
    }
    add_job(
        context, transaction,
        {.kind = std::string(kExportJob), .subject = user.email, .request_id = actor.request_id()});
    auto event = store::insert_audit(transaction,
                                     audit_event(context, actor, "EXPORT_REQUESTED", user.email));
    return Begun{std::move(copy), std::move(before), std::move(event)};
  }));
  if (begun.before) {
    TRY(context.files.remove_tree(archive_path(context, begun.before->id)));
  }
  log_audit(context, begun.event);
  context.jobs.wake();
  return std::move(begun.copy);
}

Result<std::optional<Export>> get_export(Context& context, const Actor& actor) {
  TRY(auto copy, context.store.read<std::optional<Export>>([&](store::Session& session) {
    return store::find_export(session, actor.user_id());
  }));
  if (copy && copy->expires != WallTime{} && copy->expires <= context.clock.now()) {
    copy.reset();
  }
  return copy;
}

Result<ExportFile> find_export_file(Context& context, const Actor& actor) {
  TRY(const auto copy, get_export(context, actor));
  if (!copy || copy->state != ExportState::ready) {
    return fail(ErrorKind::not_found, "export_missing", "there is no copy of your data to download",
                "ask for one with POST /api/account/export, and wait until it is ready");
  }
  return ExportFile{.path = archive_path(context, copy->id),
                    .name = export_name(actor.email(), *copy),
                    .bytes = copy->bytes};
}

Status remove_export(Context& context, std::int64_t user_id) {
  TRY(const auto copy, context.store.write<std::optional<Export>>(
                           [&](store::Transaction& transaction) -> Result<std::optional<Export>> {
                             auto found = store::find_export(transaction, user_id);
                             if (found) {
                               store::delete_export(transaction, user_id);
                             }
                             return found;
                           }));
  return copy ? context.files.remove_tree(archive_path(context, copy->id)) : Status{};
}

Status remove_lost_exports(Context& context) {
  if (!context.files.exists(folder_of(context))) {
    return {};
  }
  TRY(const auto names, context.files.list(folder_of(context)));
  TRY(const auto ids, context.store.read<std::vector<std::int64_t>>([&](store::Session& session) {
    return store::list_export_ids(session);
  }));
  const std::set<std::int64_t> known(ids.begin(), ids.end());
  for (const std::string& name : names) {
    const auto id = parse_number<std::int64_t>(name.substr(0, name.find('.')));
    if (!id || !known.contains(*id)) {
      TRY(context.files.remove_tree(folder_of(context) + "/" + name));
    }
  }
  return {};
}

Status write_export(Context& context, JobRun& run) {
  struct Found {
    std::optional<User> user;
    std::optional<Export> copy;
  };
  TRY(auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.user = store::find_user(session, run.subject())};
    if (result.user) {
      result.copy = store::find_export(session, result.user->id);
    }
    return result;
  }));
  if (!found.copy || found.copy->state == ExportState::ready) {
    return {};
  }
  Export& copy = *found.copy;
  copy.state = ExportState::running;
  copy.words = "is being made";
  copy.done = 0;
  copy.total = 0;
  TRY(put_state(context, copy));
  const Status written = write_archive(context, run, *found.user, copy);
  copy.finished = context.clock.now();
  if (!written) {
    // It is tried again by itself; the person sees why it has not come yet.
    copy.state = ExportState::failed;
    copy.words = describe(written.error());
    TRY(put_state(context, copy));
    return written;
  }
  copy.state = ExportState::ready;
  copy.words = "can be downloaded";
  copy.expires = copy.finished + hours(context.settings.integer("PODPLAY_EXPORT_LIFETIME"));
  return put_state(context, copy);
}

}  // namespace podplay::control
