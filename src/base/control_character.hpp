// The control characters of ASCII. They end or hide a line of a log, of a table or of a protocol.
#pragma once

namespace podplay {

// U+0000 to U+001F and U+007F.
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace podplay
