// A patch that leaves `enabled` out keeps it. An import makes all of its domains in one revision,
// or none.
#include "api/domains.hpp"

#include "api/answers.hpp"
#include "control/domains.hpp"

namespace podplay::api {

Result<Answer> list_domains(control::Context& context, Request& request) {
  TRY(const auto page, read_page(request));
  TRY(const auto search, read_search(request, page));
  if (search) {
    TRY(const auto found, control::search_domains(context, request.actor, *search));
    return search_answer<Domain>(
        found, page, search->by_name, [](const Domain& domain) { return wire::to_json(domain); },
        [](const Domain& domain) -> const std::string& { return domain.name; });
  }
  TRY(const auto domains, control::list_domains(context, request.actor, page.after, page.limit));
  return page_answer<Domain>(
      domains, page, [](const Domain& domain) { return wire::to_json(domain); },
      [](const Domain& domain) { return domain.id; });
}

Result<Answer> create_domain(control::Context& context, Request& request) {
  const bool enabled = wire::boolean_or(request.body, "enabled", true);
  return write_answer(
      context, request,
      control::create_domain(context, request.actor, wire::text_or(request.body, "name"), enabled,
                             request.options));
}

Result<Answer> import_domains(control::Context& context, Request& request) {
  return write_answer<std::int64_t>(
      context, request,
      control::import_domains(context, request.actor, wire::texts(request.body, "names"),
                              request.options),
      [](const std::int64_t& count) { return Json{{"created", count}}; });
}

Result<Answer> get_domain(control::Context& context, Request& request) {
  return object_answer(control::get_domain(context, request.actor, request.parameter));
}

Result<Answer> update_domain(control::Context& context, Request& request) {
  bool enabled = wire::boolean_or(request.body, "enabled", true);
  // A merge patch that leaves it out keeps it.
  if (!request.body.contains("enabled")) {
    TRY(const auto domain, control::get_domain(context, request.actor, request.parameter));
    enabled = domain.enabled;
  }
  return write_answer(
      context, request,
      control::update_domain(context, request.actor, request.parameter, enabled, request.options));
}

Result<Answer> set_zone_serial(control::Context& context, Request& request) {
  return write_answer<control::ZoneSerial>(
      context, request,
      control::set_zone_serial(context, request.actor, request.parameter,
                               wire::integer_or(request.body, "serial", 0), request.options),
      [](const control::ZoneSerial& zone) {
        return Json{{"domain", zone.domain}, {"serial", zone.serial}};
      });
}

Result<Answer> delete_domain(control::Context& context, Request& request) {
  return write_answer(
      context, request,
      control::delete_domain(context, request.actor, request.parameter, request.options));
}

}  // namespace podplay::api
