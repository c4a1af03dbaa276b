// What the tests of journeys share: an administrator, somebody without a login, the mails that
// arrive, and what has to be undone. Accounts that are made for a test have names of their own.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/caller.hpp"
#include "cli/invocation.hpp"
#include "cli/mailbox_reader.hpp"

namespace podplay::cli {

// A failure of what is tested: "test_failed".
std::unexpected<Error> unexpected_answer(std::string message);
// `what`: "the account is active".
Status expect(bool holds, const char* what);
// Succeeds when the call was refused with this code.
Status expect_refusal(const Result<Json>& answer, std::string_view code);

// A mailbox, whose mails are read one after the other.
struct Inbox {
  std::string email;
  Secret password;
  std::size_t seen = 0;
};

// Owned by the main thread.
class Walk {
 public:
  // With the session of the command line, who must be an administrator.
  static Result<Walk> begin(const Invocation& invocation);

  Clock& clock() { return world_.clock; }
  // Tokens and passwords, which no log may have.
  const std::set<std::string>& secrets() const { return secrets_; }

  // "journey-test-WHAT-RANDOM@DOMAIN"
  std::string new_address(std::string_view what) const;
  Secret new_password();

  // `waits`: until the services have applied the change.
  Result<Json> as_admin(const char* method, const std::string& path, const Json& body = {},
                        bool waits = false);
  // As somebody without a login or, after log_in(), as that person.
  Result<Json> as_person(const char* method, const std::string& path, const Json& body = {},
                         bool waits = false);
  Status download(const std::string& path, std::string& into);

  // An account that an administrator made.
  Result<Inbox> make_mailbox(std::string_view what);
  // The account is deleted at the end, if it is there then.
  void will_make(const std::string& email) { made_.insert(email); }

  Result<ReadMail> next_mail(Inbox& inbox);
  // The same for a mail that must have a link, in text and HTML.
  Result<ReadMail> next_link(Inbox& inbox);

  Status log_in(const std::string& email, const Secret& password);
  Status log_in_by_imap(const std::string& email, const Secret& password) const;

  // Registration is open at the domain until the end.
  Status open_registration();

  // Returns what could not be undone.
  std::vector<std::string> clean_up();

 private:
  Walk(World& world, Caller admin, Caller person, ImapServer imap, std::string domain)
      : world_(world),
        admin_(std::move(admin)),
        person_(std::move(person)),
        imap_(std::move(imap)),
        domain_(std::move(domain)) {}
  std::string rule_path() const;

  World& world_;
  Caller admin_;
  Caller person_;
  ImapServer imap_;
  std::string domain_;
  // Null: it was not changed.
  Json rule_before_;
  std::set<std::string> made_;
  std::set<std::string> secrets_;
};

}  // namespace podplay::cli
