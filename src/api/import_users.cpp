// All rows are one change, or, with ?partial=1, each row is one. In the first case the body is read
// twice: passwords are hashed before the change begins, since that takes about 22 ms each, and
// others may write to the store meanwhile.
#include "api/import_users.hpp"

#include <map>
#include <memory>

#include "api/answers.hpp"
#include "api/import_rows.hpp"
#include "api/user_input.hpp"
#include "base/json_text.hpp"
#include "control/identity/import_users.hpp"
#include "control/identity/passwords.hpp"
#include "control/import_line.hpp"
#include "wire/problem.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

control::ImportLine import_line(std::int64_t number, const Json& row) {
  return {.number = number, .user = user_input(row), .aliases = wire::texts(row, "aliases")};
}

// Gives the users of a body with their passwords hashed.
class HashedRows {
 public:
  HashedRows(std::string_view type, std::string_view body) : type_(type), body_(body) {}

  // Hashes all passwords, and begins with the first row.
  Status open() {
    TRY(rows_, open_import(wire::kUserImport, type_, body_));
    for (;;) {
      TRY(const auto row, rows_->next());
      if (!row) {
        break;
      }
      // next() reports what is wrong with a row.
      if (!row->object) {
        continue;
      }
      const control::UserInput input = user_input(*row->object);
      if (!input.password || input.password_hash) {
        continue;
      }
      const auto hash =
          control::check_and_hash(*input.password, control::PasswordChoice::given, input.email);
      if (!hash) {
        return std::unexpected(control::at_line(hash.error(), row->number));
      }
      hashes_.emplace(row->number, *hash);
    }
    TRY(rows_, open_import(wire::kUserImport, type_, body_));
    return {};
  }

  Result<std::optional<control::ImportLine>> next() {
    TRY(const auto row, rows_->next());
    if (!row) {
      return std::optional<control::ImportLine>();
    }
    if (!row->object) {
      return std::unexpected(control::at_line(row->object.error(), row->number));
    }
    control::ImportLine line = import_line(row->number, *row->object);
    if (const auto hash = hashes_.find(row->number); hash != hashes_.end()) {
      line.user.password_hash = hash->second;
    }
    return std::optional(std::move(line));
  }

 private:
  std::string_view type_;
  std::string_view body_;
  std::unique_ptr<ImportRows> rows_;
  // By the number of the row.
  std::map<std::int64_t, std::string> hashes_;
};

// Creates one user with each piece that is asked for, and says what became of it. Lives longer than
// the request, so it has a copy of all that it needs of it.
class PartialImport {
 public:
  PartialImport(control::Context& context, const Request& request)
      : context_(context),
        actor_(request.actor),
        options_(request.options),
        wait_(request.wait),
        body_(request.http.body) {}
  PartialImport(const PartialImport&) = delete;
  PartialImport& operator=(const PartialImport&) = delete;

  Status open(std::string_view type) {
    TRY(rows_, open_import(wire::kUserImport, type, body_));
    return {};
  }

  // The next line of the answer; empty at its end.
  std::string piece() {
    if (ended_) {
      return {};
    }
    const auto row = rows_->next();
    if (row && *row) {
      return json_text(handle(**row)) + "\n";
    }
    ended_ = true;
    std::string text;
    if (!row) {
      // No further row can be found.
      text = json_text(failed(++last_, "", row.error())) + "\n";
    }
    return text + json_text(total()) + "\n";
  }

 private:
  Json handle(const ImportRow& row) {
    last_ = row.number;
    if (!row.object) {
      return failed(row.number, "", row.object.error());
    }
    const control::ImportLine line = import_line(row.number, *row.object);
    const auto done = control::import_user(context_, actor_, line, options_);
    if (!done) {
      return failed(row.number, line.user.email, done.error());
    }
    ++created_;
    revision_ = done->revision;
    Json result{{"row", row.number},
                {"state", options_.dry_run ? "would_be_created" : "created"},
                {"email", done->object.email}};
    if (!options_.dry_run) {
      result["id"] = done->object.id;
    }
    return result;
  }

  Json failed(std::int64_t number, const std::string& email, const Error& error) {
    ++failed_;
    Json result{{"row", number},
                {"state", "failed"},
                {"problem", wire::to_problem(error, actor_.request_id())}};
    if (!email.empty()) {
      result["email"] = email;
    }
    return result;
  }

  Json total() {
    Json result{{"row", 0}, {"state", "total"}, {"created", created_}, {"failed", failed_}};
    if (wait_ > 0 && revision_ > 0 && !options_.dry_run) {
      const auto outcome = control::get_revision(context_, control::Actor::system(), revision_,
                                                 std::chrono::seconds(wait_));
      if (outcome) {
        result["applied"] = applied_json(*outcome);
      }
    }
    return result;
  }

  control::Context& context_;
  const control::Actor actor_;
  const control::WriteOptions options_;
  const int wait_;
  const std::string body_;
  std::unique_ptr<ImportRows> rows_;
  bool ended_ = false;
  std::int64_t last_ = 0;
  std::int64_t created_ = 0;
  std::int64_t failed_ = 0;
  // Of the user that was created last.
  Revision revision_ = 0;
};

Result<Answer> import_each(control::Context& context, const Request& request) {
  const auto import = std::make_shared<PartialImport>(context, request);
  TRY(import->open(request.media_type));
  return Answer{.status = 200,
                .media_type = "application/x-ndjson",
                .pieces = [import]() -> Result<std::string> { return import->piece(); }};
}

}  // namespace

Result<Answer> import_users(control::Context& context, Request& request) {
  TRY(const auto partial, read_number(request, "partial", 0, 0, 1));
  if (partial == 1) {
    return import_each(context, request);
  }
  HashedRows rows(request.media_type, request.http.body);
  TRY(rows.open());
  return write_answer<std::int64_t>(
      context, request,
      control::import_users(
          context, request.actor, [&] { return rows.next(); }, request.options),
      [](const std::int64_t& count) { return Json{{"created", count}}; });
}

}  // namespace podplay::api
