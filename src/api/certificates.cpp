// Each handler is one call of control/certificates. A domain administrator may look at, order and
// change the certificate of the own domain, but neither choose its names, which could be another
// domain's, nor force what the authority's limits forbid, which all domains share.
#include "api/certificates.hpp"

#include <fmt/format.h>

#include "api/answers.hpp"
#include "control/certificates/certificates.hpp"
#include "control/certificates/orders.hpp"
#include "control/certificates/overview.hpp"
#include "control/certificates/revocation_words.hpp"
#include "control/certificates/uploads.hpp"
#include "wire/certificates.hpp"
#include "wire/jobs.hpp"

namespace podplay::api {
namespace {

// Certificates that the status names at most.
constexpr std::int64_t kMostTroubles = 50;

wire::CertificateView certificate_view(control::Context& context,
                                       const control::CertificateOverview& overview) {
  return {.now = context.clock.now(),
          .alert = control::to_text(overview.alert),
          .next_step = overview.next_step};
}

Json overview_json(control::Context& context, const control::CertificateOverview& overview) {
  return wire::to_json(overview.certificate, certificate_view(context, overview));
}

Answer asked_answer(control::Context& context, const control::CertificateAsked& asked) {
  Json body = overview_json(context, control::overview_of(context, asked.certificate, asked.job));
  if (asked.job) {
    body["job"] = wire::to_json(*asked.job);
  }
  return {.body = std::move(body)};
}

Json order_json(const store::AcmeOrder& order) {
  const bool open = order.ended == WallTime{};
  return {{"id", order.id},
          {"account", order.account},
          {"state", to_text(order.state)},
          {"names", order.names},
          {"failed_names", order.failed_names},
          {"error", order.error},
          {"created", to_rfc3339(order.created)},
          {"ended", open ? Json(nullptr) : Json(to_rfc3339(order.ended))}};
}

Answer findings_answer(const std::vector<control::Finding>& findings) {
  Json list = Json::array();
  for (const control::Finding& finding : findings) {
    list.push_back({{"name", finding.name},
                    {"code", finding.code},
                    {"fatal", finding.fatal},
                    {"message", finding.message},
                    {"remedy", finding.remedy}});
  }
  return {.body = {{"dry_run", true}, {"findings", std::move(list)}}, .status = 200};
}

// A wish as it is kept: "any" is no wish.
std::optional<std::string> wish_of(const Json& body, const char* name) {
  auto wish = wire::optional_text(body, name);
  return wish == "any" ? std::string() : wish;
}

std::optional<bool> flag_of(const Json& body, const char* name) {
  if (!body.contains(name) || !body[name].is_boolean()) {
    return std::nullopt;
  }
  return body[name].get<bool>();
}

Result<control::CertificateChange> read_change(const Json& body) {
  control::CertificateChange change{.issuer = wire::optional_text(body, "issuer"),
                                    .wildcard = flag_of(body, "wildcard"),
                                    .challenge = wish_of(body, "challenge"),
                                    .profile = wish_of(body, "profile"),
                                    .root = wish_of(body, "root"),
                                    .allow_weaker = wire::boolean_or(body, "allow_weaker", false),
                                    .force = wire::boolean_or(body, "force", false)};
  if (body.contains("names") && body["names"].is_array()) {
    change.names = wire::texts(body, "names");
  }
  if (const auto type = wire::optional_text(body, "key_type")) {
    TRY(change.key_type, parse_key_type(*type));
  }
  return change;
}

// What only administrators may ask for, among what the request asks.
Status check_own(const control::Actor& actor, const std::string& name,
                 const control::CertificateChange& change) {
  TRY(actor.may_administer(name));
  if (actor.administers_all() || (!change.names && !change.allow_weaker && !change.force)) {
    return {};
  }
  return fail(ErrorKind::forbidden, "forbidden",
              "only administrators choose names, allow a weaker certificate, or force an order",
              "leave names, allow_weaker and force out, or ask an administrator");
}

}  // namespace

Result<Answer> list_certificates(control::Context& context, Request& request) {
  TRY(const auto limit, read_number(request, "limit", 50, 1, 500));
  TRY(const auto filter,
      control::parse_certificate_filter(context, read_text(request, "issuer"),
                                        read_text(request, "state"), read_text(request, "alert")));
  TRY(const auto found, control::list_certificate_overviews(context, request.actor, filter,
                                                            read_text(request, "cursor"), limit));
  Answer answer = list_answer(Json::array());
  for (const control::CertificateOverview& overview : found) {
    answer.body["items"].push_back(overview_json(context, overview));
  }
  if (static_cast<std::int64_t>(found.size()) == limit) {
    answer.body["next"] = found.back().certificate.name;
  }
  return answer;
}

Result<Answer> create_certificate(control::Context& context, Request& request) {
  TRY(const auto wanted, read_change(request.body));
  if (request.options.dry_run) {
    TRY(const auto findings,
        control::try_new_certificate(context, request.actor, wire::text_or(request.body, "name"),
                                     wanted));
    return findings_answer(findings);
  }
  TRY(const auto made, control::create_certificate(context, request.actor,
                                                   wire::text_or(request.body, "name"), wanted));
  return asked_answer(context, made);
}

Result<Answer> get_certificate(control::Context& context, Request& request) {
  TRY(request.actor.may_administer(request.parameter));
  TRY(const auto found, control::get_certificate_details(context, request.parameter));
  const auto job = found.job ? std::optional(found.job->job) : std::nullopt;
  Json body = overview_json(context, control::overview_of(context, found.certificate, job));
  body["versions"] = found.versions;
  body["orders"] = Json::array();
  for (const store::AcmeOrder& order : found.orders) {
    body["orders"].push_back(order_json(order));
  }
  if (found.job) {
    body["job"] = wire::to_json(found.job->job, found.job->steps);
  }
  return Answer{.body = std::move(body)};
}

Result<Answer> change_certificate(control::Context& context, Request& request) {
  TRY(const auto wanted, read_change(request.body));
  TRY(check_own(request.actor, request.parameter, wanted));
  if (request.options.dry_run) {
    TRY(const auto findings, control::try_certificate(context, request.parameter, wanted));
    return findings_answer(findings);
  }
  TRY(const auto changed,
      control::change_certificate(context, request.actor, request.parameter, wanted));
  return asked_answer(context, changed);
}

Result<Answer> delete_certificate(control::Context& context, Request& request) {
  return write_answer<std::string>(
      context, request,
      control::delete_certificate(context, request.actor, request.parameter, request.options),
      [](const std::string& name) { return Json{{"name", name}}; });
}

Result<Answer> order_certificate(control::Context& context, Request& request) {
  const bool force = wire::boolean_or(request.body, "force", false);
  TRY(check_own(request.actor, request.parameter, {.force = force}));
  if (request.options.dry_run) {
    TRY(const auto findings, control::try_certificate(context, request.parameter, {}));
    return findings_answer(findings);
  }
  TRY(const auto asked,
      control::order_certificate(context, request.actor, request.parameter, force));
  return asked_answer(context, asked);
}

Result<Answer> upload_certificate(control::Context& context, Request& request) {
  const control::Upload upload{
      .certificate = wire::text_or(request.body, "certificate"),
      .key = Secret(wire::text_or(request.body, "key")),
      .allow_weaker = wire::boolean_or(request.body, "allow_weaker", false)};
  TRY(auto done, control::upload_certificate(context, request.actor, request.parameter, upload,
                                             request.options));
  const auto overview = control::overview_of(context, std::move(done.object), std::nullopt);
  return write_answer(context, request,
                      ChangedJson{.object = overview_json(context, overview),
                                  .revision = done.revision,
                                  .services = std::move(done.services),
                                  .rehearsal = std::move(done.rehearsal),
                                  .warnings = std::move(done.warnings),
                                  .unchanged = done.unchanged});
}

Result<Answer> revoke_certificate(control::Context& context, Request& request) {
  TRY(const auto how, control::parse_revocation(wire::text_or(request.body, "reason"),
                                                wire::text_or(request.body, "signed_by")));
  TRY(const auto asked,
      control::revoke_certificate(context, request.actor, request.parameter, how));
  return asked_answer(context, asked);
}

Result<Json> certificate_troubles(control::Context& context) {
  TRY(const auto found, control::list_troubled_certificates(context, kMostTroubles));
  Json list = Json::array();
  for (const control::CertificateOverview& overview : found) {
    list.push_back(wire::trouble_json(overview.certificate, certificate_view(context, overview)));
  }
  return list;
}

}  // namespace podplay::api
