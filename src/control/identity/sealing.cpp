// The file is written once and never changed, so a crash leaves a whole key or none.
#include "control/identity/sealing.hpp"

namespace podplay::control {

Result<auth::Seal> open_seal(Context& context) {
  const std::string path = context.paths.state + "/sealing.key";
  if (!context.files.exists(path)) {
    TRY(context.files.write_atomic(path, auth::make_sealing_key().reveal(), 0600));
  }
  TRY(auto text, context.files.read(path));
  return auth::Seal::from_key(Secret(std::move(text)));
}

}  // namespace podplay::control
