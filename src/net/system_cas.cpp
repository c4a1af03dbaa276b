// SSL_CERT_FILE and SSL_CERT_DIR count as they do for OpenSSL: with either, the folder is not used.
#include "net/system_cas.hpp"

#include <cstdlib>
#include <filesystem>

namespace podplay::net {
namespace {

// "5ad8a5d6.0", which `openssl rehash` makes.
bool is_hash_name(const std::string& name) {
  return name.size() == 10 && name.ends_with(".0") &&
         name.find_first_not_of("0123456789abcdef") == 8;
}

}  // namespace

std::string system_ca_folder() {
  if (std::getenv(X509_get_default_cert_file_env()) != nullptr ||
      std::getenv(X509_get_default_cert_dir_env()) != nullptr) {
    return {};
  }
  const std::string folder = X509_get_default_cert_dir();
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (is_hash_name(entry->path().filename().string())) {
      return folder;
    }
  }
  return {};
}

bool add_system_cas(X509_STORE& store) {
  const std::string folder = system_ca_folder();
  return folder.empty() ? X509_STORE_set_default_paths(&store) == 1
                        : X509_STORE_load_path(&store, folder.c_str()) == 1;
}

}  // namespace podplay::net
