// Files that a person puts into a certificate's folder by hand:
//
//   /data/certificates/NAME/{fullchain,cert,chain,privkey}.pem
//
// A good pair becomes a version (uploads.hpp). A bad or incomplete one stays where it is, and the
// certificate's `last_error` says what is wrong until it is right or gone. Whoever copies over one
// of the links writes through it into the version in use: that version gets its own content back,
// and the new content takes the link's place. So services only ever read versions that were
// checked.
#pragma once

#include <string>
#include <string_view>

#include "control/context.hpp"

namespace podplay::control {

// How `last_error` begins because of files that a person put there.
inline constexpr std::string_view kOutsideError = "files put into its folder: ";

// Whether a file, or a link to elsewhere, stands where a link of ours should. Only reads.
bool has_outside_files(Files& files, const std::string& folder);

// Looks at the folder of one certificate, and does what is to be done. Nothing to do costs some
// reads of files. An error: it could not be found out or written; look again later. One thread at a
// time.
Status look_at_folder(Context& context, const std::string& name);

}  // namespace podplay::control
