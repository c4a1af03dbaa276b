// One JSON object, replaced as a whole.
#include "agent/guard/memory_file.hpp"

#include "base/json_text.hpp"
#include "wire/guarded.hpp"
#include "wire/limits.hpp"

namespace podplay::agent {

Result<LimitMemory> read_limit_memory(Files& files, const std::string& path) {
  TRY(const auto text, files.read(path));
  const wire::Json value = wire::Json::parse(text, nullptr, false);
  return wire::guarded("memory of limits", [&]() -> Result<LimitMemory> {
    TRY(auto events, wire::login_events_from_json(value.at("events")));
    TRY(auto rules, wire::limit_rules_from_json(value.at("rules")));
    LimitMemory memory{.events = std::move(events), .rules = std::move(rules)};
    for (const wire::Json& one : value.at("sent")) {
      memory.sent.push_back({.account = one.at("account").get<std::string>(),
                             .began = from_millis(one.at("began").get<std::int64_t>()),
                             .messages = one.at("messages").get<std::int64_t>(),
                             .recipients = one.at("recipients").get<std::int64_t>()});
    }
    return memory;
  });
}

Status write_limit_memory(Files& files, const std::string& path, const LimitMemory& memory) {
  wire::Json events = wire::Json::array();
  for (const LoginEvent& event : memory.events) {
    events.push_back(wire::to_json(event));
  }
  wire::Json sent = wire::Json::array();
  for (const guard::Sent& one : memory.sent) {
    sent.push_back({{"account", one.account},
                    {"began", to_millis(one.began)},
                    {"messages", one.messages},
                    {"recipients", one.recipients}});
  }
  const wire::Json value{{"events", std::move(events)},
                         {"sent", std::move(sent)},
                         {"rules", wire::to_json(memory.rules)}};
  return files.write_atomic(path, json_text(value), 0600);
}

}  // namespace podplay::agent
