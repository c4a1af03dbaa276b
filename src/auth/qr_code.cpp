// libqrencode finds the modules. One path holds them all, so that a page without inline styles can
// draw it.
#include "auth/qr_code.hpp"

#include <fmt/format.h>
#include <qrencode.h>

#include <memory>

namespace podplay::auth {
namespace {

// The empty border that readers need, in modules.
constexpr int kBorder = 4;

struct Free {
  void operator()(::QRcode* code) const { ::QRcode_free(code); }
};
using Code = std::unique_ptr<::QRcode, Free>;

// Also for places outside of the code, which are light.
bool is_dark(const ::QRcode& code, int x, int y) {
  const bool inside = x >= 0 && y >= 0 && x < code.width && y < code.width;
  return inside && (code.data[y * code.width + x] & 1U) != 0;
}

// Each run of dark modules of a line is one rectangle.
std::string path_of(const ::QRcode& code) {
  std::string path;
  for (int y = 0; y < code.width; ++y) {
    for (int x = 0; x < code.width; ++x) {
      int run = 0;
      while (is_dark(code, x + run, y)) {
        ++run;
      }
      if (run > 0) {
        path += fmt::format("M{} {}h{}v1h-{}z", x + kBorder, y + kBorder, run, run);
        x += run;
      }
    }
  }
  return path;
}

// Light modules are drawn, since most terminals are dark.
std::string picture_text(const ::QRcode& code) {
  std::string text;
  for (int y = -kBorder; y < code.width + kBorder; y += 2) {
    for (int x = -kBorder; x < code.width + kBorder; ++x) {
      const bool upper = !is_dark(code, x, y);
      const bool lower = !is_dark(code, x, y + 1);
      if (upper && lower) {
        text += "█";
      } else if (upper) {
        text += "▀";
      } else {
        text += lower ? "▄" : " ";
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace

Result<QrCode> make_qr_code(const Secret& text) {
  const Code code(::QRcode_encodeString8bit(text.reveal().c_str(), 0, QR_ECLEVEL_M));
  if (!code) {
    return fail(
        ErrorKind::invalid, "qr_code",
        fmt::format("a text of {} octets does not fit into a QR code", text.reveal().size()),
        "use a shorter one");
  }
  QrCode result{.size = code->width + 2 * kBorder, .path = path_of(*code)};
  result.svg =
      fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" )"
                  R"(shape-rendering="crispEdges">)"
                  R"(<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{1}"/></svg>)",
                  result.size, result.path);
  result.text = picture_text(*code);
  return result;
}

}  // namespace podplay::auth
