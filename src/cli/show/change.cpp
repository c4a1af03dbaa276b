// Shows how a change ended. It never says "applied" of a service that has not reported it.
#include "cli/show/change.hpp"

#include <fmt/format.h>

#include "cli/show/table.hpp"

namespace podplay::cli {

std::string dry_run_text(const Json& answer) {
  std::string text = "dry run: nothing was changed\n";
  // What acts at once says in its own form what it would do.
  if (!answer.contains("services")) {
    Json would = answer;
    would.erase("dry_run");
    return text + object_lines(would);
  }
  for (const Json& row : answer.value("rows", Json::array())) {
    text += fmt::format("row: {} {} {}\n", row.value("deleted", false) ? "delete" : "put",
                        member(row, "kind"), member(row, "key"));
  }
  for (const Json& service : answer.value("services", Json::array())) {
    std::string verdict = "refused";
    if (service.value("ok", false)) {
      verdict = service.value("asked", true) ? "its checkers accept this" : "not asked";
    }
    const std::string words = member(service, "words");
    text += fmt::format("{}: {}{}\n", member(service, "service"), verdict,
                        words.empty() ? "" : ": " + words);
    text += member(service, "diff");
  }
  return text;
}

std::string applied_text(const Json& answer) {
  const std::string revision = member(answer, "revision");
  const auto applied = answer.find("applied");
  if (applied == answer.end()) {
    return fmt::format("revision {}", revision);
  }
  std::string done;
  std::string pending;
  for (const Json& service : applied->value("services", Json::array())) {
    std::string& list = service.value("state", "") == "applied" ? done : pending;
    list += (list.empty() ? "" : ", ") + member(service, "service");
  }
  if (pending.empty()) {
    return done.empty() ? fmt::format("saved as revision {}; no service needs it", revision)
                        : fmt::format("applied by {} (revision {})", done, revision);
  }
  return fmt::format(
      "saved as revision {}, not yet applied by {}; see: podplay revisions show {} --wait 30",
      revision, pending, revision);
}

std::string fill_sentence(std::string_view sentence, const Json& object) {
  std::string text;
  // What is filled in is never looked at again: a name may have braces of its own.
  while (!sentence.empty()) {
    const std::size_t open = sentence.find('{');
    const std::size_t close = open == sentence.npos ? open : sentence.find('}', open);
    if (close == sentence.npos) {
      return text + std::string(sentence);
    }
    text += sentence.substr(0, open);
    text += member(object, sentence.substr(open + 1, close - open - 1));
    sentence.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace podplay::cli
