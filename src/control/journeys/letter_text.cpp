// A template begins with header lines: `Subject: ...`, and `Button: ...` for a mail with a link. An
// empty line ends them. In HTML every value is escaped, and a paragraph that is only the link is a
// button.
#include "control/journeys/letter_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/nearest.hpp"
#include "base/template.hpp"

namespace podplay::control {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFolder = "letters";
constexpr std::string_view kLayout = "letters/layout.html.tmpl";
constexpr std::string_view kLanguages[] = {"en", "de"};
constexpr LetterKind kLetterKinds[] = {
    LetterKind::registration,
    LetterKind::registration_taken,
    LetterKind::registration_to_approve,
    LetterKind::registration_approved,
    LetterKind::registration_refused,
    LetterKind::password_reset,
    LetterKind::password_changed,
    LetterKind::invitation,
    LetterKind::recovery_new,
    LetterKind::recovery_old,
    LetterKind::recovery_changed,
    LetterKind::account_deleted,
    LetterKind::account_kept,
    LetterKind::second_factor_reset,
    LetterKind::passkey_added,
    LetterKind::app_password_added,
    LetterKind::outside_login_connected,
    LetterKind::note,
};

std::string template_path(LetterKind kind, std::string_view language, std::string_view form) {
  return fmt::format("{}/{}/{}.{}.tmpl", kFolder, language, to_text(kind), form);
}

// The operator's file comes first.
Result<std::string> render(Files& files, const Paths& paths, std::string_view path,
                           const Json& values) {
  std::string source = fmt::format("{}/{}", paths.overrides, path);
  if (!files.exists(source)) {
    source = fmt::format("{}/{}", paths.templates, path);
  }
  TRY(const auto text, files.read(source));
  TRY(auto rendered, render_template(text, values, source));
  return std::move(rendered.text);
}

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

Json values_of(const std::map<std::string, std::string>& given, bool escaped) {
  Json values = Json::object();
  for (const std::string_view name : kLetterValues) {
    const auto found = given.find(std::string(name));
    const std::string text = found == given.end() ? std::string() : found->second;
    values[std::string(name)] = escaped ? escape(text) : text;
  }
  return values;
}

// A rendered text template, taken apart.
struct Parts {
  std::string subject;
  std::string button;
  std::string body;
};

Result<Parts> take_apart(std::string_view text, std::string_view source) {
  Parts parts;
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      break;
    }
    const std::size_t colon = line.find(": ");
    const std::string_view name = line.substr(0, std::min(colon, line.size()));
    if (name != "Subject" && name != "Button") {
      return fail(ErrorKind::invalid, "bad_letter",
                  fmt::format("{}: '{}' is no header line of a letter", source, line),
                  "begin with Subject: and, for a link, Button:, then an empty line");
    }
    (name == "Subject" ? parts.subject : parts.button) = line.substr(colon + 2);
  }
  if (parts.subject.empty()) {
    return fail(ErrorKind::invalid, "bad_letter", fmt::format("{} has no subject", source),
                "begin with a line Subject: ...");
  }
  parts.body = text;
  return parts;
}

std::vector<std::string_view> paragraphs_of(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    while (one.starts_with('\n')) {
      one.remove_prefix(1);
    }
    while (one.ends_with('\n')) {
      one.remove_suffix(1);
    }
    if (!one.empty()) {
      paragraphs.push_back(one);
    }
  }
  return paragraphs;
}

std::string with_breaks(std::string_view text) {
  std::string html;
  for (const char c : text) {
    html += c == '\n' ? "<br>\n" : std::string(1, c);
  }
  return html;
}

// `body` and `link` are escaped already.
std::string to_html(const Parts& parts, const std::string& link) {
  std::string html;
  for (const std::string_view one : paragraphs_of(parts.body)) {
    if (!link.empty() && one == link) {
      html += fmt::format(
          "<p><a href=\"{}\" style=\"display:inline-block;padding:10px 20px;border-radius:6px;"
          "background:#1d5fd1;color:#ffffff;text-decoration:none\">{}</a></p>\n"
          "<p style=\"font-size:13px;word-break:break-all\">{}</p>\n",
          link, parts.button.empty() ? link : parts.button, link);
    } else {
      html += fmt::format("<p>{}</p>\n", with_breaks(one));
    }
  }
  return html;
}

std::string value_of(const std::map<std::string, std::string>& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

std::vector<std::string> all_paths() {
  std::vector<std::string> paths{std::string(kLayout)};
  for (const std::string_view language : kLanguages) {
    for (const LetterKind kind : kLetterKinds) {
      paths.push_back(template_path(kind, language, "txt"));
      paths.push_back(template_path(kind, language, "html"));
    }
  }
  return paths;
}

Status check_overrides(Files& files, const Paths& paths) {
  if (!files.exists(paths.overrides)) {
    return {};
  }
  TRY(const auto found, files.list_tree(paths.overrides));
  const auto known = all_paths();
  for (const std::string& path : found) {
    if (std::ranges::find(known, path) == known.end()) {
      const std::vector<std::string_view> names(known.begin(), known.end());
      const std::string near = nearest_name(path, names);
      return fail(ErrorKind::invalid, "override_unknown",
                  fmt::format("the override {}/{} replaces no template", paths.overrides, path),
                  near.empty() ? "give it the path of one of the image's letters"
                               : fmt::format("did you mean {}?", near));
    }
  }
  return {};
}

}  // namespace

Result<LetterText> write_letter(Files& files, const Paths& paths, LetterKind kind,
                                std::string_view language,
                                const std::map<std::string, std::string>& values) {
  const std::string path = template_path(kind, language, "txt");
  TRY(const auto plain, render(files, paths, path, values_of(values, false)));
  TRY(auto parts, take_apart(plain, path));
  // The same with values that are safe in HTML.
  const Json escaped = values_of(values, true);
  TRY(const auto safe, render(files, paths, path, escaped));
  TRY(const auto safe_parts, take_apart(safe, path));
  const std::string own = template_path(kind, language, "html");
  std::string content;
  if (files.exists(fmt::format("{}/{}", paths.overrides, own))) {
    TRY(content, render(files, paths, own, escaped));
  } else {
    content = to_html(safe_parts, escape(value_of(values, "link")));
  }
  Json page = escaped;
  page["language"] = language;
  page["title"] = safe_parts.subject;
  page["content"] = content;
  TRY(auto html, render(files, paths, kLayout, page));
  return LetterText{
      .subject = std::move(parts.subject), .text = std::move(parts.body), .html = std::move(html)};
}

Status check_letters(Files& files, const Paths& paths) {
  TRY(check_overrides(files, paths));
  for (const std::string_view language : kLanguages) {
    for (const LetterKind kind : kLetterKinds) {
      // The texts of a note are its sender's.
      TRY(write_letter(files, paths, kind, language, {{"subject", "-"}}));
    }
  }
  return {};
}

std::string lifetime_words(std::chrono::seconds lifetime, std::string_view language) {
  using namespace std::chrono;
  const bool german = language == "de";
  if (lifetime <= hours(2)) {
    return fmt::format("{} {}", ceil<minutes>(lifetime).count(), german ? "Minuten" : "minutes");
  }
  if (lifetime <= hours(48)) {
    return fmt::format("{} {}", floor<hours>(lifetime).count(), german ? "Stunden" : "hours");
  }
  return fmt::format("{} {}", floor<days>(lifetime).count(), german ? "Tagen" : "days");
}

}  // namespace podplay::control
