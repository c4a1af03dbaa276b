// What rules ask about daemons that do not run as they should.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "control/watch/diagnosis/evidence.hpp"
#include "control/watch/diagnosis/rule.hpp"

namespace podplay::control {

// A daemon that ends again and again, or cannot be started, by the section `exits`.
struct FailingDaemon {
  std::string name;
  // "exit code 1".
  std::string how;
  int signal = 0;
  // The last lines of its output.
  std::vector<std::string> words;
};

// Daemons that are not ready and have ended by themselves just now, soon after their start. Not one
// that is being started, restarted or reloaded.
std::vector<FailingDaemon> failing_daemons(const Evidence& evidence, const AgentEvidence& agent);

// "named, postfix"
std::string join_names(const std::vector<std::string>& names);
// The lines that hold one of the phrases; without regard to case.
std::vector<std::string> lines_with(const std::vector<std::string>& lines,
                                    std::initializer_list<std::string_view> phrases);
// The words of the checker that refuses the release in use; empty when it does not, or was not
// asked. `daemon` becomes its name.
std::string refused_words(const AgentEvidence& agent, std::string& daemon);
// What shows the rows that a daemon did not take, of those that `wanted` picks. Nothing: there are
// none.
std::optional<Shown> rows_refused(const AgentEvidence& agent,
                                  const std::function<bool(const SetAsideRow&)>& wanted);
std::vector<std::string> split_lines(std::string_view text);
// "61 MiB"
std::string in_mebibytes(std::int64_t bytes);

}  // namespace podplay::control
