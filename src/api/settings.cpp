// The settings in force. A secret shows only whether it is set.
#include "api/settings.hpp"

#include "api/answers.hpp"

namespace podplay::api {

Result<Answer> get_settings(control::Context& context, Request&) {
  Json items = Json::array();
  for (const SettingRow& row : context.settings.rows()) {
    // `podplay up` reads those on the host; the control plane does not know them.
    if (row.applies == "host") {
      continue;
    }
    std::string value = context.settings.text(row);
    if (row.type == SettingType::secret && !value.empty()) {
      value = "(set)";
    }
    items.push_back({{"name", row.name},
                     {"value", std::move(value)},
                     {"default", row.default_value},
                     {"help", row.help}});
  }
  return list_answer(std::move(items));
}

}  // namespace podplay::api
