// The documents by which mail clients set themselves up.
#include "wire/client_settings.hpp"

#include <gtest/gtest.h>

namespace podplay::wire {
namespace {

const ClientSettings kSettings{
    .domain = "example.test", .server = "mail.example.test", .imap_tls = 2993, .smtp_tls = 2465};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// field_case_14
TEST(ClientDocuments, FieldCase14NameServerAndPublishedPorts) {
  const std::string thunderbird = thunderbird_document(kSettings);
  EXPECT_TRUE(has(thunderbird, "<hostname>mail.example.test</hostname>\n      <port>2993</port>"));
  EXPECT_TRUE(has(thunderbird, "<username>%EMAILADDRESS%</username>"));
  const std::string outlook = outlook_document(kSettings, "ann@example.test");
  EXPECT_TRUE(has(outlook, "<Port>2465</Port>"));
  EXPECT_TRUE(has(outlook, "<LoginName>ann@example.test</LoginName>"));
  EXPECT_FALSE(has(outlook_document(kSettings, ""), "LoginName"));
  const std::string apple = apple_document(kSettings, "ann@example.test");
  EXPECT_TRUE(has(apple, "<key>IncomingMailServerPortNumber</key><integer>2993</integer>"));
  EXPECT_EQ(apple, apple_document(kSettings, "ann@example.test")) << "a profile replaces itself";
  EXPECT_NE(apple, apple_document(kSettings, "ben@example.test"));
}

TEST(ClientDocuments, ValuesAreEscaped) {
  const std::string email = "a&b'<c>\"@example.test";
  for (const std::string& text : {outlook_document(kSettings, email), outlook_error(600, email),
                                  apple_document(kSettings, email)}) {
    EXPECT_TRUE(has(text, "a&amp;b&#39;&lt;c&gt;&quot;@example.test")) << text;
    EXPECT_FALSE(has(text, email)) << text;
  }
}

TEST(OutlookRequest, IsReadWithoutExpandingAnything) {
  const OutlookRequest asked = read_outlook_request(
      "<Autodiscover xmlns='x'><Request>\n<EMailAddress> a&amp;b@example.test </EMailAddress>"
      "<x:AcceptableResponseSchema a='b'>schema</x:AcceptableResponseSchema></Request>");
  EXPECT_EQ(asked.email, "a&b@example.test");
  EXPECT_EQ(asked.schema, "schema");
  EXPECT_EQ(read_outlook_request("<!ENTITY x 'y'><EMailAddress>&x;</EMailAddress>").email, "&x;");
  for (const char* wrong :
       {"", "<", "<EMailAddress", "<EMailAddress>", "<EMailAddress/>", "<<>>"}) {
    EXPECT_EQ(read_outlook_request(wrong).email, "") << wrong;
  }
}

}  // namespace
}  // namespace podplay::wire
