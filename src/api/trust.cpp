// The page needs nothing from elsewhere; its policy allows its own style sheet, by its hash. It
// shows the fingerprint that a person compares with the one that the server's administrator reads
// on the server itself.
#include "api/trust.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "control/authority.hpp"
#include "model/settings.hpp"
#include "net/x509.hpp"

namespace podplay::api {
namespace {

// Browsers and phones offer to install what comes with this type; they take PEM as well as DER.
constexpr std::string_view kCertificateType = "application/x-x509-ca-cert";
constexpr std::string_view kTrustType = "text/html; charset=utf-8";

constexpr std::string_view kTrustStyle = R"(
:root { color-scheme: light dark; }
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 5vh auto; max-width: 44rem; padding: 0 1rem; }
pre { background: light-dark(#f1f1ec, #1b2023); padding: .6rem; overflow-x: auto; font-size: .9rem; }
code { overflow-wrap: anywhere; }
a { color: light-dark(#0b6b58, #62cbb0); }
)";

constexpr std::string_view kPage = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust {host}</title>
<style>{style}</style>
<h1>Trust {host}</h1>
<p>This server signs certificates with an authority of its own, which no browser knows. Install the
authority's certificate once on each device, and the warnings end, on the web and in mail.</p>
<p>Do this only if you trust those who run this server: whoever has the authority's key can pose as any
web site to this device.</p>

<h2>1. Get the certificate</h2>
<p><a href="/ca.pem">ca.pem</a> installs on phones; <a href="/ca.pem" download="podplay-{host}.crt">podplay-{host}.crt</a>
is the same as a file.</p>

<h2>2. Compare its fingerprint</h2>
<p>Somebody between you and the server could have given you another one. Ask the server's administrator for
the fingerprint (SHA-256), not by this page but on another way; on the server,
<code>podplay certificates trust --dry-run</code> shows it. Here it is:</p>
<pre>{fingerprint}</pre>
<p>That of your file: <code>openssl x509 -in podplay-{host}.crt -noout -fingerprint -sha256</code>.
It is valid until {until}.</p>

<h2>3. Install it</h2>
<h3>Debian, Ubuntu</h3>
<pre>sudo cp podplay-{host}.crt /usr/local/share/ca-certificates/
sudo update-ca-certificates</pre>
<p>On the server itself <code>sudo podplay certificates trust</code> does this, and tells Firefox and Chromium.</p>
<h3>Fedora, RHEL</h3>
<pre>sudo cp podplay-{host}.crt /etc/pki/ca-trust/source/anchors/
sudo update-ca-trust</pre>
<h3>macOS</h3>
<pre>sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain podplay-{host}.crt</pre>
<h3>Windows</h3>
<p>In a command prompt of an administrator:</p>
<pre>certutil -addstore -f Root podplay-{host}.crt</pre>
<h3>iPhone, iPad</h3>
<ol>
<li>Open <a href="/ca.pem">ca.pem</a> in Safari and allow the download of the profile.</li>
<li>Settings, General, VPN &amp; Device Management: install the profile. "More details" shows the fingerprint.</li>
<li>Settings, General, About, Certificate Trust Settings: switch it on. Without this step nothing changes.</li>
</ol>
<h3>Android</h3>
<p>Settings, Security, Encryption &amp; credentials, Install a certificate, CA certificate: choose the file.
Browsers use it; other apps only if their makers let them.</p>
<h3>Firefox</h3>
<p>Settings, Privacy &amp; Security, View Certificates, Authorities, Import: choose the file and
"Trust this CA to identify websites". Thunderbird has the same window.</p>
</html>
)";

// "AB:CD:...", as systems show it.
std::string shown_fingerprint(const std::string& fingerprint) {
  std::string text;
  for (std::size_t i = 0; i < fingerprint.size(); ++i) {
    const char c = fingerprint[i];
    text += i > 0 && i % 2 == 0 ? ":" : "";
    text += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return text;
}

}  // namespace

Result<Answer> get_ca(control::Context& context, Request&) {
  return Answer{.text = context.authority.certificate(), .media_type = kCertificateType};
}

Result<Answer> get_trust_page(control::Context& context, Request&) {
  TRY(const auto info, net::read_certificate(context.authority.certificate()));
  static const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      base64(sha256(kTrustStyle)));
  return Answer{.text = fmt::format(kPage, fmt::arg("style", kTrustStyle),
                                    fmt::arg("host", context.settings.text("PODPLAY_HOST_NAME")),
                                    fmt::arg("fingerprint", shown_fingerprint(info.fingerprint)),
                                    fmt::arg("until", to_rfc3339(info.not_after).substr(0, 10))),
                .media_type = kTrustType,
                .headers = {{"Content-Security-Policy", policy}}};
}

}  // namespace podplay::api
