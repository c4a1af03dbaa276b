// The pod's own name server is asked what it knows itself; a forwarder is asked to look it up. No
// other server is ever asked.
#include "net/dns.hpp"

#include <future>

#include "looks/rows.hpp"
#include "net/resolver.hpp"

namespace podplay::looks {
namespace {

using namespace std::chrono;

struct DnsQuestion {
  net::DnsServer server;
  std::string name;
  std::string type;
  bool own = true;
};

std::string rcode_text(int rcode) {
  switch (rcode) {
    case 0: return "NOERROR";
    case 2: return "SERVFAIL";
    case 3: return "NXDOMAIN";
    case 5: return "REFUSED";
    default: return "RCODE" + std::to_string(rcode);
  }
}

LookJson ask(const DnsQuestion& question) {
  LookJson row{{"server", question.server.address},
               {"port", question.server.port},
               {"name", question.name},
               {"type", question.type},
               {"answers", LookJson::array()},
               {"error", ""}};
  const auto began = steady_clock::now();
  const auto recursion = question.own ? net::Recursion::none : net::Recursion::wanted;
  auto answer = net::dns_query(question.server.address, question.server.port, question.name,
                               question.type, false, kAnswerTimeout, recursion);
  const bool over_tcp = answer && answer->truncated;
  if (over_tcp) {
    answer = net::dns_query(question.server.address, question.server.port, question.name,
                            question.type, true, kAnswerTimeout, recursion);
  }
  row["ms"] = duration_cast<milliseconds>(steady_clock::now() - began).count();
  row["tcp"] = over_tcp;
  row["rcode"] = answer ? rcode_text(answer->rcode) : "";
  row["authoritative"] = answer && answer->authoritative;
  row["recursive"] = answer && answer->recursive;
  if (!answer) {
    row["error"] = answer.error().message;
    return row;
  }
  for (const net::DnsRecord& record : answer->records) {
    row["answers"].push_back(record.name + " " + record.type + " " + record.data);
  }
  return row;
}

std::vector<std::pair<std::string, std::string>> names_and_types(const LookQuestion& question) {
  if (!question.name.empty() && !question.type.empty()) {
    return {{question.name, question.type}};
  }
  const std::string& domain = question.name.empty() ? question.domain : question.name;
  std::vector<std::pair<std::string, std::string>> wanted;
  if (!question.type.empty()) {
    wanted.emplace_back(domain, question.type);
    return wanted;
  }
  for (const char* type : {"SOA", "NS", "A", "AAAA", "MX", "TXT"}) {
    wanted.emplace_back(domain, type);
  }
  if (question.name.empty() && !question.host.empty()) {
    wanted.emplace_back(question.host, "A");
  }
  return wanted;
}

}  // namespace

LookJson look_at_dns(const LookPlace& place, const LookQuestion& question) {
  const auto wanted = names_and_types(question);
  std::vector<DnsQuestion> questions;
  for (const auto& [name, type] : wanted) {
    questions.push_back({.server = {place.address, 53}, .name = name, .type = type, .own = true});
  }
  for (const std::string& text : question.servers) {
    const auto server = net::parse_dns_server(text);
    for (const auto& [name, type] : wanted) {
      if (server) {
        questions.push_back({.server = *server, .name = name, .type = type, .own = false});
      }
    }
  }
  // A silent server must not keep the others waiting.
  std::vector<std::future<LookJson>> answers;
  for (const DnsQuestion& one : questions) {
    answers.push_back(std::async(std::launch::async, ask, std::cref(one)));
  }
  LookJson rows = LookJson::array();
  for (auto& answer : answers) {
    rows.push_back(answer.get());
  }
  return {{"questions", std::move(rows)}};
}

}  // namespace podplay::looks
