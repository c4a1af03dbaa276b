// Dovecot has the sums at hand, so nothing of the mailbox is read. Its unit for storage is 1024
// octets.
#include "daemons/mailbox_usage.hpp"

#include <cstdint>

#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "daemons/mailbox_argument.hpp"

namespace podplay::daemons {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kStorageUnit = 1024;

// The value of one resource in what `doveadm -f json quota get` prints: an array with an object for
// each resource, all of whose members are texts.
std::int64_t value_of(const Json& resources, std::string_view type) {
  for (const Json& resource : resources) {
    if (resource.is_object() && resource.value("type", std::string()) == type) {
      return parse_number<std::int64_t>(resource.value("value", std::string())).value_or(0);
    }
  }
  return 0;
}

}  // namespace

Result<std::string> mailbox_usage(Runner& runner, const Json& arguments) {
  const auto named = arguments.find("mailbox");
  if (named == arguments.end() || !named->is_string()) {
    return fail(ErrorKind::invalid, "bad_message", "mailbox_usage needs a mailbox");
  }
  TRY(const auto mailbox, MailboxArgument::make(named->get<std::string>()));
  TRY(const auto done, run_or_fail(runner, {{"/usr/bin/doveadm", "-f", "json", "quota", "get", "-F",
                                             mailbox.path()}}));
  const Json resources = Json::parse(done.out, nullptr, false);
  if (!resources.is_array()) {
    return fail(ErrorKind::internal, "bad_result", "doveadm quota get prints no list",
                "look at the log of mail");
  }
  return json_text(Json{{"used", value_of(resources, "STORAGE") * kStorageUnit},
                        {"messages", value_of(resources, "MESSAGE")}});
}

}  // namespace podplay::daemons
