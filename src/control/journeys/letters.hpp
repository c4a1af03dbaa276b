// Mails of the pod to persons. A letter is a row and a job: it is written in the transaction of
// what it tells about, and handed to Postfix afterwards, again and again until Postfix takes it.
// The token of a link is made when the mail is written, so the store never has it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "control/context.hpp"
#include "control/jobs/run.hpp"
#include "model/journey.hpp"
#include "model/user.hpp"

namespace podplay::control {

inline constexpr std::string_view kLetterJob = "letter";

struct NewLetter {
  LetterKind kind = LetterKind::note;
  // The person; 0: nobody who has an account.
  std::int64_t user_id = 0;
  std::int64_t registration = 0;
  // Empty: the kind's own recipients, see letter_kinds.hpp.
  std::string recipient{};
  // Empty: the person's, else that of the settings.
  std::string language{};
  // What the template may name: {"name", "phone"}. Never a secret.
  std::map<std::string, std::string> facts{};
};

// Adds the letter and its job. Call context.jobs.wake() after the commit. `actor` is who caused it:
// the letter names its address.
void add_letter(Context& context, store::Transaction& transaction, const NewLetter& letter,
                const Actor& actor);

// The job. Its subject is the letter's id.
Status send_letter(Context& context, JobRun& run);

}  // namespace podplay::control
