// The CAs that the system trusts. Debian has them in one file, and in a folder by the hashes of
// their names. The file is 150 certificates, which take 1 MiB and some milliseconds; of the folder
// only those are read that a chain names.
#pragma once

#include <openssl/x509.h>

#include <string>

namespace podplay::net {

// Empty when there is no such folder, or when SSL_CERT_FILE or SSL_CERT_DIR names other CAs.
std::string system_ca_folder();
bool add_system_cas(X509_STORE& store);

}  // namespace podplay::net
