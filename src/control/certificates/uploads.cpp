// An upload is checked as a whole before anything is written, so that a person sees all faults at
// once. What is kept is in order and complete: services read it as it is.
#include "control/certificates/uploads.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "control/certificates/certificates.hpp"
#include "control/certificates/rank.hpp"
#include "control/certificates/versions.hpp"
#include "net/chain.hpp"
#include "net/inspection.hpp"
#include "store/certificates.hpp"

namespace podplay::control {
namespace {

// Longer chains have no use, and every client pays for them.
constexpr std::size_t kMostCertificates = 10;

// One certificate of the upload.
struct Part {
  std::string pem;
  net::CertificateInfo info;
  net::CertificateTraits traits;
  // Its place in the file, from 1.
  std::size_t place = 0;
};

void add(std::vector<Fault>& faults, const char* field, const char* code, std::string message,
         std::string remedy) {
  faults.push_back(
      {.field = field, .code = code, .message = std::move(message), .remedy = std::move(remedy)});
}

// "certificate 2 (R11)".
std::string part_words(const Part& part) {
  return part.info.common_name.empty()
             ? fmt::format("certificate {}", part.place)
             : fmt::format("certificate {} ({})", part.place, part.info.common_name);
}

// The certificates of the text, each once.
std::vector<Part> read_parts(const std::string& text, std::vector<Fault>& faults) {
  std::vector<Part> parts;
  if (text.size() > kCertificateLimit) {
    add(faults, "certificate", "too_large",
        fmt::format("the certificate has {} octets, more than {}", text.size(), kCertificateLimit),
        "send only the certificate and those that signed it");
    return parts;
  }
  const auto all = net::split_chain(text);
  if (!all) {
    add(faults, "certificate", "no_certificate",
        text.empty() ? "the certificate is empty" : "there is no certificate in PEM in the text",
        "send the text that begins with -----BEGIN CERTIFICATE-----; from another form: openssl "
        "x509 -inform DER, or openssl pkcs12");
    return parts;
  }
  if (all->size() > kMostCertificates) {
    add(faults, "certificate", "too_many",
        fmt::format("there are {} certificates in the text, more than {}", all->size(),
                    kMostCertificates),
        "send only the certificate and those that signed it");
    return parts;
  }
  for (std::size_t i = 0; i < all->size(); ++i) {
    const std::string& pem = (*all)[i];
    const auto same = [&](const Part& part) { return part.pem == pem; };
    const auto info = net::read_certificate(pem);
    const auto traits = net::read_traits(pem);
    if (!info || !traits) {
      add(faults, "certificate", "unreadable_certificate",
          fmt::format("certificate {} of the text cannot be read", i + 1),
          "send it as its authority gave it");
    } else if (std::ranges::none_of(parts, same)) {
      parts.push_back({.pem = pem, .info = *info, .traits = *traits, .place = i + 1});
    }
  }
  return parts;
}

// The key as it is kept; nothing when it has a fault.
std::optional<Secret> read_key(const Secret& key, std::vector<Fault>& faults) {
  if (key.reveal().size() > kKeyLimit) {
    add(faults, "key", "too_large",
        fmt::format("the key has {} octets, more than {}", key.reveal().size(), kKeyLimit),
        "send only the private key");
    return std::nullopt;
  }
  if (net::is_encrypted(key)) {
    add(faults, "key", "key_encrypted",
        "the key needs a passphrase, which no server could ask for when it starts",
        "take the passphrase off: openssl pkey -in KEY -out PLAIN");
    return std::nullopt;
  }
  auto plain = net::plain_key(key);
  if (!plain) {
    add(faults, "key", "no_key",
        key.empty() ? "the key is empty" : "there is no private key in PEM in the text",
        "send the text that begins with -----BEGIN PRIVATE KEY-----");
    return std::nullopt;
  }
  return std::move(*plain);
}

// The place of the leaf among the parts: the certificate that the key belongs to. When there is
// none, the first that is no authority, so that its faults can be told as well.
std::size_t find_leaf(const std::vector<Part>& parts, const std::optional<Secret>& key,
                      std::vector<Fault>& faults) {
  if (key) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (net::check_key_matches(parts[i].pem, *key)) {
        return i;
      }
    }
    add(faults, "key", "key_mismatch", "the private key belongs to none of the certificates",
        "send the pair that was made together");
  }
  const auto leaf =
      std::ranges::find_if(parts, [](const Part& part) { return !part.traits.authority; });
  return leaf == parts.end() ? 0 : static_cast<std::size_t>(leaf - parts.begin());
}

// The leaf, the one that signed it, and so on; they are taken out of `parts`. One that did not sign
// itself comes before one that did: a cross-signed authority is there in both ways.
std::vector<Part> take_chain(std::vector<Part>& parts, std::size_t leaf) {
  std::vector<Part> chain{std::move(parts[leaf])};
  parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(leaf));
  while (!chain.back().traits.self_signed) {
    auto next = parts.end();
    for (auto at = parts.begin(); at != parts.end(); ++at) {
      const bool fits = net::check_chain({chain.back().pem, at->pem}).has_value();
      if (fits && (next == parts.end() || next->traits.self_signed)) {
        next = at;
      }
    }
    if (next == parts.end()) {
      break;
    }
    chain.push_back(std::move(*next));
    parts.erase(next);
  }
  return chain;
}

void check_dates(const Part& part, const char* who, WallTime now, std::vector<Fault>& faults) {
  const net::CertificateInfo& info = part.info;
  if (info.not_before > now) {
    add(faults, "certificate", "not_yet_valid",
        fmt::format("{} is valid only from {}", who, to_rfc3339(info.not_before)),
        "wait until then, or check this server's clock");
  }
  if (info.not_after <= now) {
    add(faults, "certificate", "expired",
        fmt::format("{} expired at {}", who, to_rfc3339(info.not_after)),
        "get a new one from its authority");
  } else if (info.not_after - now < std::chrono::days(1)) {
    add(faults, "certificate", "expires_soon",
        fmt::format("{} expires at {}, in less than a day", who, to_rfc3339(info.not_after)),
        "get a new one from its authority");
  }
}

void check_leaf(const Part& leaf, const std::vector<std::string>& wanted, WallTime now,
                std::vector<Fault>& faults) {
  std::vector<std::string> missing;
  std::ranges::copy_if(wanted, std::back_inserter(missing),
                       [&](const std::string& name) { return !net::covers_name(leaf.info, name); });
  if (!missing.empty()) {
    std::vector<std::string> covered = leaf.info.names;
    covered.insert(covered.end(), leaf.info.addresses.begin(), leaf.info.addresses.end());
    add(faults, "certificate", "name_missing",
        fmt::format("the certificate does not cover {}; it covers {}", fmt::join(missing, ", "),
                    covered.empty() ? "no name" : fmt::format("{}", fmt::join(covered, ", "))),
        "get one for these names, or choose other names first: certificates change --name");
  }
  check_dates(leaf, "the certificate", now, faults);
  const net::CertificateTraits& traits = leaf.traits;
  if (traits.authority) {
    add(faults, "certificate", "is_authority",
        "the certificate is that of an authority (CA:TRUE), which clients refuse from a server",
        "send the server's own; one that you sign yourself: openssl req -x509 -addext "
        "basicConstraints=critical,CA:FALSE");
  } else if (!traits.for_servers) {
    add(faults, "certificate", "not_for_servers",
        "the certificate's purposes do not allow a TLS server",
        "get one for server authentication (extended key usage serverAuth)");
  }
  if (!traits.strong_key) {
    add(faults, "certificate", "weak_key",
        fmt::format("the certificate's key is {}, which clients refuse or do not know", traits.key),
        "use RSA with at least 2048 bits, P-256 or P-384");
  }
  if (!traits.strong_signature) {
    add(faults, "certificate", "weak_signature",
        fmt::format("the certificate is signed with {}, which clients refuse", traits.digest),
        "get one that is signed with SHA-256");
  }
  if (traits.must_staple) {
    add(faults, "certificate", "must_staple",
        "the certificate asks for a stapled OCSP answer (RFC 7633), which mail servers cannot "
        "give, so that mail clients would refuse it",
        "get one without must-staple");
  }
}

// `rest`: certificates that are no part of the chain.
void check_issuers(const std::vector<Part>& chain, const std::vector<Part>& rest, WallTime now,
                   std::vector<Fault>& faults) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    const Part& issuer = chain[i];
    // A root is left out, and clients have their own copy of it.
    if (issuer.traits.self_signed) {
      continue;
    }
    const std::string who = part_words(issuer);
    check_dates(issuer, who.c_str(), now, faults);
    const bool strong = issuer.traits.strong_key || issuer.traits.key == "P-521";
    if (!strong || !issuer.traits.strong_signature) {
      add(faults, "certificate", "weak_issuer",
          fmt::format("{} has the key {} and is signed with {}, which clients refuse", who,
                      issuer.traits.key, issuer.traits.digest),
          "ask the authority for its present chain");
    }
  }
  for (const Part& part : rest) {
    // A root that nothing here needs is left out, too.
    if (!part.traits.self_signed || !part.traits.authority) {
      add(faults, "certificate", "not_in_chain",
          fmt::format("{} signed none of the others", part_words(part)),
          "send only the certificate and those that signed it");
    }
  }
}

std::vector<std::string> pems_of(const std::vector<Part>& chain) {
  std::vector<std::string> pems;
  for (const Part& part : chain) {
    if (pems.empty() || !part.traits.self_signed) {
      pems.push_back(part.pem);
    }
  }
  return pems;
}

// A leaf that stands alone was signed by a root that clients know, by itself, or its issuer is
// missing. After one issuer nobody can tell: the next may be a company's root.
void check_complete(const std::vector<Part>& chain, WallTime now, std::vector<Fault>& faults) {
  const Part& leaf = chain.front();
  if (chain.size() > 1 || leaf.traits.self_signed || leaf.info.not_after <= now ||
      net::trusted_by_system({leaf.pem}, now)) {
    return;
  }
  add(faults, "certificate", "issuer_missing",
      fmt::format("the certificate of the issuer{} is missing, without which clients do not "
                  "trust this one",
                  leaf.info.issuer.empty() ? "" : fmt::format(" ({})", leaf.info.issuer)),
      "append the certificates that signed it, as its authority gave them (chain, bundle)");
}

// Removes a version that no row names. In a transaction, since another upload of the same pair may
// be about to name it.
void discard(Context& context, const CertificateRef& version) {
  const auto done = context.store.write<bool>([&](store::Transaction& transaction) -> Result<bool> {
    const auto row = store::find_certificate(transaction, version.name);
    if (!row || row->version != version.version) {
      TRY(context.versions.remove(version));
    }
    return true;
  });
  if (!done) {
    context.certificate_log.error("an unused version of a certificate cannot be removed",
                                  {{"name", version.name}, {"why", describe(done.error())}});
  }
}

// The row with the upload as its version. A rehearsal keeps the version in use, since the services'
// checkers could not read one that is not on disk.
Certificate with_upload(Certificate row, const CheckedUpload& checked, bool rehearsal) {
  row.issuer = kFileIssuer;
  row.state = CertificateState::valid;
  row.last_error.clear();
  row.renew_at = {};
  row.ask_at = {};
  row.version_issuer = kFileIssuer;
  row.version_names = checked.info.names;
  row.version_names.insert(row.version_names.end(), checked.info.addresses.begin(),
                           checked.info.addresses.end());
  row.not_before = checked.info.not_before;
  row.not_after = checked.info.not_after;
  if (!rehearsal) {
    row.version = checked.info.fingerprint;
  }
  return row;
}

Status check_rank(Context& context, store::Session& session, const Certificate& row,
                  const CheckedUpload& checked, bool allow_weaker) {
  const WallTime now = context.clock.now();
  const bool weaker = trust_rank(checked.chain, now) < trust_rank_in_use(context, session, row);
  if (!weaker || allow_weaker) {
    return {};
  }
  return fail(ErrorKind::conflict, "weaker_certificate",
              fmt::format("browsers trust the certificate that {} has now ({}), and would trust "
                          "this one less",
                          row.name, row.version_issuer),
              "send a certificate of an authority that browsers trust, or allow a weaker one "
              "(allow_weaker)");
}

std::vector<std::string> warnings_of(const CheckedUpload& checked, WallTime now) {
  std::vector<std::string> warnings;
  if (checked.reordered) {
    warnings.emplace_back("the certificates were put in order: each is signed by the next");
  }
  if (trust_rank(checked.chain, now) == kUntrusted) {
    warnings.emplace_back("browsers do not trust this certificate by themselves");
  }
  return warnings;
}

}  // namespace

Result<CheckedUpload> read_upload(const Upload& upload, const std::vector<std::string>& wanted,
                                  WallTime now) {
  std::vector<Fault> faults;
  std::vector<Part> parts = read_parts(upload.certificate, faults);
  const std::optional<Secret> key = read_key(upload.key, faults);
  if (parts.empty()) {
    return fail_faults(std::move(faults));
  }
  const std::vector<Part> chain = take_chain(parts, find_leaf(parts, key, faults));
  check_leaf(chain.front(), wanted, now, faults);
  check_issuers(chain, parts, now, faults);
  check_complete(chain, now, faults);
  TRY(no_faults(std::move(faults)));
  return CheckedUpload{.info = chain.front().info,
                       .chain = pems_of(chain),
                       .key = *key,
                       .reordered = !std::ranges::is_sorted(chain, {}, &Part::place)};
}

Status check_upload(const Upload& upload, const std::vector<std::string>& wanted, WallTime now) {
  TRY(read_upload(upload, wanted, now));
  return {};
}

Result<Changed<Certificate>> upload_certificate(Context& context, const Actor& actor,
                                                const std::string& name, const Upload& upload,
                                                const WriteOptions& options) {
  TRY(const auto known, get_certificate(context, name));
  const WallTime now = context.clock.now();
  TRY(const auto checked, read_upload(upload, known.names, now));
  const CertificateRef version{known.name, checked.info.fingerprint};
  const bool writes = !options.dry_run && !context.versions.exists(version);
  if (writes) {
    std::string issuers;
    for (std::size_t i = 1; i < checked.chain.size(); ++i) {
      issuers += checked.chain[i];
    }
    TRY(context.versions.write(
        known.name,
        {.leaf = checked.chain.front(), .chain = std::move(issuers), .key = checked.key}));
  }
  auto changed =
      make_change<Certificate>(context, actor, options, [&](Change& change) -> Result<Certificate> {
        const auto row = store::find_certificate(change.transaction(), known.name);
        if (!row) {
          return fail(ErrorKind::conflict, "changed_meanwhile",
                      fmt::format("the certificate {} was deleted meanwhile", known.name));
        }
        TRY(check_match(options, row->revision));
        // Its names may have been changed since the first look.
        TRY(check_upload(upload, row->names, now));
        if (row->version == version.version && row->issuer == kFileIssuer) {
          change.leave(row->revision);
          return *row;
        }
        TRY(check_rank(context, change.transaction(), *row, checked, upload.allow_weaker));
        put_certificate(change, with_upload(*row, checked, options.dry_run));
        change.finish("CERTIFICATE_UPLOADED", known.name,
                      fmt::format("upload a certificate for {}", known.name),
                      difference({{"issuer", row->issuer}, {"version", row->version}},
                                 {{"issuer", kFileIssuer}, {"version", version.version}}));
        return *store::find_certificate(change.transaction(), known.name);
      });
  if (!changed) {
    if (writes) {
      discard(context, version);
    }
    return changed;
  }
  changed->warnings = warnings_of(checked, now);
  if (options.dry_run) {
    return changed;
  }
  TRY(context.versions.use(version));
  context.certificate_log.info("took an uploaded certificate",
                               {{"name", known.name},
                                {"version", version.version.substr(0, 16)},
                                {"issuer", checked.info.issuer},
                                {"expires", to_rfc3339(checked.info.not_after)}});
  return changed;
}

}  // namespace podplay::control
