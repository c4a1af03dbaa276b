// Each state of a certificate has one word, in SQL, JSON and logs.
#include "model/certificate.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<CertificateState> kStateWords[] = {
    {CertificateState::wanted, "wanted"},
    {CertificateState::valid, "valid"},
    {CertificateState::failed, "failed"},
};

}  // namespace

std::string_view to_text(CertificateState state) { return word_of(kStateWords, state); }
Result<CertificateState> parse_certificate_state(std::string_view text) {
  return value_of(kStateWords, text, "state");
}

}  // namespace podplay
