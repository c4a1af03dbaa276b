// Use-cases of certificates. A certificate is a row of the store; its versions are on disk
// (control/certificates/versions.hpp). Issuing happens here and in jobs, never while a snapshot or
// a rehearsal is made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "control/change.hpp"
#include "model/certificate.hpp"

namespace podplay::control {

// The names that a domain's certificate covers, sorted.
std::vector<std::string> certificate_names(const std::string& domain);

// The certificate of a domain that is about to be made: signed by the pod's authority and on disk
// before the domain's change begins (`durable`: see CertificateVersions::write()). A rehearsal
// issues nothing; the mail server's own certificate stands in for it.
Result<Certificate> certificate_for(Context& context, const std::string& domain, bool rehearsal,
                                    bool durable = true);
// Removes versions that no committed row names. The log names those that stay.
void discard_versions(Context& context, std::span<const Certificate> certificates);
// Call it after the change that the versions were issued for. If the change was `made`, they become
// the versions in use; otherwise they are removed.
Status settle_versions(Context& context, std::span<const Certificate> certificates, bool made);

// Inside a change: stores the row, and tells the services: mail gets a row for SNI, and services
// whose own name it is get new files. When an authority is to sign the next version, the order's
// job is added; call context.jobs.wake() after the commit.
void put_certificate(Change& change, Certificate certificate);
void remove_certificate(Change& change, const std::string& name);

// Inside a change of which host has this name: puts the rows of the domain of that name in again,
// if there is one. A site is not served while the control host has its name.
void refresh_site(Change& change, const std::string& name);
// Inside a change that adds or removes `domain`: if that name could be a further name of another
// domain, as www.a.test is of a.test, the other domain's rows are put in again.
void refresh_parent(Change& change, const std::string& domain);

// Runs at start: looks at every name that the services present, and issues certificates until each
// has one that is on disk. Those of other authorities are ordered; until then the pod's own stands
// in. Returns whether any was issued.
Result<bool> ensure_certificates(Context& context);

struct Renewed {
  // By the pod's own authority.
  int issued = 0;
  // Orders that began.
  int ordered = 0;
};
// Looks only at rows that are due, so that a pod that nobody changes for months serves no expired
// certificate. Reads no files, and costs nothing for those that are not due.
Result<Renewed> renew_due_certificates(Context& context);

// Signs a version with the pod's authority and puts it in use, as a change of `event`.
Result<Certificate> issue_now(Context& context, const Actor& actor, Certificate certificate,
                              const std::string& event, const Difference& changed_members = {});

// Whether the name is a domain's or a host's, so that its certificate goes with it.
bool belongs_to_pod(Context& context, store::Session& session, const std::string& name);

// Makes the account that PODPLAY_CERTIFICATE_ISSUER names when it is one of the known authorities,
// its terms are accepted (PODPLAY_CERTIFICATE_TERMS) and it does not exist yet.
Status make_configured_account(Context& context);

Result<std::vector<Certificate>> list_certificates(Context& context, const std::string& after,
                                                   std::int64_t limit);
Result<Certificate> get_certificate(Context& context, const std::string& name);

}  // namespace podplay::control
