// The values that the templates of Postfix and Dovecot may use.
#pragma once

#include "daemons/rendering.hpp"

namespace podplay::daemons {

Values mail_values(const MailSnapshot& snapshot);

}  // namespace podplay::daemons
