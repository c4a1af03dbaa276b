// The words of the pod's mails. Each kind and language is one text template, from which the HTML is
// made; an operator may replace any of them, and may add HTML of their own (docs/accounts.md).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/result.hpp"
#include "control/context.hpp"
#include "model/journey.hpp"

namespace podplay::control {

struct LetterText {
  // One line.
  std::string subject;
  std::string text;
  std::string html;
};

// What a template may name. A value that a kind does not have is empty.
inline constexpr std::string_view kLetterValues[] = {"email",  "address", "link",    "lifetime",
                                                     "host",   "url",     "name",    "from",
                                                     "remote", "text",    "subject", "erased"};

// `values` are texts by their names in kLetterValues.
Result<LetterText> write_letter(Files& files, const Paths& paths, LetterKind kind,
                                std::string_view language,
                                const std::map<std::string, std::string>& values);

// At the start of the control plane: writes every letter once, so that an override with a mistake
// is in the log before a person waits for its mail. An override that replaces nothing is a mistake,
// too.
Status check_letters(Files& files, const Paths& paths);

// "60 minutes", "12 hours" or "7 days".
std::string lifetime_words(std::chrono::seconds lifetime, std::string_view language);

}  // namespace podplay::control
