// What every request goes through before and after its handler.
#include "api/api.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "api/handlers.hpp"
#include "api/routes.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/nearest.hpp"
#include "base/numbers.hpp"
#include "control/identity/tokens.hpp"
#include "wire/problem.hpp"
#include "wire/users.hpp"

namespace podplay::api {
namespace {

// seconds
constexpr int kLongestWait = 60;

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string request_id_of(const net::HttpRequest& request) {
  std::string given = request.header("X-Request-Id");
  if (!given.empty() && given.size() <= 64 && is_plain(given)) {
    return given;
  }
  return random_token(12);
}

// The client's address: Apache in this pod says whom it serves; nobody else is believed.
std::string client_address(const net::HttpRequest& request) {
  const std::string forwarded = request.header("X-Forwarded-For");
  if (forwarded.empty() || !request.remote_address.starts_with("127.")) {
    return request.remote_address;
  }
  const std::size_t comma = forwarded.rfind(',');
  const std::size_t start = comma == forwarded.npos ? 0 : forwarded.find_first_not_of(" ,", comma);
  return start == forwarded.npos ? request.remote_address : forwarded.substr(start, 64);
}

net::HttpResponse problem_response(const Error& error, int status, const std::string& request_id) {
  Json problem = wire::to_problem(error, request_id);
  problem["status"] = status;
  net::HttpResponse response{
      status, {{"Content-Type", "application/problem+json"}}, json_text(problem)};
  if (status == 401) {
    response.headers["WWW-Authenticate"] = "Bearer";
  }
  return response;
}

Status check_content_type(const net::HttpRequest& request, const Route& route) {
  const std::string type = request.header("Content-Type");
  const bool import = route.shape == &wire::kUserImport;
  if (route.shape == nullptr ||
      type.starts_with(import ? "application/x-ndjson" : "application/json")) {
    return {};
  }
  return fail(
      ErrorKind::invalid, "bad_content_type",
      fmt::format("a body of type '{}' is not taken here", type.substr(0, 80)),
      import ? "send Content-Type: application/x-ndjson" : "send Content-Type: application/json");
}

// A parameter that is misspelt must not be overlooked: ?dryrun=1 would act.
Status check_query(const net::HttpRequest& request, const Route& route) {
  std::vector<Fault> faults;
  const auto known = query_rows(route);
  std::vector<std::string_view> names;
  for (const QueryRow& row : known) {
    names.push_back(row.name);
  }
  const bool can_not = route.effect == Effect::acts;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(names, name) != names.end()) {
      continue;
    }
    if (can_not && name == "dry_run") {
      faults.push_back(
          {name, "no_dry_run",
           fmt::format("{} {} cannot be tried out: it acts at once", route.method, route.path),
           "send it without dry_run when it is what you want"});
      continue;
    }
    const std::string near = nearest_name(name, names);
    faults.push_back(
        {name.substr(0, 40), "unknown_parameter",
         fmt::format("{} {} has no parameter '{}'", route.method, route.path, name.substr(0, 40)),
         names.empty()  ? "leave it out"
         : near.empty() ? fmt::format("it takes {}", fmt::join(names, ", "))
                        : fmt::format("did you mean {}?", near)});
  }
  if (faults.empty()) {
    return {};
  }
  return fail_faults(std::move(faults));
}

// The revision that `"42"` or `42` of If-Match names. Nothing when there is no condition: without
// the header, and with `*`, which every object that exists fulfils (RFC 9110 section 13.1.1).
Result<std::optional<Revision>> read_if_match(const net::HttpRequest& request) {
  std::string text = request.header("If-Match");
  if (text.empty() || text == "*") {
    return std::nullopt;
  }
  std::erase(text, '"');
  if (const auto revision = parse_number<Revision>(text)) {
    return *revision;
  }
  return fail(ErrorKind::precondition, "bad_if_match", "If-Match is not an ETag of this API",
              "send the ETag that the object was read with");
}

}  // namespace

std::string bearer_token(const net::HttpRequest& request) {
  const std::string header = request.header("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  return header.starts_with(kScheme) ? header.substr(kScheme.size()) : std::string();
}

net::HttpResponse Api::handle(const net::HttpRequest& request) {
  const std::string request_id = request_id_of(request);
  std::string parameter;
  std::string allowed;
  std::string who = "-";
  Error problem;
  net::HttpResponse response;
  const Route* route = find_route(request.method, request.path, parameter, allowed);
  if (route == nullptr) {
    const bool wrong_method = !allowed.empty();
    const Error error{ErrorKind::not_found,
                      wrong_method ? "method_not_allowed" : "no_such_path",
                      wrong_method
                          ? fmt::format("{} is not possible on {}", request.method, request.path)
                          : fmt::format("there is no {}", request.path),
                      "GET /api/openapi.json lists all paths",
                      {}};
    response = problem_response(error, wrong_method ? 405 : 404, request_id);
    if (wrong_method) {
      response.headers["Allow"] = allowed;
    }
  } else {
    auto result = answer(request, *route, std::move(parameter), request_id, who);
    if (!result) {
      problem = result.error();
      const int status =
          result.error().code == "bad_content_type" ? 415 : wire::http_status(result.error().kind);
      response = problem_response(result.error(), status, request_id);
    } else {
      const bool refused = result->status == 422;
      response.status = result->status;
      if (refused) {
        result->body["request_id"] = request_id;
      }
      response.headers["Content-Type"] = refused ? "application/problem+json" : "application/json";
      response.body = json_text(result->body);
      if (!result->etag.empty()) {
        response.headers["ETag"] = "\"" + result->etag + "\"";
      }
    }
  }
  response.headers["X-Request-Id"] = request_id;
  response.headers["Cache-Control"] = "no-store";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const Level level = response.status >= 500   ? Level::error
                      : response.status >= 400 ? Level::warn
                      : reads                  ? Level::debug
                                               : Level::info;
  const bool routine = request.path == "/livez" || request.path == "/readyz";
  if (!routine && context_.log.enabled(level)) {
    context_.log.log(level, "request",
                     {{"method", request.method},
                      {"path", request.path},
                      {"status", response.status},
                      {"user", who},
                      {"from", client_address(request)},
                      {"request", request_id},
                      {"code", problem.code},
                      {"why", response.status >= 500 ? problem.message : std::string()}});
  }
  return response;
}

std::optional<net::HttpResponse> Api::admit(const net::HttpRequest& head) {
  std::string parameter;
  std::string allowed;
  const Route* route = find_route(head.method, head.path, parameter, allowed);
  // handle() says so
  if (route == nullptr) {
    return std::nullopt;
  }
  const auto actor = actor_of(head, *route);
  Status permitted;
  if (!actor) {
    permitted = std::unexpected(actor.error());
  } else {
    permitted = actor->may_use(route->permission);
  }
  if (permitted) {
    return std::nullopt;
  }
  return problem_response(permitted.error(), wire::http_status(permitted.error().kind),
                          request_id_of(head));
}

Result<control::Actor> Api::actor_of(const net::HttpRequest& request, const Route& route) {
  if (route.permission == Permission::anyone) {
    return control::Actor::anonymous("", "");
  }
  const std::string token = bearer_token(request);
  if (token.empty()) {
    return fail(ErrorKind::unauthorized, "not_logged_in", "this needs a bearer token",
                "POST /api/login gives one, or: podplay login");
  }
  return control::authenticate(context_, token);
}

Result<Answer> Api::answer(const net::HttpRequest& http, const Route& route, std::string parameter,
                           const std::string& request_id, std::string& who) {
  TRY(auto actor, actor_of(http, route));
  Request request{.http = http,
                  .actor = actor.in_request(request_id, client_address(http)),
                  .parameter = std::move(parameter)};
  if (route.permission != Permission::anyone) {
    who = request.actor.email();
  }
  TRY(request.actor.may_use(route.permission));

  TRY(check_query(http, route));
  TRY(check_content_type(http, route));
  if (route.shape != nullptr && route.shape != &wire::kUserImport) {
    auto body = wire::read_body(*route.shape, http.body);
    if (!body) {
      return std::unexpected(body.error());
    }
    request.body = std::move(*body);
  }
  const auto wait = read_number(request, "wait", 0, 0, kLongestWait);
  if (!wait) {
    return std::unexpected(wait.error());
  }
  request.wait = static_cast<int>(*wait);
  TRY(const auto match, read_if_match(http));
  request.options.if_match = match;
  TRY(const auto dry, read_number(request, "dry_run", 0, 0, 1));
  request.options.dry_run = dry == 1;
  return answer_once(request, route);
}

// A POST with an Idempotency-Key is carried out once; a repetition gets the first one's answer.
Result<Answer> Api::answer_once(Request& request, const Route& route) {
  const std::string key = request.http.header("Idempotency-Key");
  const bool keyed = !key.empty() && route.method == "POST" &&
                     route.permission != Permission::anyone && !request.options.dry_run;
  if (!keyed) {
    return route.handler(context_, request);
  }
  const auto kept =
      answers_.once(context_, request.actor,
                    {key, request.http.path, request.http.body, route.effect == Effect::acts},
                    [&]() -> Result<store::KeptAnswer> {
                      TRY(const auto answer, route.handler(context_, request));
                      return store::KeptAnswer{"", answer.status, json_text(answer.body)};
                    });
  if (!kept) {
    return std::unexpected(kept.error());
  }
  Json body = Json::parse(kept->body, nullptr, false);
  std::string etag = body.contains("revision") && body["revision"].is_number()
                         ? body["revision"].dump()
                         : std::string();
  return Answer{kept->status, std::move(body), std::move(etag)};
}

}  // namespace podplay::api
