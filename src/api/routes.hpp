// The one table of routes. Everything that is said about a route is a column of it. The server, the
// OpenAPI description and the tests walk the table, and none of them repeats a path.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.hpp"

namespace podplay::api {

using control::Permission;

enum class Effect {
  // Changes nothing.
  reads,
  // Is done at once, or as a job, and leaves no revision of its own. Without a dry run of its own,
  // ?dry_run is refused instead of being ignored.
  acts,
  // Makes a revision: takes ?wait and ?dry_run.
  changes,
};

enum class BodyKind {
  // One JSON object of the route's shape.
  json,
  // A merge patch (RFC 7396) of an object of the route's shape. Its nulls are replaced by the
  // fields' defaults before the handler sees it, and what it leaves out stays as it is.
  merge_patch,
  // Many objects of the route's shape, as JSON lines, CSV or the earlier users.yaml. The handler
  // reads them.
  rows,
  // The fields of the route's shape as a form has them, which OAuth clients send.
  form,
};

// What the body of a success is made of.
enum class AnswerForm {
  // One object of the route's shape. A change adds `applied` to it for ?wait, and `changed` when
  // nothing was to be changed; it answers with a wire::kDryRun for ?dry_run.
  object,
  // {"items": objects of the route's shape, "next": a cursor, or null on the last page}.
  list,
  // A document that is not JSON.
  document,
  // One object of the route's shape; with ?partial=1, JSON lines that come while the work goes on,
  // each an object of the shape kImportLine.
  object_or_lines,
  // One object of the route's shape; with ?follow=1, or for a client that accepts
  // text/event-stream, Server-Sent Events as long as the client listens.
  object_or_events,
};

// The status of an answer that is no problem, and what it means.
struct Success {
  int status = 200;
  std::string_view help = "Done";
};

inline constexpr std::size_t kBodyLimit = 1U << 20;
inline constexpr std::size_t kImportLimit = 64U << 20;
// What a host adds to a support bundle.
inline constexpr std::size_t kBundleLimit = 8U << 20;

struct Route {
  std::string_view method;
  // "/api/users/{id}": one whole string, so that grep finds it.
  std::string_view path;
  Permission permission;
  // Which scope a login needs: to read the area, or to write it if the route writes. Each route
  // that needs a login has one.
  std::optional<Area> area{};
  Effect effect;
  // nullptr: the route takes no body.
  const wire::Shape* body = nullptr;
  BodyKind body_kind = BodyKind::json;
  // Of the body, in octets. Without a login it is 16 KiB.
  std::size_t body_limit = kBodyLimit;
  // nullptr: any JSON object.
  const wire::Shape* answer = nullptr;
  AnswerForm answer_form = AnswerForm::object;
  // Of a route that acts: what ?dry_run=1 answers with; nullptr: it has no dry run.
  const wire::Shape* dry_run = nullptr;
  // The path names one object with an ETag. A use-case that changes it checks If-Match and
  // If-None-Match inside of its transaction.
  bool has_etag = false;
  Success success{};
  // Where the thing is that a success made, with members of the answer in braces; empty: nowhere.
  std::string_view location{};
  // Meaning of a 503 with the same body as success; empty: there is none.
  std::string_view unready{};
  // Of a write; empty: the route writes nothing.
  std::string_view audit_event{};
  // The CLI's noun and verb; empty: none is needed.
  std::string_view command{};
  // The route's own parameters, separated by spaces. Those of changes (wait, dry_run) come by
  // themselves.
  std::string_view query{};
  // Of a list: the fields of ?sort, separated by spaces, the default first.
  std::string_view sort{};
  // The problems that the handler answers with, by status: "404 user_unknown 409 user_exists
  // last_admin". What any route may answer is not repeated (codes_of).
  std::string_view codes{};
  // The settings that limit how often it may be asked, separated by spaces.
  std::string_view limited_by{};
  // The answer has a secret that is shown once, so it is not kept for an Idempotency-Key: a
  // repetition fails with "answer_not_kept".
  bool shows_secret = false;
  // The handler waits for a certificate authority, whose refusals become answers of this route.
  bool asks_authority = false;
  Handler handler;
  std::string_view help;
};

// "users:write" of a route whose area is users and that writes.
Scope scope_of(const Route& route);

// The rows of the table, and for each PUT a PATCH that does the same with a merge patch.
std::span<const Route> routes();

// The words of a column, such as `codes`.
std::vector<std::string_view> split_words(std::string_view text);

// The problems that a route may answer with: codes by status, its own and those of what it goes
// through before its handler.
std::map<int, std::vector<std::string_view>> codes_of(const Route& route);

// A parameter of the query. It means the same on every route.
struct QueryRow {
  std::string_view name;
  // A type of JSON Schema.
  std::string_view type;
  std::string_view help;
};
// The parameters that a route takes.
std::vector<QueryRow> query_rows(const Route& route);

// The media types that a body may have, the usual one first.
std::span<const std::string_view> media_types(BodyKind kind);

// Limits of bodies by path, for the server.
std::map<std::string, std::size_t> body_limits();

struct FoundRoute {
  // nullptr: no route has this path and method.
  const Route* route = nullptr;
  // Of the path, as it was sent.
  std::string parameter;
  // The methods of the path when only the method is wrong, for `Allow`.
  std::string allowed;
};
FoundRoute find_route(std::string_view method, std::string_view path);

}  // namespace podplay::api
