// A level that ends by itself has its time in `until`; null: it stays.
#include "api/log_levels.hpp"

#include "api/answers.hpp"
#include "control/watch/log_levels.hpp"
#include "wire/log_levels.hpp"

namespace podplay::api {
namespace {

using Levels = std::vector<control::LogLevelView>;

Json levels_json(const Levels& levels) {
  Json list = Json::array();
  for (const control::LogLevelView& one : levels) {
    list.push_back({{"component", one.component},
                    {"setting", one.setting},
                    {"configured", level_name(one.configured)},
                    {"level", level_name(one.level)},
                    {"until", one.until == WallTime{} ? Json() : Json(to_rfc3339(one.until))}});
  }
  return {{"levels", std::move(list)}};
}

}  // namespace

Result<Answer> get_log_levels(control::Context& context, Request&) {
  TRY(const auto levels, control::list_log_levels(context));
  return Answer{.body = levels_json(levels)};
}

Result<Answer> set_log_levels(control::Context& context, Request& request) {
  return write_answer<Levels>(
      context, request,
      control::set_log_levels(context, request.actor,
                              {.component = wire::text_or(request.body, "component"),
                               .level = wire::text_or(request.body, "level"),
                               .seconds = wire::integer_or(request.body, "seconds", 0)},
                              request.options),
      levels_json);
}

}  // namespace podplay::api
