// A server that repeats what it was asked, and a client that speaks octet by octet.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "net/http.hpp"
#include "net/line_client.hpp"

namespace podplay::net::test {

inline HttpResponse echo(const HttpRequest& request) {
  HttpResponse response;
  response.body = request.method + " " + request.path +
                  " q=" + (request.query.contains("q") ? request.query.at("q") : "") +
                  " peer=" + request.peer_name + " " + request.body;
  response.headers["Content-Type"] = "text/plain";
  return response;
}

inline std::unique_ptr<HttpServer> start(HttpServerOptions options) {
  options.keep_alive = std::chrono::seconds(1);
  auto server = HttpServer::start(std::move(options), echo, silent_logger());
  if (!server) {
    throw std::runtime_error(describe(server.error()));
  }
  return std::move(*server);
}

// Sends these octets as a client, and gives everything that comes back until the connection ends or
// is silent for `patience`.
inline std::string talk(int port, const std::string& sent,
                        std::chrono::milliseconds patience = std::chrono::milliseconds(3000)) {
  auto client = LineClient::connect("127.0.0.1", port, patience);
  EXPECT_TRUE(client);
  EXPECT_TRUE((*client)->send_raw(sent));
  std::string all;
  for (auto line = (*client)->read_line(); line; line = (*client)->read_line()) {
    all += *line + "\n";
  }
  return all;
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

// A server whose answer has 16 pieces of 1 MiB; the one at `broken` fails.
inline std::unique_ptr<HttpServer> serve_pieces(int broken) {
  auto server = HttpServer::start(
      {},
      [broken](const HttpRequest&) {
        HttpResponse response;
        response.length = 16U << 20;
        response.pieces = [broken, piece = 0]() mutable -> Result<std::string> {
          if (++piece == broken) {
            return fail(ErrorKind::io, "broken", "the disk is broken");
          }
          return std::string(piece <= 16 ? 1U << 20 : 0U, static_cast<char>('a' + piece));
        };
        return response;
      },
      silent_logger());
  return std::move(*server);
}

}  // namespace podplay::net::test
