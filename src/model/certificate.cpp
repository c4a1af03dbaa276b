// Each state of a certificate and type of key has one word, in SQL, JSON and logs.
#include "model/certificate.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<CertificateState> kCertificateStateWords[] = {
    {CertificateState::wanted, "wanted"},
    {CertificateState::valid, "valid"},
    {CertificateState::failed, "failed"},
};

constexpr Spelling<KeyType> kKeyTypeWords[] = {
    {KeyType::ecdsa, "ecdsa"},
    {KeyType::rsa, "rsa"},
};

}  // namespace

std::string_view to_text(KeyType type) { return word_of(kKeyTypeWords, type); }
Result<KeyType> parse_key_type(std::string_view text) {
  return value_of(kKeyTypeWords, text, "key_type");
}

std::string_view to_text(CertificateState state) { return word_of(kCertificateStateWords, state); }
Result<CertificateState> parse_certificate_state(std::string_view text) {
  return value_of(kCertificateStateWords, text, "state");
}

}  // namespace podplay
