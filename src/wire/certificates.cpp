// Certificates in requests and answers. Times that do not exist are null, and so are the days of a
// certificate that has no version yet.
#include "wire/certificates.hpp"

#include "wire/jobs.hpp"

namespace podplay::wire {
namespace {

using enum FieldType;

// These fields are the same in several shapes.
constexpr FieldRow kCertificateName{
    .name = "name",
    .type = text,
    .required = true,
    .help = "The domain or host that it is for, or any name of a further one",
    .example = R"("example.com")"};
constexpr FieldRow kCertificateRevision{.name = "revision",
                                        .type = integer,
                                        .required = true,
                                        .help = "Revision of the last change, for If-Match",
                                        .example = "42"};
constexpr FieldRow kIssuer{.name = "issuer",
                           .type = text,
                           .required = true,
                           .help = "Who will sign the next version: internal, file or an account",
                           .example = R"("letsencrypt")"};
constexpr FieldRow kCertificateState{.name = "state",
                                     .type = text,
                                     .required = true,
                                     .help = "wanted, valid or failed",
                                     .example = R"("valid")"};
constexpr FieldRow kAlert{.name = "alert",
                          .type = text,
                          .required = true,
                          .help = "By the time that is left: none, notice, warning or error",
                          .example = R"("none")"};
constexpr FieldRow kDaysLeft{.name = "days_left",
                             .type = integer,
                             .required = true,
                             .help =
                                 "Whole days until the version in use expires; negative after "
                                 "that; null: there is no version",
                             .example = "59",
                             .nullable = true};
constexpr FieldRow kNextStep{.name = "next_step",
                             .type = text,
                             .required = true,
                             .help = "What happens next, in words",
                             .example = R"("renewed at 2026-03-01")"};
constexpr FieldRow kLastError{.name = "last_error",
                              .type = text,
                              .required = true,
                              .help = "Why the last try failed; empty when it did not",
                              .example = R"("")"};
constexpr FieldRow kForce{.name = "force",
                          .type = boolean,
                          .help =
                              "Order in spite of what the preflight finds and of the "
                              "authority's limits; administrators only",
                          .example = "false"};
constexpr FieldRow kAllowWeaker{.name = "allow_weaker",
                                .type = boolean,
                                .help = "Allow one that browsers trust less than the one in use",
                                .example = "false"};

// What may be wanted of a certificate.
constexpr FieldRow kWantedIssuer{.name = "issuer",
                                 .type = text,
                                 .help = "internal, or the name of an account",
                                 .example = R"("letsencrypt")",
                                 .on_null = R"("internal")"};
constexpr FieldRow kWantedNames{.name = "names",
                                .type = text_list,
                                .help =
                                    "The DNS names and IP addresses that it covers (RFC 5280 "
                                    "section 4.2.1.6); empty: those that follow from the domain",
                                .example = R"(["example.com", "www.example.com"])",
                                .on_null = R"([])"};
constexpr FieldRow kWildcard{.name = "wildcard",
                             .type = boolean,
                             .help = "The domain and *. before it; needs dns-01",
                             .example = "true",
                             .on_null = R"(false)"};
constexpr FieldRow kAcmeChallenge{
    .name = "challenge",
    .type = text,
    .help = "dns-01, http-01, tls-alpn-01, or any: the best for each name",
    .example = R"("dns-01")",
    .on_null = R"("any")"};
constexpr FieldRow kKeyType{.name = "key_type",
                            .type = text,
                            .help = "ecdsa or rsa",
                            .example = R"("ecdsa")",
                            .on_null = R"("ecdsa")"};
constexpr FieldRow kProfile{.name = "profile",
                            .type = text,
                            .help = "One of the authority's profiles, or any: its default",
                            .example = R"("shortlived")",
                            .on_null = R"("any")"};
constexpr FieldRow kRoot{.name = "root",
                         .type = text,
                         .help = "Common name of the root that the chain must end in, or any",
                         .example = R"("ISRG Root X1")",
                         .on_null = R"("any")"};

constexpr FieldRow kCertificateCreateFields[] = {
    kCertificateName, kWantedIssuer, kWantedNames, kWildcard,    kAcmeChallenge,
    kKeyType,         kProfile,      kRoot,        kAllowWeaker, kForce,
};
constexpr FieldRow kCertificateChangeFields[] = {
    kWantedIssuer, kWantedNames, kWildcard,    kAcmeChallenge, kKeyType,
    kProfile,      kRoot,        kAllowWeaker, kForce,
};
constexpr FieldRow kOrderFields[] = {kForce};
constexpr FieldRow kUploadFields[] = {
    {.name = "certificate",
     .type = text,
     .required = true,
     .help = "PEM: the certificate and after it its issuers, in order, without the root",
     .example = R"("-----BEGIN CERTIFICATE-----\n...")",
     .lines = true},
    {.name = "key",
     .type = text,
     .required = true,
     .help = "PEM: its private key, without a passphrase; no answer and no log has it",
     .example = R"("-----BEGIN PRIVATE KEY-----\n...")",
     .lines = true},
    kAllowWeaker,
};
constexpr FieldRow kRevokeFields[] = {
    {.name = "reason",
     .type = text,
     .help = "unspecified, key_compromise, affiliation_changed, superseded or "
             "cessation_of_operation (RFC 5280 section 5.3.1)",
     .example = R"("key_compromise")"},
    {.name = "signed_by",
     .type = text,
     .help = "account, or key: the certificate's own",
     .example = R"("account")"},
};

constexpr FieldRow kPlacedOrderFields[] = {
    {.name = "id", .type = integer, .required = true, .help = "Its number", .example = "7"},
    {.name = "account",
     .type = text,
     .required = true,
     .help = "The account that ordered",
     .example = R"("letsencrypt")"},
    {.name = "state",
     .type = text,
     .required = true,
     .help = "open, done, failed or abandoned",
     .example = R"("done")"},
    {.name = "names",
     .type = text_list,
     .required = true,
     .help = "The names that were ordered",
     .example = R"(["example.com"])"},
    {.name = "failed_names",
     .type = text_list,
     .required = true,
     .help = "Those of them that the authority could not validate",
     .example = "[]"},
    {.name = "error",
     .type = text,
     .required = true,
     .help = "Why it failed; empty when it did not",
     .example = R"("")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When it began",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "ended",
     .type = text,
     .required = true,
     .help = "When it ended; null: it is open",
     .example = R"("2026-01-01T00:00:05Z")",
     .nullable = true},
};
constexpr Shape kOrder{.name = "CertificateOrder",
                       .help = "An order at a certificate authority",
                       .fields = kPlacedOrderFields};

constexpr FieldRow kCertificateFields[] = {
    kCertificateName,
    {.name = "names",
     .type = text_list,
     .required = true,
     .help = "The names that are wanted (RFC 5280 section 4.2.1.6)",
     .example = R"(["example.com", "www.example.com"])"},
    {.name = "names_chosen",
     .type = boolean,
     .required = true,
     .help = "false: the names follow from the domain",
     .example = "false"},
    kIssuer,
    {.name = "version_issuer",
     .type = text,
     .required = true,
     .help = "Who signed the version in use; empty: there is none",
     .example = R"("letsencrypt")"},
    {.name = "version_names",
     .type = text_list,
     .required = true,
     .help = "The names in the version in use",
     .example = R"(["example.com", "www.example.com"])"},
    kCertificateState,
    {.name = "fingerprint",
     .type = text,
     .required = true,
     .help = "The version in use: SHA-256 of its DER in hex; empty: there is none",
     .example = R"("5f0c")"},
    {.name = "not_before",
     .type = text,
     .required = true,
     .help = "From when the version in use is valid",
     .example = R"("2026-01-01T00:00:00Z")",
     .nullable = true},
    {.name = "not_after",
     .type = text,
     .required = true,
     .help = "When the version in use expires",
     .example = R"("2026-04-01T00:00:00Z")",
     .nullable = true},
    kDaysLeft,
    {.name = "renew_at",
     .type = text,
     .required = true,
     .help = "When the next version is due; null: never by itself",
     .example = R"("2026-03-01T00:00:00Z")",
     .nullable = true},
    kAlert,
    kNextStep,
    kLastError,
    {.name = "challenge",
     .type = text,
     .required = true,
     .help = "How names are validated; empty: the best way for each name",
     .example = R"("dns-01")"},
    {.name = "key_type",
     .type = text,
     .required = true,
     .help = "ecdsa or rsa",
     .example = R"("ecdsa")"},
    {.name = "profile",
     .type = text,
     .required = true,
     .help = "The authority's profile; empty: its default",
     .example = R"("")"},
    {.name = "root",
     .type = text,
     .required = true,
     .help = "The root that the chain must end in; empty: the authority's choice",
     .example = R"("")"},
    {.name = "created",
     .type = text,
     .required = true,
     .help = "When the certificate was first wanted",
     .example = R"("2026-01-01T00:00:00Z")"},
    {.name = "updated",
     .type = text,
     .required = true,
     .help = "When the certificate was last changed",
     .example = R"("2026-01-01T00:00:00Z")"},
    kCertificateRevision,
    {.name = "versions",
     .type = text_list,
     .help = "Fingerprints of the versions on disk; only where one certificate is shown",
     .example = R"(["5f0c"])"},
    {.name = "orders",
     .type = object_list,
     .help = "The newest orders, newest first; only where one certificate is shown",
     .example = "[]",
     .of = &kOrder},
    {.name = "job",
     .type = object,
     .help = "The job of the newest order; its steps only where one certificate is shown",
     .example = "{}",
     .of = &kJob},
};

constexpr FieldRow kCertificateDeletedFields[] = {kCertificateName, kCertificateRevision};

constexpr FieldRow kFindingFields[] = {
    {.name = "name",
     .type = text,
     .required = true,
     .help = "The name or address that it is about; empty: all of them",
     .example = R"("www.example.com")"},
    {.name = "code",
     .type = text,
     .required = true,
     .help = "Stable, for programs",
     .example = R"("points_elsewhere")"},
    {.name = "fatal",
     .type = boolean,
     .required = true,
     .help = "true: the authority will refuse",
     .example = "true"},
    {.name = "message",
     .type = text,
     .required = true,
     .help = "What was seen",
     .example = R"("www.example.com points to 192.0.2.7")"},
    {.name = "remedy",
     .type = text,
     .required = true,
     .help = "What to do",
     .example = R"("let it point to 192.0.2.10")"},
};
constexpr Shape kFinding{
    .name = "Finding", .help = "What would make an order fail", .fields = kFindingFields};
constexpr FieldRow kFindingsFields[] = {
    {.name = "dry_run",
     .type = boolean,
     .required = true,
     .help = "Always true: nothing was ordered",
     .example = "true"},
    {.name = "findings",
     .type = object_list,
     .required = true,
     .help = "What was found; empty: nothing stands in the way",
     .example = "[]",
     .of = &kFinding},
};

constexpr FieldRow kTroubleFields[] = {
    kCertificateName, kIssuer, kCertificateState, kAlert, kDaysLeft, kNextStep, kLastError,
};

// Rounded down, so that an expired certificate never has 0 days left.
Json days_left(const Certificate& certificate, WallTime now) {
  if (certificate.version.empty()) {
    return nullptr;
  }
  return std::chrono::floor<std::chrono::days>(certificate.not_after - now).count();
}

}  // namespace

const Shape kCertificateCreate{.name = "CertificateCreate",
                               .help = "A certificate for names that are no domain's",
                               .fields = kCertificateCreateFields};
const Shape kCertificateChange{
    .name = "CertificateChange",
    .help = "What is wanted of a certificate; what is missing stays as it is",
    .fields = kCertificateChangeFields};
const Shape kCertificateOrderCreate{
    .name = "CertificateOrderCreate", .help = "How to order a certificate", .fields = kOrderFields};
const Shape kCertificateUpload{
    .name = "CertificateUpload", .help = "A certificate from elsewhere", .fields = kUploadFields};
const Shape kCertificateRevoke{.name = "CertificateRevoke",
                               .help = "How to revoke the version in use",
                               .fields = kRevokeFields};

const Shape kCertificate{
    .name = "Certificate", .help = "A certificate", .fields = kCertificateFields};
const Shape kCertificateDeleted{.name = "CertificateDeleted",
                                .help = "A certificate that was deleted",
                                .fields = kCertificateDeletedFields};
const Shape kCertificateFindings{.name = "CertificateFindings",
                                 .help = "What a dry run of an order found",
                                 .fields = kFindingsFields};
const Shape kCertificateTrouble{.name = "CertificateTrouble",
                                .help = "A certificate that needs somebody to look at it",
                                .fields = kTroubleFields};

Json to_json(const Certificate& certificate, const CertificateView& view) {
  return {{"name", certificate.name},
          {"names", certificate.names},
          {"names_chosen", certificate.names_chosen},
          {"issuer", certificate.issuer},
          {"version_issuer", certificate.version_issuer},
          {"version_names", certificate.version_names},
          {"state", to_text(certificate.state)},
          {"fingerprint", certificate.version},
          {"not_before", time_or_null(certificate.not_before)},
          {"not_after", time_or_null(certificate.not_after)},
          {"days_left", days_left(certificate, view.now)},
          {"renew_at", time_or_null(certificate.renew_at)},
          {"alert", view.alert},
          {"next_step", view.next_step},
          {"last_error", certificate.last_error},
          {"challenge", certificate.wishes.challenge},
          {"key_type", to_text(certificate.wishes.key_type)},
          {"profile", certificate.wishes.profile},
          {"root", certificate.wishes.root},
          {"created", to_rfc3339(certificate.created)},
          {"updated", to_rfc3339(certificate.updated)},
          {"revision", certificate.revision}};
}

Json trouble_json(const Certificate& certificate, const CertificateView& view) {
  return {{"name", certificate.name},
          {"issuer", certificate.issuer},
          {"state", to_text(certificate.state)},
          {"alert", view.alert},
          {"days_left", days_left(certificate, view.now)},
          {"next_step", view.next_step},
          {"last_error", certificate.last_error}};
}

}  // namespace podplay::wire
