"""DNS over UDP and TCP, the web server, certificates."""
import hashlib
import http.client
import json
import socket
import ssl
import subprocess
import time

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.flags
import pytest


def ask(pod, name, kind, tcp=False):
    question = dns.message.make_query(name, kind)
    question.flags &= ~dns.flags.RD
    query = dns.query.tcp if tcp else dns.query.udp
    return query(question, "127.0.0.1", port=pod.ports["DNS"], timeout=5)


def data(answer):
    return sorted(str(item) for rrset in answer.answer for item in rrset)


RECORDS = [
    ("example.test", "NS", ["ns1.example.test.", "ns2.example.test.", "ns3.elsewhere.test."]),
    ("ns2.example.test", "A", ["127.0.0.53"]),
    ("example.test", "A", ["127.0.0.1"]),
    ("www.example.test", "A", ["127.0.0.1"]),
    ("mail.example.test", "A", ["127.0.0.1"]),
    ("autoconfig.example.test", "A", ["127.0.0.1"]),
    ("autodiscover.example.test", "A", ["127.0.0.1"]),
    ("example.test", "MX", ["10 mail.example.test."]),
    ("example.test", "TXT", ['"v=spf1 mx -all"']),
    ("_submission._tcp.example.test", "SRV", ["0 1 587 mail.example.test."]),
    ("_submissions._tcp.example.test", "SRV", ["0 1 465 mail.example.test."]),
    ("_imaps._tcp.example.test", "SRV", ["0 1 993 mail.example.test."]),
    ("1.0.0.127.in-addr.arpa", "PTR", ["mail.example.test."]),
]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_every_record(pod, tcp):
    for name, kind, expected in RECORDS:
        answer = ask(pod, name, kind, tcp)
        assert data(answer) == expected, f"{name} {kind}: {answer}"
        assert answer.flags & dns.flags.AA, f"{name} {kind} is not authoritative"
    assert data(ask(pod, "_dmarc.example.test", "TXT", tcp))[0].startswith('"v=DMARC1')
    assert ask(pod, "example.test", "SOA", tcp).answer
    assert ask(pod, "nothing.example.test", "A", tcp).rcode() == dns.rcode.NXDOMAIN


def test_refusals(pod):
    transfer = dns.message.make_query("example.test", "AXFR")
    assert dns.query.tcp(transfer, "127.0.0.1", port=pod.ports["DNS"], timeout=5).rcode() == dns.rcode.REFUSED
    outside = dns.message.make_query("www.elsewhere.test", "A")
    answer = dns.query.udp(outside, "127.0.0.1", port=pod.ports["DNS"], timeout=5)
    assert answer.rcode() == dns.rcode.REFUSED and not answer.flags & dns.flags.RA
    version = dns.message.make_query("version.bind", "TXT", "CH")
    answer = dns.query.udp(version, "127.0.0.1", port=pod.ports["DNS"], timeout=5)
    assert "9." not in str(answer.answer), answer


def test_only_our_own_address_has_a_reverse_zone(pod):
    """Our zone is exactly our address, since its neighbours belong to other people."""
    answer = ask(pod, "1.0.0.127.in-addr.arpa", "SOA")
    assert answer.flags & dns.flags.AA and str(answer.answer[0].name) == "1.0.0.127.in-addr.arpa."
    for neighbour in ("2.0.0.127.in-addr.arpa", "0.0.127.in-addr.arpa"):
        answer = ask(pod, neighbour, "PTR")
        assert answer.rcode() == dns.rcode.REFUSED and not answer.flags & dns.flags.AA, answer


def test_serial_grows_with_the_zone(pod):
    serial = ask(pod, "example.test", "SOA").answer[0][0].serial
    # A serial is the second of the change, or one more than before: it may be ahead of the clock.
    pod.wait_for(lambda: time.time() > serial + 1, "the clock to pass the serial")
    pod.make_domain("serial.test")
    first = ask(pod, "serial.test", "SOA").answer[0][0].serial
    assert first > serial
    pod.api("PUT", "/api/domains/serial.test?wait=30", {"enabled": False}, expect=200)
    assert ask(pod, "serial.test", "SOA").rcode() == dns.rcode.REFUSED
    pod.api("PUT", "/api/domains/serial.test?wait=30", {"enabled": True}, expect=200)
    assert ask(pod, "serial.test", "SOA").answer[0][0].serial > first


def curl(pod, *arguments):
    names = [f"{host}:{pod.ports[port]}:127.0.0.1" for host in ("example.test", "www.example.test", "control.example.test", "nobody.invalid") for port in ("HTTP", "HTTPS")]
    resolve = [word for name in names for word in ("--resolve", name)]
    return subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--max-time", "15", *resolve, *arguments], capture_output=True, text=True)


def test_web(pod):
    http_port, https_port = pod.ports["HTTP"], pod.ports["HTTPS"]
    redirect = curl(pod, "--include", f"http://example.test:{http_port}/some?x=1").stdout
    assert f"https://example.test:{https_port}/some?x=1" in redirect and redirect.split()[1] in ("301", "308"), redirect
    page = curl(pod, "--include", "--http2", f"https://www.example.test:{https_port}/")
    head, _, body = page.stdout.replace("\r\n", "\n").partition("\n\n")
    assert head.startswith("HTTP/2 200"), page
    assert "example.test" in body
    lower = head.lower()
    for header in ("x-content-type-options: nosniff", "x-frame-options", "referrer-policy", "content-security-policy"):
        assert header in lower, f"{header} is missing:\n{head}"
    assert "2.4" not in head, "the server tells its version"
    for url in (f"https://www.example.test:{https_port}/", f"https://control.example.test:{https_port}/api/openapi.json"):
        for _ in range(3):
            asked = curl(pod, "--head", "--http2", url)
            assert asked.returncode == 0 and asked.stdout.startswith("HTTP/2 200"), asked
    assert curl(pod, "--tls-max", "1.1", f"https://example.test:{https_port}/").returncode != 0
    challenge = curl(pod, "--include", f"http://example.test:{http_port}/.well-known/acme-challenge/none").stdout
    assert challenge.split()[1] == "404", challenge


def location(pod, target, host="example.test"):
    """Where port 80 sends a request for `host` with exactly this target."""
    with socket.create_connection(("127.0.0.1", pod.ports["HTTP"]), timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        answer.read()
        assert answer.status == 301, f"{target}: {answer.status}"
        return answer.getheader("Location")


def test_the_redirect_to_https_keeps_every_byte(pod):
    """RFC 3986 section 2.4: an encoded character stays encoded, and is not encoded twice."""
    base = f"https://example.test:{pod.ports['HTTPS']}"
    for target in ("/", "/100%25.txt", "/q%3Fx.txt", "/q%3Fx.txt?y=%3F%25&z=a+b", "/f%23g.txt", "/a%20b.txt", "/%C3%BC", "/%c3%bc?%c3%bc",
                   "/a%0d%0aX-Injected:%201", "/a+b;c=d,e&f", "//elsewhere.test/x", "/x?a?b", "/%24%7B1%7D"):
        assert location(pod, target) == base + target
    # RFC 9112 section 3.2.2: a target may name the host.
    assert location(pod, "http://example.test/100%25.txt?x=%25") == base + "/100%25.txt?x=%25"
    # Both ways lead to the same file.
    name = "100% ?#.txt"
    made = pod.execute("mail", "sh", "-c", f"echo kept > '/data/user-data/www/example.test/{name}'")
    assert made.returncode == 0, made.stderr
    url = f"http://example.test:{pod.ports['HTTP']}/100%25%20%3F%23.txt"
    assert curl(pod, "--location", url).stdout == "kept\n"
    pod.execute("mail", "rm", f"/data/user-data/www/example.test/{name}")


def test_api_through_apache(pod):
    url = f"https://control.example.test:{pod.ports['HTTPS']}/api"
    answer = json.loads(curl(pod, "--header", f"Authorization: Bearer {pod.token}", f"{url}/session").stdout)
    assert answer["email"] == "admin@example.test"
    refused = json.loads(curl(pod, f"{url}/users").stdout)
    assert refused["code"] == "not_logged_in"
    assert curl(pod, "--include", f"https://control.example.test:{pod.ports['HTTPS']}/readyz").stdout.split()[1] == "404"


def test_the_control_host_is_an_origin_of_its_own(pod):
    """Pages that users write are never beside the API; unknown names and plain addresses reach the control host."""
    port = pod.ports["HTTPS"]
    assert curl(pod, "--include", f"https://example.test:{port}/api/openapi.json").stdout.split()[1] == "404"
    # curl names the host in Host and, unless it is an address, in TLS (SNI).
    for host in ("control.example.test", "nobody.invalid", "127.0.0.1"):
        assert location(pod, "/", host) == f"https://{host}:{port}/"
        assert "<title>PodPlay</title>" in curl(pod, f"https://{host}:{port}/").stdout
        assert curl(pod, "--include", f"https://{host}:{port}/api/openapi.json").stdout.split()[1] == "200"
    assert fingerprint(port, "nobody.invalid") == fingerprint(port, "control.example.test") != fingerprint(port, "example.test")
    assert data(ask(pod, "control.example.test", "A")) == ["127.0.0.1"]
    status, answer = pod.api("POST", "/api/domains", {"name": "control.example.test"})
    assert status == 400 and answer["code"] == "host_name_is_domain", answer


def fingerprint(port, name, start=None):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        if start:
            start(plain)
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname=name) as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()


def test_each_domain_has_its_certificate_on_every_port(pod):
    pod.make_domain("cert.test")
    for name in ("cert.test", "example.test"):
        pem = pod.execute("api", "cat", f"/data/certificates/{name}/cert.pem").stdout
        expected = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        for port in ("HTTPS", "IMAPS", "POP3S", "SMTPS"):
            assert fingerprint(pod.ports[port], name) == expected, f"{name} on {port}"
    modes = pod.execute("mail", "stat", "-L", "-c", "%a %U %G", "/data/certificates/cert.test/privkey.pem", "/data/certificates/cert.test/fullchain.pem").stdout
    assert modes.split("\n")[:2] == ["640 podplay certgroup", "644 podplay podplay"], modes
    assert pod.execute("bind", "ls", "/data/certificates").stdout == "", "bind speaks no TLS"
