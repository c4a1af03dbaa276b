// Use-cases of certificates. A certificate is a row of the store; its versions are on disk
// (control/certificates/versions.hpp). Issuing happens here and in jobs, never while a snapshot or a
// rehearsal is made.
#pragma once

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
// Call it after the change that the versions were issued for. If the change was `made`, they become
// the versions in use; otherwise they are removed.
Status settle_versions(Context& context, std::span<const Certificate> certificates, bool made);

// Inside a change: stores the row, and tells the services: mail gets a row for SNI, and services
// whose own name it is get new files.
void put_certificate(Change& change, Certificate certificate);
void remove_certificate(Change& change, const std::string& name);

// Inside a change that adds or removes `domain`: if that name could be a further name of another
// domain, as www.a.test is of a.test, the other domain's rows are put in again.
void refresh_parent(Change& change, const std::string& domain);

// Issues certificates until every name that the services present has one that is on disk and not
// due for renewal. Web and mail take them without a restart. Returns whether any was issued. Runs
// at start and as a job, so that a pod that nobody changes for months serves no expired
// certificate.
Result<bool> ensure_certificates(Context& context);

Result<std::vector<Certificate>> list_certificates(Context& context, const std::string& after,
                                                   std::int64_t limit);
Result<Certificate> get_certificate(Context& context, const std::string& name);

}  // namespace podplay::control
