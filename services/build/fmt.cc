// libfmt.a for the static podplay: Debian ships only the shared library, but headers with all of its code.
// The templates that those headers declare `extern` are instantiated here, as in the shared library.
#include <fmt/format-inl.h>

namespace fmt::detail {
template void vformat_to(buffer<char>&, string_view, vformat_args<>::type, locale_ref);
template thousands_sep_result<char> thousands_sep_impl<char>(locale_ref);
template thousands_sep_result<wchar_t> thousands_sep_impl<wchar_t>(locale_ref);
template char decimal_point_impl(locale_ref);
template wchar_t decimal_point_impl(locale_ref);
}  // namespace fmt::detail
