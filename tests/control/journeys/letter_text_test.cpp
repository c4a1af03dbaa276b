// The words of the pod's mails: complete in every language, safe in HTML, and replaceable.
#include "control/journeys/letter_text.hpp"

#include <gmock/gmock.h>

#include "base/test_folder.hpp"

namespace podplay::control {
namespace {

using testing::HasSubstr;
using testing::Not;

class LetterTextTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    const std::string whole = paths_.overrides + "/" + path;
    ASSERT_TRUE(files_.make_dirs(whole.substr(0, whole.rfind('/')), 0755));
    ASSERT_TRUE(files_.write_atomic(whole, text, 0644, {}));
  }
  LetterText write(LetterKind kind, const std::map<std::string, std::string>& values) {
    const auto text = write_letter(files_, paths_, kind, "en", values);
    EXPECT_TRUE(text) << describe(text.error());
    return text.value_or(LetterText{});
  }

  test::TestFolder folder_;
  RealFiles files_;
  Paths paths_{.templates = "services/api/rootfs", .overrides = folder_.path() + "/overrides"};
};

TEST_F(LetterTextTest, EveryKindIsThereInEveryLanguage) {
  const Status checked = check_letters(files_, paths_);
  EXPECT_TRUE(checked) << describe(checked.error());
}

TEST_F(LetterTextTest, TheLinkIsAButtonInHtmlAndALineInText) {
  const std::string link = "https://control.example.test/confirm#token=abc";
  const auto letter =
      write(LetterKind::registration, {{"email", "a@example.test"}, {"link", link}});
  EXPECT_EQ(letter.subject, "Confirm a@example.test");
  EXPECT_THAT(letter.text, HasSubstr("\n" + link + "\n"));
  EXPECT_THAT(letter.html, HasSubstr("<a href=\"" + link + "\""));
  EXPECT_THAT(letter.html, HasSubstr(">Confirm the registration</a>"));
}

TEST_F(LetterTextTest, ValuesAreNoHtml) {
  const auto letter = write(LetterKind::note, {{"subject", "<b>hi</b>"},
                                               {"text", "1 < 2 & \"3\"\n\n<script>x</script>"}});
  EXPECT_THAT(letter.html, Not(HasSubstr("<script>")));
  EXPECT_THAT(letter.html, HasSubstr("1 &lt; 2 &amp; &quot;3&quot;"));
  EXPECT_THAT(letter.html, HasSubstr("<title>&lt;b&gt;hi&lt;/b&gt;</title>"));
  EXPECT_EQ(letter.subject, "<b>hi</b>");
}

TEST_F(LetterTextTest, AnOperatorReplacesTextAndHtml) {
  put("letters/en/password_reset.txt.tmpl", "Subject: Ours\n\nHello {{email}}: {{link}}\n");
  put("letters/en/password_reset.html.tmpl", "<h1>{{email}}</h1>\n");
  EXPECT_TRUE(check_letters(files_, paths_));
  const auto letter = write(LetterKind::password_reset, {{"email", "a&b@example.test"}});
  EXPECT_EQ(letter.subject, "Ours");
  EXPECT_THAT(letter.html, HasSubstr("<h1>a&amp;b@example.test</h1>"));
}

TEST_F(LetterTextTest, AMistakeInAnOverrideIsNamed) {
  put("letters/en/pasword_reset.txt.tmpl", "Subject: x\n\nx\n");
  EXPECT_THAT(describe(check_letters(files_, paths_).error()), HasSubstr("password_reset"));
  ASSERT_TRUE(files_.remove_tree(paths_.overrides));
  put("letters/de/note.txt.tmpl", "Subject: x\n\n{{nothing}}\n");
  EXPECT_THAT(describe(check_letters(files_, paths_).error()), HasSubstr("nothing"));
  ASSERT_TRUE(files_.remove_tree(paths_.overrides));
  put("letters/de/note.txt.tmpl", "no header\n\n");
  EXPECT_THAT(describe(check_letters(files_, paths_).error()), HasSubstr("no header"));
}

TEST(LifetimeWords, AreInTheUnitThatPeopleUse) {
  using namespace std::chrono_literals;
  EXPECT_EQ(lifetime_words(3600s, "en"), "60 minutes");
  EXPECT_EQ(lifetime_words(std::chrono::hours(12), "de"), "12 Stunden");
  EXPECT_EQ(lifetime_words(std::chrono::days(7), "en"), "7 days");
}

}  // namespace
}  // namespace podplay::control
