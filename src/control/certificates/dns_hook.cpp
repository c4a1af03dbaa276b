// The program runs in the control plane's container, as its user. What it needs to know, such as
// its provider's key, it reads from files beside it.
#include "control/certificates/dns_hook.hpp"

#include <fmt/format.h>

namespace podplay::control {
namespace {

using namespace std::chrono;

// Name servers of a provider may need a minute to show a record.
constexpr milliseconds kDeadline{120'000};
// Octets of the program's words that are shown.
constexpr std::size_t kMostHookWords = 500;

std::string program(const Context& context) {
  return context.paths.overrides + "/" + context.settings.text("PODPLAY_DNS_HOOK");
}

std::string last_words(const Outcome& outcome) {
  std::string words = outcome.words();
  return words.size() <= kMostHookWords ? words : words.substr(words.size() - kMostHookWords);
}

Status call(const Context& context, const char* verb, const std::string& record,
            const std::string& value) {
  if (!has_dns_hook(context)) {
    return fail(ErrorKind::conflict, "dns_hook_missing",
                fmt::format("PODPLAY_DNS_HOOK is not set, but {} is in a zone of others", record),
                "set it again, or choose http-01");
  }
  TRY(check_dns_hook(context));
  const std::string path = program(context);
  const auto ended =
      context.runner.run({.argv = {path, verb, record + ".", value}, .deadline = kDeadline});
  if (!ended) {
    return fail(
        ErrorKind::unavailable, "dns_hook_failed",
        fmt::format("the DNS hook {} did not do its work: {}", path, describe(ended.error())),
        "it must be an executable file below PODPLAY_OVERRIDES/api");
  }
  context.certificate_log.debug("ran the DNS hook", {{"verb", verb},
                                                     {"record", record},
                                                     {"exit", ended->exit_code},
                                                     {"ms", ended->duration.count()}});
  if (ended->exit_code != 0) {
    return fail(ErrorKind::unavailable, "dns_hook_failed",
                fmt::format("the DNS hook ended with {} for {} {}: {}", ended->exit_code, verb,
                            record, last_words(*ended)),
                "its words say why; the order is tried again by itself");
  }
  return {};
}

}  // namespace

bool has_dns_hook(const Context& context) {
  return !context.settings.text("PODPLAY_DNS_HOOK").empty();
}

Status check_dns_hook(const Context& context) {
  const std::string path = program(context);
  if (context.files.exists(path)) {
    return {};
  }
  return fail(ErrorKind::conflict, "dns_hook_missing",
              fmt::format("PODPLAY_DNS_HOOK names {}, which does not exist", path),
              "put the program into PODPLAY_OVERRIDES/api, executable for everybody");
}

Status present_by_hook(const Context& context, const std::string& record,
                       const std::string& value) {
  return call(context, "present", record, value);
}

Status clean_up_by_hook(const Context& context, const std::string& record,
                        const std::string& value) {
  return call(context, "cleanup", record, value);
}

}  // namespace podplay::control
