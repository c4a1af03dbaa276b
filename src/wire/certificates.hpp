// Certificates, their orders and what a preflight finds, in requests and answers. A key comes in a
// request only, and no answer has one.
#pragma once

#include <string>
#include <string_view>

#include "model/certificate.hpp"
#include "wire/shape.hpp"

namespace podplay::wire {

extern const Shape kCertificateCreate;
extern const Shape kCertificateChange;
extern const Shape kCertificateOrderCreate;
extern const Shape kCertificateUpload;
extern const Shape kCertificateRevoke;

extern const Shape kCertificate;
extern const Shape kCertificateDeleted;
// What a dry run of an order found.
extern const Shape kCertificateFindings;
// In the status of the pod.
extern const Shape kCertificateTrouble;

// What an answer says of a certificate that is no part of its row.
struct CertificateView {
  WallTime now{};
  // none, notice, warning or error.
  std::string_view alert{};
  std::string next_step{};
};
Json to_json(const Certificate& certificate, const CertificateView& view);
// The members of kCertificateTrouble.
Json trouble_json(const Certificate& certificate, const CertificateView& view);

}  // namespace podplay::wire
