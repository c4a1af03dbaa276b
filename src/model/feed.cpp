// Each kind of row has one word, in SQL, JSON and logs.
#include "model/feed.hpp"

#include "model/closed_set.hpp"

namespace podplay {
namespace {

constexpr Spelling<RowKind> kRowKindWords[] = {
    {RowKind::domain, "domain"},
    {RowKind::mailbox, "mailbox"},
    {RowKind::alias, "alias"},
    {RowKind::certificate, "certificate"},
    {RowKind::site, "site"},
    {RowKind::rrset, "rrset"},
    {RowKind::zone, "zone"},
    {RowKind::challenge, "challenge"},
    {RowKind::app_password, "app_password"},
};

}  // namespace

std::string_view to_text(RowKind kind) { return word_of(kRowKindWords, kind); }
Result<RowKind> parse_row_kind(std::string_view text) {
  return value_of(kRowKindWords, text, "kind");
}

}  // namespace podplay
