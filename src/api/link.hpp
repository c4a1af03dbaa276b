// The agents' side of the API: JSON over mutual TLS. The client certificate says which agent asks;
// nothing in the request can change that.
#pragma once

#include "control/context.hpp"
#include "net/http.hpp"

namespace podplay::api {

net::HttpResponse handle_link(control::Context& context, const net::HttpRequest& request);

}  // namespace podplay::api
