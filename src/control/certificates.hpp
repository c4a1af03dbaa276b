// Use-cases of certificates. A certificate is a row of the store; its versions are on disk
// (control/certificate_versions.hpp). Issuing happens here and in jobs, never while a snapshot or a
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

// The certificate of a domain that is to be made, issued before its change: signed by the pod's
// authority and on disk (`durable`: see CertificateVersions::write()). In a rehearsal nothing is
// issued: the mail server's own stands in for it.
Result<Certificate> certificate_for(Context& context, const std::string& domain, bool rehearsal,
                                    bool durable = true);
// After the change that puts in what was issued for it: the versions are in use when it was made,
// and go when it was not.
Status settle_versions(Context& context, std::span<const Certificate> certificates, bool made);

// Inside a change: the row, and what it is for the services: mail's SNI row, and the files of the
// services whose own name it is.
void put_certificate(Change& change, Certificate certificate);
void remove_certificate(Change& change, const std::string& name);

// A domain was added or removed that could be a further name of another one, such as www.a.test:
// that one's rows are put in again.
void refresh_parent(Change& change, const std::string& domain);

// Every name that the services present has a certificate whose version is on disk, and none that is
// due for renewal. What is issued is one revision, which web and mail take without a restart. True
// when there was one. At start, and by a job: a pod that nobody changes for months must not serve
// what has expired.
Result<bool> ensure_certificates(Context& context);

Result<std::vector<Certificate>> list_certificates(Context& context, const std::string& after,
                                                   std::int64_t limit);
Result<Certificate> get_certificate(Context& context, const std::string& name);

}  // namespace podplay::control
