// Whether the mail service follows the directory's feed. An agent that works on a long list of rows
// is behind, too, but goes on: it is looked at twice.
#include <optional>

#include "control/watch/diagnosis/facts.hpp"
#include "store/feed.hpp"

namespace podplay::control {
namespace {

constexpr std::chrono::milliseconds kPause{1000};
constexpr std::chrono::milliseconds kAnswer{1500};

// As its agent says it now: its status is told only now and then.
std::optional<std::uint64_t> position_of_mail(Context& context) {
  constexpr const char* kAsked = R"({"sections":["directory"]})";
  const auto answer =
      context.hub.command_one(ServiceName::mail, "evidence", kAsked, "diagnosis", kAnswer);
  if (!answer) {
    return std::nullopt;
  }
  const EvidenceJson parsed = EvidenceJson::parse(*answer, nullptr, false);
  const EvidenceJson& directory = object_of(object_of(parsed, "sections"), "directory");
  return static_cast<std::uint64_t>(number_of(directory, "seq"));
}

}  // namespace

void add_feed_facts(Context& context, EvidenceJson& facts) {
  const auto newest = context.store.read<std::uint64_t>(
      [](store::Session& session) { return store::newest_sequence(session, ServiceName::mail); });
  if (!newest) {
    return;
  }
  const auto first = position_of_mail(context);
  auto second = first;
  if (first && *first < *newest) {
    context.clock.sleep(kPause);
    second = position_of_mail(context);
  }
  facts["feed"] = {{"mail", *newest},
                   {"mail_agent", second.value_or(0)},
                   {"stuck", second && *second < *newest && second == first}};
}

}  // namespace podplay::control
