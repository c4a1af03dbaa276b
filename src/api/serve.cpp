// What every request goes through before and after its handler. Checks come in this order: route,
// login, permission, query, media type, body, preconditions. A handler sees only what passed all.
#include "api/serve.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/conditions.hpp"
#include "api/cookies.hpp"
#include "api/query.hpp"
#include "base/ascii.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/nearest.hpp"
#include "control/identity/sessions.hpp"
#include "control/identity/tokens.hpp"
#include "wire/form.hpp"
#include "wire/problem.hpp"

namespace podplay::api {
namespace {

// Seconds.
constexpr int kLongestWait = 60;
constexpr std::size_t kLongestRequestId = 64;
// The most of a client's text that a problem quotes.
constexpr std::size_t kLongestQuote = 40;
constexpr int kNotModified = 304;

// Routes are as many as the table has.
constexpr MetricFamily kRequests{.name = "podplay_api_requests_total",
                                 .help = "Requests of the API by route and class of status"};
constexpr MetricFamily kRequestSeconds{
    .name = "podplay_api_request_duration_seconds",
    .type = MetricType::histogram,
    .help = "Time until the answer of a request, with what ?wait waits for"};

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string request_id_of(const net::HttpRequest& request) {
  std::string given = request.header("X-Request-Id");
  if (!given.empty() && given.size() <= kLongestRequestId && is_plain(given)) {
    return given;
  }
  return random_token(12);
}

// The client's address. Apache in this pod names the client that it serves in a header; the header
// is ignored when anyone else sends it.
std::string client_address(const net::HttpRequest& request) {
  const std::string forwarded = request.header("X-Forwarded-For");
  if (forwarded.empty() || !request.remote_address.starts_with("127.")) {
    return request.remote_address;
  }
  const std::size_t comma = forwarded.rfind(',');
  const std::size_t start = comma == forwarded.npos ? 0 : forwarded.find_first_not_of(" ,", comma);
  return start == forwarded.npos ? request.remote_address : forwarded.substr(start, 64);
}

net::HttpResponse problem_response(const Error& error, const std::string& request_id) {
  net::HttpResponse response{wire::http_status(error),
                             {{"Content-Type", "application/problem+json"}},
                             json_text(wire::to_problem(error, request_id))};
  if (error.kind == ErrorKind::unauthorized) {
    response.headers["WWW-Authenticate"] = R"(Bearer realm="PodPlay")";
  }
  if (error.retry_after.count() > 0) {
    response.headers["Retry-After"] = std::to_string(error.retry_after.count());
  }
  return response;
}

// For a path that has no route with this method.
net::HttpResponse no_route_response(const net::HttpRequest& request, const FoundRoute& found,
                                    const std::string& request_id) {
  Error error{.kind = ErrorKind::not_found,
              .code = "no_such_path",
              .message = fmt::format("there is no {}", request.path),
              .remedy = "GET /api/openapi.json lists all paths"};
  if (found.allowed.empty()) {
    return problem_response(error, request_id);
  }
  net::HttpResponse response;
  if (request.method != "OPTIONS") {
    error.kind = ErrorKind::invalid;
    error.code = "method_not_allowed";
    error.message = fmt::format("{} is not possible on {}", request.method, request.path);
    error.remedy = fmt::format("this path takes {}", found.allowed);
    response = problem_response(error, request_id);
  }
  response.headers["Allow"] = found.allowed;
  return response;
}

net::HttpResponse answer_response(Answer answer, const std::string& request_id) {
  net::HttpResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  response.headers["Content-Type"] = "application/json";
  // A write that a service refused is answered with a problem.
  if (answer.status == 422) {
    answer.body["request_id"] = request_id;
    response.headers["Content-Type"] = "application/problem+json";
  }
  if (answer.media_type.empty()) {
    response.body = json_text(answer.body);
  } else {
    response.headers["Content-Type"] = answer.media_type;
    response.body = std::move(answer.text);
    response.pieces = std::move(answer.pieces);
    response.length = answer.length;
  }
  if (!answer.file_name.empty()) {
    response.headers["Content-Disposition"] =
        fmt::format("attachment; filename=\"{}\"", answer.file_name);
  }
  if (!answer.etag.empty()) {
    response.headers["ETag"] = "\"" + answer.etag + "\"";
  }
  if (!answer.location.empty()) {
    response.headers["Location"] = std::move(answer.location);
  }
  // The client has this body already, and the length says how long it is (RFC 9110 section 8.6).
  if (answer.status == kNotModified) {
    response.headers.erase("Content-Type");
    response.headers["Content-Length"] = std::to_string(response.body.size());
    response.body.clear();
  }
  return response;
}

// The request without its body and what belongs to its connection.
net::HttpRequest head_of(const net::HttpRequest& request) {
  net::HttpRequest head{.method = request.method, .path = request.path};
  head.query = request.query;
  head.headers = request.headers;
  head.remote_address = request.remote_address;
  return head;
}

// The token of "Authorization: Bearer ...", whose scheme is a word without case (RFC 9110 section
// 11.1); empty when there is none.
std::string bearer_token(const net::HttpRequest& request) {
  const std::string header = request.header("Authorization");
  const std::size_t end = std::min(header.find(' '), header.size());
  const std::size_t token = header.find_first_not_of(' ', end);
  return same_word(header.substr(0, end), "bearer") && token != header.npos ? header.substr(token)
                                                                            : std::string();
}

// "application/json" of "Application/JSON; charset=utf-8" (RFC 9110 section 8.3.1).
std::string_view media_type_of(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.substr(0, type.find_last_not_of(" \t") + 1);
}

Status check_content_type(const net::HttpRequest& request, const Route& route) {
  const std::string type = request.header("Content-Type");
  const auto wanted = media_types(route.body_kind);
  const bool known = std::ranges::any_of(
      wanted, [&](std::string_view one) { return same_word(media_type_of(type), one); });
  if (route.body == nullptr || known) {
    return {};
  }
  return fail(ErrorKind::invalid, "bad_content_type",
              fmt::format("a body of type '{}' is not accepted here", type.substr(0, 80)),
              fmt::format("send Content-Type: {}", fmt::join(wanted, " or ")));
}

// "/api/users/7" for "/api/users/{id}" and an answer with this id.
std::string fill_location(std::string_view location, const Json& body) {
  const std::size_t open = location.find('{');
  if (open == location.npos) {
    return std::string(location);
  }
  const std::size_t close = location.find('}', open);
  const Json& member = body.at(std::string(location.substr(open + 1, close - open - 1)));
  const std::string text = member.is_string() ? member.get<std::string>() : member.dump();
  return fmt::format("{}{}{}", location.substr(0, open), net::url_encode(text),
                     location.substr(close + 1));
}

Fault cannot_be_tried(const Route& route) {
  return {.field = "dry_run",
          .code = "no_dry_run",
          .message = fmt::format("{} {} has no dry run: it acts at once", route.method, route.path),
          .remedy = "send it without dry_run to have it done"};
}

Fault unknown_parameter(const Route& route, const std::string& name,
                        const std::vector<std::string_view>& known) {
  const std::string quoted = name.substr(0, kLongestQuote);
  Fault fault{
      .field = quoted,
      .code = "unknown_parameter",
      .message = fmt::format("{} {} has no parameter '{}'", route.method, route.path, quoted),
      .remedy = "leave it out"};
  if (const std::string near = nearest_name(name, known); !near.empty()) {
    fault.remedy = fmt::format("did you mean {}?", near);
  } else if (!known.empty()) {
    fault.remedy = fmt::format("it takes {}", fmt::join(known, ", "));
  }
  return fault;
}

// ?sort names one of the route's fields, with - before it or without.
void check_sort(const net::HttpRequest& request, const Route& route, std::vector<Fault>& faults) {
  const auto sort = request.query.find("sort");
  if (sort == request.query.end() || route.sort.empty()) {
    return;
  }
  const auto without_sign = [](std::string_view field) {
    return field.substr(field.starts_with('-') ? 1 : 0);
  };
  const auto fields = split_words(route.sort);
  if (std::ranges::find(fields, without_sign(sort->second), without_sign) != fields.end()) {
    return;
  }
  faults.push_back({.field = "sort",
                    .code = "unknown_sort",
                    .message = fmt::format("{} {} cannot be sorted by '{}'", route.method,
                                           route.path, sort->second.substr(0, kLongestQuote)),
                    .remedy = fmt::format("it takes {}, each also the other way round",
                                          fmt::join(fields, ", "))});
}

// A misspelt parameter is refused, not ignored: ?dryrun=1 would act.
Status check_query(const net::HttpRequest& request, const Route& route) {
  std::vector<std::string_view> known;
  for (const QueryRow& row : query_rows(route)) {
    known.push_back(row.name);
  }
  std::vector<Fault> faults;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known, name) != known.end()) {
      continue;
    }
    if (route.effect == Effect::acts && name == "dry_run") {
      faults.push_back(cannot_be_tried(route));
    } else {
      faults.push_back(unknown_parameter(route, name, known));
    }
  }
  check_sort(request, route, faults);
  return no_faults(std::move(faults));
}

// What the route's row asks for: the role of the user, and the scope of the login.
Status may_use(const control::Actor& actor, const Route& route) {
  TRY(actor.may_use(route.permission));
  return route.permission == Permission::anyone ? Status{} : actor.may_use(scope_of(route));
}

Level level_of(const net::HttpRequest& request, int status) {
  if (status >= 500) {
    return Level::error;
  }
  if (status >= 400) {
    return Level::warn;
  }
  const bool acts = request.method != "GET" && request.method != "HEAD";
  return acts ? Level::info : Level::debug;
}

}  // namespace

void Api::count_request(const Route* route, const net::HttpRequest& request, int status,
                        SteadyTime began) {
  const MetricLabels labels{{"route", route == nullptr ? "none" : std::string(route->path)},
                            {"method", route == nullptr ? "any" : request.method}};
  const std::chrono::duration<double> took = context_.clock.steady() - began;
  context_.metrics.observe(kRequestSeconds, labels, took.count());
  MetricLabels counted = labels;
  counted.push_back({"status", fmt::format("{}xx", status / 100)});
  context_.metrics.add(kRequests, counted);
}

net::HttpResponse Api::handle(const net::HttpRequest& request) {
  const SteadyTime began = context_.clock.steady();
  const std::string request_id = request_id_of(request);
  std::string who = "-";
  Error problem;
  net::HttpResponse response;
  const FoundRoute found = find_route(request.method, request.path);
  if (found.route == nullptr) {
    response = no_route_response(request, found, request_id);
  } else if (auto result = answer(request, found, request_id, who); result) {
    response = answer_response(std::move(*result), request_id);
  } else {
    problem = std::move(result).error();
    response = problem_response(problem, request_id);
  }
  response.headers["X-Request-Id"] = request_id;
  response.headers["Cache-Control"] = "no-store";
  log_request(request, response, who, problem);
  count_request(found.route, request, response.status, began);
  return response;
}

void Api::log_request(const net::HttpRequest& request, const net::HttpResponse& response,
                      const std::string& who, const Error& problem) {
  // The pod's own probes ask these every few seconds.
  const bool routine = request.path == "/livez" || request.path == "/readyz";
  const Level level = level_of(request, response.status);
  if (routine || !context_.log.enabled(level)) {
    return;
  }
  context_.log.log(level, "request",
                   {{"method", request.method},
                    {"path", request.path},
                    {"status", response.status},
                    {"user", who},
                    {"from", client_address(request)},
                    {"request", response.header("X-Request-Id")},
                    {"code", problem.code},
                    {"why", response.status >= 500 ? problem.message : std::string()}});
}

std::optional<net::HttpResponse> Api::admit(const net::HttpRequest& head) {
  const FoundRoute found = find_route(head.method, head.path);
  const Route* route = found.route;
  if (route == nullptr) {
    return no_route_response(head, found, request_id_of(head));
  }
  if (route->permission == Permission::anyone) {
    const Error error{.kind = ErrorKind::too_large,
                      .code = "too_large",
                      .message = "without a login, a body has at most 16 KiB, and a Content-Length",
                      .remedy = "send a smaller body, or log in"};
    return problem_response(error, request_id_of(head));
  }
  const auto actor = actor_of(head, *route);
  const Status permitted = actor ? may_use(*actor, *route) : std::unexpected(actor.error());
  if (permitted) {
    return std::nullopt;
  }
  return problem_response(permitted.error(), request_id_of(head));
}

Result<control::Actor> Api::actor_of(const net::HttpRequest& request, const Route& route) {
  if (route.permission == Permission::anyone) {
    return control::Actor::anonymous("", "");
  }
  const std::string address = client_address(request);
  if (const std::string token = bearer_token(request); !token.empty()) {
    return control::authenticate(context_, token, address);
  }
  const std::string cookie = cookie_of(request, kSessionCookie);
  if (cookie.empty()) {
    return fail(ErrorKind::unauthorized, "not_logged_in", "this needs a login",
                "log in: podplay login, or POST /api/login");
  }
  TRY(auto actor, control::authenticate_session(context_, cookie, address));
  // A browser adds the cookie by itself, so a write must show that a page of ours sent it.
  TRY(check_origin(request));
  if (request.method != "GET" && request.method != "HEAD") {
    TRY(check_csrf(request, cookie));
  }
  return actor;
}

Result<Answer> Api::answer(const net::HttpRequest& http, const FoundRoute& found,
                           const std::string& request_id, std::string& who) {
  const Route& route = *found.route;
  TRY(const auto actor, actor_of(http, route));
  if (route.permission != Permission::anyone) {
    who = actor.email();
  }
  TRY(may_use(actor, route));
  TRY(check_query(http, route));
  TRY(check_content_type(http, route));
  Request request{.http = http,
                  .actor = actor.in_request(request_id, client_address(http)),
                  .parameter = found.parameter,
                  .media_type = lower(media_type_of(http.header("Content-Type"))),
                  .followers = &followers_,
                  .searches = &searches_};
  if (route.answer_form == AnswerForm::object_or_events) {
    request.again = [this, head = head_of(http), row = &route]() -> Result<control::Actor> {
      TRY(auto now, actor_of(head, *row));
      TRY(may_use(now, *row));
      return now;
    };
  }
  if (route.body != nullptr && route.body_kind == BodyKind::json) {
    TRY(request.body, wire::read_body(*route.body, http.body));
  } else if (route.body != nullptr && route.body_kind == BodyKind::merge_patch) {
    TRY(request.body, wire::read_patch(*route.body, http.body));
  } else if (route.body != nullptr && route.body_kind == BodyKind::form) {
    TRY(request.body, wire::read_form(*route.body, http.body));
  }
  if (route.body != nullptr) {
    TRY(no_faults(wire::find_control_characters(*route.body, request.body)));
  }
  TRY(const auto wait, read_number(request, "wait", 0, 0, kLongestWait));
  request.wait = static_cast<int>(wait);
  TRY(read_conditions(http, request.options));
  TRY(const auto dry_run, read_number(request, "dry_run", 0, 0, 1));
  request.options.dry_run = dry_run == 1;
  if (route.effect != Effect::reads && !route.has_etag) {
    TRY(control::check_match(request.options, std::string()));
  }
  TRY(auto answer, answer_once(request, route));
  if (route.effect == Effect::reads && answer.status == route.success.status) {
    TRY(const auto not_modified, is_not_modified(request.options, answer.etag));
    answer.status = not_modified ? kNotModified : answer.status;
  }
  if (!route.location.empty() && answer.status == route.success.status) {
    answer.location = fill_location(route.location, answer.body);
  }
  return answer;
}

// A write with an Idempotency-Key is carried out once; a repetition gets the first one's answer. An
// answer that comes in pieces cannot be kept, and each of its rows is done once anyway.
Result<Answer> Api::answer_once(Request& request, const Route& route) {
  const auto carry_out = [&]() -> Result<Answer> {
    TRY(auto answer, route.handler(context_, request));
    if (answer.status == 0) {
      answer.status = route.success.status;
    }
    return answer;
  };
  const std::string key = request.http.header("Idempotency-Key");
  const bool in_pieces =
      route.answer_form == AnswerForm::object_or_lines && read_text(request, "partial") == "1";
  const bool keyed = !key.empty() && route.effect != Effect::reads && !in_pieces &&
                     route.permission != Permission::anyone && !request.options.dry_run;
  if (!keyed) {
    return carry_out();
  }
  std::optional<Answer> fresh;
  const auto keep = [&]() -> Result<store::KeptAnswer> {
    TRY(auto answer, carry_out());
    store::KeptAnswer kept{.status = answer.status,
                           .body = route.shows_secret ? "" : json_text(answer.body)};
    fresh = std::move(answer);
    return kept;
  };
  const control::KeyedRequest keyed_request{.key = key,
                                            .path = request.http.method + " " + request.http.path,
                                            .body = request.http.body,
                                            .acts = route.effect == Effect::acts};
  TRY(const auto kept, answers_.once(context_, request.actor, keyed_request, keep));
  if (fresh) {
    return std::move(*fresh);
  }
  if (route.shows_secret) {
    return fail(ErrorKind::conflict, "answer_not_kept",
                "this request was carried out before, and its answer held a secret, which is "
                "shown once",
                "if the answer was lost, end what it made, and make another with a new "
                "Idempotency-Key");
  }
  // The store keeps the text of the body; its revision is the ETag of what was changed.
  Answer answer{.body = Json::parse(kept.body, nullptr, false), .status = kept.status};
  const auto revision = answer.body.find("revision");
  if (route.effect == Effect::changes && route.method != "DELETE" &&
      answer.status == route.success.status && revision != answer.body.end() &&
      revision->is_number()) {
    answer.etag = revision->dump();
  }
  return answer;
}

}  // namespace podplay::api
