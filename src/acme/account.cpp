// The first request of an account shows its public key; later ones name the account's URL.
#include "acme/account.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "acme/problem.hpp"
#include "acme/reading.hpp"
#include "base/encoding.hpp"
#include "base/json_text.hpp"
#include "model/names.hpp"

namespace podplay::acme {
namespace {

constexpr std::pair<std::string_view, AccountStatus> kAccountStatusWords[] = {
    {"valid", AccountStatus::valid},
    {"deactivated", AccountStatus::deactivated},
    {"revoked", AccountStatus::revoked},
};

Account account_from(const Answer& answer, const std::string& url) {
  return {.url = url,
          .status = word_at(answer.body, "status", kAccountStatusWords, AccountStatus::unknown),
          .contact = texts_at(answer.body, "contact")};
}

// One address each, without header fields (RFC 8555 section 7.3).
Result<Json> contact_of(const std::vector<std::string>& emails) {
  std::vector<Fault> faults;
  Json contact = Json::array();
  for (const std::string& email : emails) {
    const auto address = EmailAddress::parse(email, "contact");
    collect(faults, address);
    if (address) {
      contact.push_back("mailto:" + address->text());
    }
  }
  TRY(no_faults(std::move(faults)));
  return contact;
}

Status check_demands(const Directory& directory, const NewAccount& request) {
  std::vector<Fault> faults;
  if (!directory.terms.empty() && !request.terms_agreed) {
    faults.push_back({"terms_agreed", "terms_not_agreed",
                      fmt::format("the authority asks you to agree to {}", directory.terms),
                      "read the terms and say that you agree"});
  }
  if (directory.external_account_required && !request.external) {
    faults.push_back({"external_account", "external_account_missing",
                      "the authority takes only accounts that exist at its web site",
                      "give the key id and the HMAC key that the web site shows"});
  }
  return no_faults(std::move(faults));
}

Result<Account> ask_for_account(Client& client, const Secret& key, const Json& payload,
                                const std::string& purpose) {
  TRY(const auto answer,
      client.post_as({.key = key}, client.directory().new_account, json_text(payload), purpose));
  if (answer.location.empty()) {
    return fail(ErrorKind::unavailable, "acme_unexpected",
                fmt::format("cannot {}: the authority gave the account no address", purpose));
  }
  Account account = account_from(answer, answer.location);
  if (account.status != AccountStatus::valid) {
    return fail(ErrorKind::forbidden, "acme_account_ended",
                fmt::format("the account {} is no longer valid", account.url),
                "make an account with a new key");
  }
  client.use_account({.key = key, .account = account.url});
  return account;
}

}  // namespace

Result<ExternalAccount> parse_external_account(const std::string& key_id, const Secret& key) {
  std::string text = key.reveal();
  while (text.ends_with('=')) {
    text.pop_back();
  }
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  auto octets = from_base64url(text);
  std::vector<Fault> faults;
  if (key_id.empty()) {
    faults.push_back({"key_id", "key_id_missing", "the external account has no key id",
                      "give the key id that the authority's web site shows"});
  }
  // The value is a secret, so it is not quoted.
  if (!octets || octets->empty()) {
    faults.push_back({"hmac_key", "bad_hmac_key", "the HMAC key is not base64url",
                      "copy the whole key from the authority's web site"});
  }
  TRY(no_faults(std::move(faults)));
  return ExternalAccount{key_id, Secret(std::move(*octets))};
}

Result<Account> create_account(Client& client, const Secret& key, const NewAccount& request) {
  const Directory& directory = client.directory();
  TRY(check_demands(directory, request));
  TRY(const auto contact, contact_of(request.emails));
  Json payload{{"termsOfServiceAgreed", request.terms_agreed}};
  if (!contact.empty()) {
    payload["contact"] = contact;
  }
  if (request.external) {
    TRY(const auto jwk, public_jwk(key));
    payload["externalAccountBinding"] = Json::parse(sign_jws_hmac(
        request.external->key, {{"kid", request.external->key_id}, {"url", directory.new_account}},
        json_text(jwk)));
  }
  return ask_for_account(client, key, payload, "make an account");
}

Result<Account> find_account(Client& client, const Secret& key) {
  return ask_for_account(client, key, {{"onlyReturnExisting", true}}, "find the account");
}

Result<Account> get_account(Client& client) {
  const std::string& url = client.account().account;
  TRY(const auto answer, client.post_as_get(url, "read the account"));
  return account_from(answer, url);
}

Result<Account> change_contact(Client& client, const std::vector<std::string>& emails) {
  TRY(const auto contact, contact_of(emails));
  const std::string& url = client.account().account;
  TRY(const auto answer, client.post(url, {{"contact", contact}}, "change the account's contact"));
  return account_from(answer, url);
}

Status deactivate_account(Client& client) {
  TRY(client.post(client.account().account, {{"status", "deactivated"}}, "deactivate the account"));
  return {};
}

Status roll_over_key(Client& client, const Secret& new_key) {
  const std::string& url = client.directory().key_change;
  const Signer old = client.account();
  TRY(const auto old_jwk, public_jwk(old.key));
  TRY(const auto new_jwk, public_jwk(new_key));
  const Json inner{{"account", old.account}, {"oldKey", old_jwk}};
  TRY(const auto signed_by_new,
      sign_jws(new_key, {{"jwk", new_jwk}, {"url", url}}, json_text(inner)));
  TRY(client.post_as(old, url, signed_by_new, "change the account's key"));
  client.use_account({.key = new_key, .account = old.account});
  return {};
}

}  // namespace podplay::acme
