// A QR code (ISO/IEC 18004) as a page, a path and a terminal draw it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace podplay::auth {

struct QrCode {
  // The width and height of path and picture in modules, with the empty border of four.
  int size = 0;
  // The attribute `d` of one SVG path that covers the dark modules, one unit each.
  std::string path;
  // An SVG document: dark on white.
  std::string svg;
  // For a terminal: half blocks, two modules a character, light on dark.
  std::string text;
};

// Error correction level M. Fails when the text is too long, which some 2,300 octets are.
Result<QrCode> make_qr_code(const Secret& text);

}  // namespace podplay::auth
