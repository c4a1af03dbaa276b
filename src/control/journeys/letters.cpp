// To whom a letter goes, and whether it goes at all, is decided when it is written, not when it is
// asked for: so a request for an account that does not exist takes the same time as any other.
#include "control/journeys/letters.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "base/numbers.hpp"
#include "control/identity/tokens.hpp"
#include "control/jobs/jobs.hpp"
#include "control/journeys/letter_text.hpp"
#include "control/journeys/links.hpp"
#include "control/mail/message.hpp"
#include "store/aliases.hpp"
#include "store/contacts.hpp"
#include "store/registrations.hpp"
#include "store/users.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

constexpr auto kDeadline = std::chrono::seconds(30);

enum class To {
  // The row names the recipient.
  given,
  // The person's recovery address.
  recovery,
  // The mailbox, and the recovery address when there is one: a letter each.
  person,
};

struct KindRow {
  LetterKind kind;
  To to;
  // The purpose of the link in it; nothing: there is none.
  std::optional<LinkPurpose> link{};
};

constexpr KindRow kKindRows[] = {
    {LetterKind::registration, To::given, LinkPurpose::registration},
    {LetterKind::registration_taken, To::given},
    {LetterKind::registration_to_approve, To::given},
    {LetterKind::registration_approved, To::given},
    {LetterKind::registration_refused, To::given},
    {LetterKind::password_reset, To::recovery, LinkPurpose::password_reset},
    {LetterKind::password_changed, To::person},
    {LetterKind::invitation, To::given, LinkPurpose::invitation},
    {LetterKind::recovery_new, To::given, LinkPurpose::recovery_new},
    {LetterKind::recovery_old, To::given, LinkPurpose::recovery_old},
    {LetterKind::recovery_changed, To::person},
    {LetterKind::account_deleted, To::recovery, LinkPurpose::keep_account},
    {LetterKind::account_kept, To::person},
    {LetterKind::second_factor_reset, To::person},
    {LetterKind::passkey_added, To::person},
    {LetterKind::app_password_added, To::person},
    {LetterKind::outside_login_connected, To::person},
    {LetterKind::note, To::given},
};

const KindRow& row_of(LetterKind kind) {
  for (const KindRow& row : kKindRows) {
    if (row.kind == kind) {
      return row;
    }
  }
  return kKindRows[std::size(kKindRows) - 1];
}

// A letter whose recipient is known.
struct Addressed {
  LetterKind kind = LetterKind::note;
  std::string recipient;
  std::string language;
  std::map<std::string, std::string> values;
  std::optional<NewLink> link{};
  // Of a registration whose address is taken.
  bool drop_registration = false;
};

std::map<std::string, std::string> facts_of(const Letter& letter) {
  std::map<std::string, std::string> facts;
  const Json parsed = Json::parse(letter.facts, nullptr, false);
  for (const auto& [name, value] : parsed.items()) {
    facts[name] = value.is_string() ? value.get<std::string>() : std::string();
  }
  return facts;
}

bool is_taken(store::Session& session, const Registration& registration) {
  return store::find_user(session, registration.email) ||
         store::find_alias(session, registration.email) ||
         store::waits_for_approval(session, registration.email);
}

// Nothing: there is nobody to write to.
std::optional<Addressed> address_registration(store::Session& session, const Letter& letter,
                                              Addressed addressed) {
  const auto registration = store::find_registration(session, letter.registration);
  if (!registration) {
    return std::nullopt;
  }
  addressed.recipient = registration->recovery_address;
  addressed.values["email"] = registration->email;
  if (is_taken(session, *registration)) {
    addressed.kind = LetterKind::registration_taken;
    addressed.drop_registration = true;
    addressed.link.reset();
  } else {
    addressed.link->registration = registration->id;
    addressed.link->address = registration->recovery_address;
  }
  return addressed;
}

std::optional<User> person_of(store::Session& session, const Letter& letter,
                              const std::map<std::string, std::string>& facts) {
  if (letter.user_id != 0) {
    return store::find_user(session, letter.user_id);
  }
  const auto email = facts.find("email");
  return email == facts.end() ? std::nullopt : store::find_user(session, email->second);
}

std::optional<Addressed> address_person(store::Session& session, const Letter& letter,
                                        Addressed addressed) {
  const KindRow& row = row_of(letter.kind);
  const auto user = person_of(session, letter, addressed.values);
  const auto contact = user ? store::find_contact(session, user->id) : std::nullopt;
  if (!user && row.to != To::given) {
    return std::nullopt;
  }
  if (user) {
    addressed.values["email"] = user->email;
  }
  if (contact && addressed.language.empty()) {
    addressed.language = contact->language;
  }
  if (addressed.recipient.empty() && contact) {
    addressed.recipient = contact->recovery_address;
  }
  if (letter.kind == LetterKind::password_reset && !may_use_api(session, *user)) {
    return std::nullopt;
  }
  if (addressed.link) {
    addressed.link->user_id = user ? user->id : 0;
    std::string& address = addressed.values["address"];
    addressed.link->address = address;
    // For people: there is to be none.
    address = address.empty() ? "-" : address;
  }
  if (letter.kind == LetterKind::account_deleted) {
    const auto deletion = store::find_deletion(session, letter.user_id);
    if (!deletion) {
      return std::nullopt;
    }
    addressed.link->expires = deletion->due;
    addressed.values["erased"] = fmt::format(
        "{:%Y-%m-%d %H:%M} UTC", std::chrono::floor<std::chrono::minutes>(deletion->due));
  }
  return addressed;
}

std::optional<Addressed> address(store::Session& session, const Letter& letter) {
  Addressed addressed{.kind = letter.kind,
                      .recipient = letter.recipient,
                      .language = letter.language,
                      .values = facts_of(letter)};
  if (const auto purpose = row_of(letter.kind).link) {
    addressed.link = NewLink{.purpose = *purpose};
    if (const auto remote = addressed.values.find("remote"); remote != addressed.values.end()) {
      addressed.link->remote_address = remote->second;
    }
  }
  auto found = letter.kind == LetterKind::registration
                   ? address_registration(session, letter, std::move(addressed))
                   : address_person(session, letter, std::move(addressed));
  return found && !found->recipient.empty() ? found : std::nullopt;
}

// Makes the link, and lets a registration live as long as its link.
Result<std::string> link_for(Context& context, const NewLink& link) {
  return context.store.write<std::string>(
      [&](store::Transaction& transaction) -> Result<std::string> {
        const Secret url = make_link(context, transaction, link);
        if (auto registration = store::find_registration(transaction, link.registration)) {
          registration->expires =
              context.clock.now() + link_lifetime(context, LinkPurpose::registration);
          store::update_registration(transaction, *registration);
        }
        return url.reveal();
      });
}

Status forget_letter(Context& context, const Letter& letter, bool drop_registration) {
  TRY(context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    store::delete_letter(transaction, letter.id);
    if (drop_registration) {
      store::delete_registration(transaction, letter.registration);
    }
    return true;
  }));
  return {};
}

Result<Message> write(Context& context, const Letter& letter, Addressed& addressed) {
  const Settings& settings = context.settings;
  if (addressed.language.empty()) {
    addressed.language = settings.text("PODPLAY_LANGUAGE");
  }
  addressed.values["host"] = settings.text("PODPLAY_HOST_NAME");
  addressed.values["url"] = settings.text("PODPLAY_PUBLIC_URL");
  if (addressed.link) {
    addressed.values["lifetime"] =
        lifetime_words(link_lifetime(context, addressed.link->purpose), addressed.language);
    TRY(addressed.values["link"], link_for(context, *addressed.link));
  }
  TRY(auto text, write_letter(context.files, context.paths, addressed.kind, addressed.language,
                              addressed.values));
  const bool note = addressed.kind == LetterKind::note;
  return Message{.from = settings.text("PODPLAY_MAIL_FROM"),
                 .to = {addressed.recipient},
                 .subject = std::move(text.subject),
                 .text = std::move(text.text),
                 .html = std::move(text.html),
                 .reply_to = note ? addressed.values["from"] : std::string(),
                 .automatic = !note,
                 .id = fmt::format("letter-{}.{}@{}", letter.id, random_token(12),
                                   settings.text("PODPLAY_MAIL_SERVER_NAME")),
                 .date = context.clock.now()};
}

void insert(Context& context, store::Transaction& transaction, const NewLetter& wanted,
            const std::string& recipient, const Actor& actor) {
  Json facts = Json::object();
  for (const auto& [name, value] : wanted.facts) {
    facts[name] = value;
  }
  if (!facts.contains("remote")) {
    facts["remote"] = actor.remote_address();
  }
  const Letter letter{.id = transaction.next("id"),
                      .kind = wanted.kind,
                      .user_id = wanted.user_id,
                      .registration = wanted.registration,
                      .recipient = recipient,
                      .language = wanted.language,
                      .facts = json_text(facts),
                      .created = context.clock.now()};
  store::insert_letter(transaction, letter);
  add_job(context, transaction,
          {.kind = std::string(kLetterJob),
           .subject = std::to_string(letter.id),
           .request_id = actor.request_id()});
}

}  // namespace

void add_letter(Context& context, store::Transaction& transaction, const NewLetter& letter,
                const Actor& actor) {
  if (row_of(letter.kind).to != To::person || !letter.recipient.empty()) {
    insert(context, transaction, letter, letter.recipient, actor);
    return;
  }
  if (const auto user = store::find_user(transaction, letter.user_id)) {
    insert(context, transaction, letter, user->email, actor);
  }
  const auto contact = store::find_contact(transaction, letter.user_id);
  if (contact && !contact->recovery_address.empty()) {
    insert(context, transaction, letter, contact->recovery_address, actor);
  }
}

Status send_letter(Context& context, JobRun& run) {
  const auto id = parse_number<std::int64_t>(run.subject());
  struct Found {
    std::optional<Letter> letter;
    std::optional<Addressed> addressed;
  };
  TRY(auto found, context.store.read_together<Found>([&](store::Session& session) {
    Found result{.letter = store::find_letter(session, id.value_or(0))};
    if (result.letter) {
      result.addressed = address(session, *result.letter);
    }
    return result;
  }));
  if (!found.letter) {
    return {};
  }
  if (!found.addressed) {
    run.step("find whom to write to");
    run.say("nobody");
    return forget_letter(context, *found.letter, false);
  }
  run.step(fmt::format("write the letter {}", to_text(found.addressed->kind)));
  TRY(const auto message, write(context, *found.letter, *found.addressed));
  run.step("hand it to Postfix");
  // Without an account: the limits of what an account sends do not hold for the pod itself.
  const Json arguments{{"account", ""},
                       {"sender", message.from},
                       {"recipients", message.to},
                       {"message_id", message.id},
                       {"message", to_rfc5322(message)}};
  TRY(context.hub.command_one(ServiceName::mail, "send", json_text(arguments), run.job().request_id,
                              kDeadline));
  run.say("Postfix has it");
  return forget_letter(context, *found.letter, found.addressed->drop_registration);
}

}  // namespace podplay::control
