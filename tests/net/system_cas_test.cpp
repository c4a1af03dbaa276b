// The authorities of this system are trusted.
#include "net/system_cas.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>

namespace podplay::net {
namespace {

TEST(SystemCas, EachOfTheFolderIsTrusted) {
  ::unsetenv("SSL_CERT_FILE");
  ::unsetenv("SSL_CERT_DIR");
  const std::string folder = system_ca_folder();
  if (folder.empty()) {
    GTEST_SKIP() << "this system has none";
  }
  X509_STORE* store = X509_STORE_new();
  ASSERT_TRUE(add_system_cas(*store));
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".0")) {
      continue;
    }
    BIO* bio = BIO_new_file(entry.path().c_str(), "r");
    X509* one = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_CTX* context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, one, nullptr);
    // An authority may have expired.
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME);
    EXPECT_EQ(X509_verify_cert(context), 1) << entry.path();
    ++found;
    X509_STORE_CTX_free(context);
    X509_free(one);
    BIO_free(bio);
  }
  EXPECT_GT(found, 10);
  X509_STORE_free(store);
}

}  // namespace
}  // namespace podplay::net
