// One row for each type: how serious it is, and the remedy. What the authority says stands in the
// message as it came, without control characters.
#include "acme/problem.hpp"

#include <fmt/format.h>

#include "acme/reading.hpp"
#include "base/ascii.hpp"

namespace podplay::acme {
namespace {

constexpr std::string_view kNamespace = "urn:ietf:params:acme:error:";
constexpr std::size_t kLongestDetail = 1000;

struct Meaning {
  std::string_view type;
  ErrorKind kind;
  std::string_view remedy;
};

constexpr Meaning kMeanings[] = {
    {"accountDoesNotExist", ErrorKind::not_found,
     "the authority does not know the account: make it again"},
    {"alreadyReplaced", ErrorKind::conflict,
     "the certificate was renewed before: order without naming it"},
    {"alreadyRevoked", ErrorKind::conflict, "nothing needs to be done"},
    {"badCSR", ErrorKind::invalid, "use another key kind, and ask for the names of the order only"},
    {"badNonce", ErrorKind::unavailable, "try again"},
    {"badPublicKey", ErrorKind::invalid, "use a new ECDSA P-256 key"},
    {"badRevocationReason", ErrorKind::invalid,
     "use one of unspecified, key_compromise, superseded, cessation_of_operation"},
    {"badSignatureAlgorithm", ErrorKind::invalid, "use an ECDSA P-256 account key"},
    {"caa", ErrorKind::forbidden,
     "add this authority to the CAA records of the domain, or remove the records"},
    {"compound", ErrorKind::refused, "each name has its own reason below"},
    {"connection", ErrorKind::refused,
     "let the authority reach this server: port 80 for http-01, port 443 for tls-alpn-01"},
    {"dns", ErrorKind::refused,
     "make the name's A, AAAA or TXT records visible to the whole internet"},
    {"externalAccountRequired", ErrorKind::forbidden,
     "give the key id and the HMAC key that the authority's web site shows"},
    {"incorrectResponse", ErrorKind::refused,
     "the authority got another answer: let the name's A and AAAA records point to this server "
     "only"},
    {"invalidContact", ErrorKind::invalid, "give an e-mail address that gets mail"},
    {"invalidProfile", ErrorKind::invalid, "choose a profile that the authority offers"},
    {"malformed", ErrorKind::invalid, ""},
    {"orderNotReady", ErrorKind::conflict, "try again when every name is validated"},
    {"rateLimited", ErrorKind::rate_limited,
     "wait; renewals of certificates that exist are mostly not limited"},
    {"rejectedIdentifier", ErrorKind::forbidden,
     "the authority issues no certificate for this name: use another name or authority"},
    {"serverInternal", ErrorKind::unavailable, "try again later"},
    {"tls", ErrorKind::refused,
     "let the server answer TLS on port 443 for this name, or use http-01 or dns-01"},
    {"unauthorized", ErrorKind::forbidden,
     "if it is about a name: let it point to this server, and nothing else answer for it; if it is "
     "about the account: make a new one"},
    {"unsupportedContact", ErrorKind::invalid, "give an e-mail address"},
    {"unsupportedIdentifier", ErrorKind::invalid,
     "the authority takes no such names: leave IP addresses out, or use another authority"},
    {"userActionRequired", ErrorKind::forbidden,
     "read the page that the authority names, and accept the new terms"},
};

const Meaning* meaning_of(std::string_view type) {
  for (const Meaning& row : kMeanings) {
    if (row.type == type) {
      return &row;
    }
  }
  return nullptr;
}

// By the HTTP status, for types that have no row.
ErrorKind kind_of_status(int status) {
  switch (status) {
    case 401:
    case 403: return ErrorKind::forbidden;
    case 404: return ErrorKind::not_found;
    case 409: return ErrorKind::conflict;
    case 429: return ErrorKind::rate_limited;
    default: return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid;
  }
}

std::string code_of(const std::string& type) {
  std::string code = "acme_";
  char before = ' ';
  for (const char c : type.empty() ? "unexpected" : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    code += upper && before >= 'a' && before <= 'z' ? "_" : "";
    code += upper || small ? lower(c) : '_';
    before = c;
  }
  return code;
}

// One line, whatever was sent.
std::string plain(std::string text) {
  text.resize(std::min(text.size(), kLongestDetail));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }, ' ');
  return text;
}

std::string words_of(const Problem& problem) {
  std::string words = plain(problem.detail);
  if (words.empty()) {
    words = problem.type.empty() ? fmt::format("the answer was HTTP {}", problem.status)
                                 : plain(problem.type);
  }
  return words;
}

Fault fault_of(const Problem& problem) {
  const Meaning* meaning = meaning_of(problem.type);
  return {.field = plain(problem.identifier),
          .code = code_of(problem.type),
          .message = words_of(problem),
          .remedy = std::string(meaning == nullptr ? "" : meaning->remedy)};
}

// Without its subproblems. They have none of their own (RFC 8555 section 6.7.1).
Problem single(const Json& json, int status) {
  Problem problem{.type = text_at(json, "type"),
                  .detail = text_at(json, "detail"),
                  .status = status,
                  .identifier = text_at(part_at(json, "identifier"), "value"),
                  .instance = text_at(json, "instance")};
  if (problem.type.starts_with(kNamespace)) {
    problem.type.erase(0, kNamespace.size());
  }
  return problem;
}

}  // namespace

Problem problem_from(const Json& json, int status) {
  Problem problem = single(json, status);
  for (const Json& one : part_at(json, "subproblems")) {
    problem.subproblems.push_back(single(one, 0));
  }
  return problem;
}

Error to_error(const Problem& problem, const std::string& purpose,
               std::chrono::seconds retry_after) {
  const Meaning* meaning = meaning_of(problem.type);
  Error error{
      .kind = meaning == nullptr ? kind_of_status(problem.status) : meaning->kind,
      .code = code_of(problem.type),
      .message = fmt::format("cannot {}: the authority says: {}", purpose, words_of(problem)),
      .remedy = std::string(meaning == nullptr ? "" : meaning->remedy),
      .retry_after = retry_after};
  if (!problem.instance.empty()) {
    error.message += fmt::format(" (see {})", plain(problem.instance));
  }
  if (retry_after.count() > 0) {
    error.message += fmt::format("; it takes the next try in {} s", retry_after.count());
  }
  for (const Problem& one : problem.subproblems) {
    error.faults.push_back(fault_of(one));
  }
  return error;
}

bool is_passing(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout ||
         error.kind == ErrorKind::rate_limited;
}

}  // namespace podplay::acme
