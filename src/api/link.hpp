// The agents' face: mutual TLS, JSON. Who asks is who the client certificate names; nothing else is
// believed.
#pragma once

#include "control/context.hpp"
#include "net/http.hpp"

namespace podplay::api {

net::HttpResponse handle_link(control::Context& context, const net::HttpRequest& request);

}  // namespace podplay::api
