"""What went wrong for other people with DNS and web sites, and what must hold here."""
import contextlib
import http.client
import json
import multiprocessing
import plistlib
import socket
import ssl
import threading
import time
import xml.etree.ElementTree as xml

import dns.message
import dns.query
import dns.rcode
import dns.reversename
import pytest


def web(pod, host, target, method="GET", body=None, headers=None, timeout=15):
    """One request with exactly this target at a name of the pod, on the port of HTTPS."""
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", pod.ports["HTTPS"]), timeout=timeout) as plain:
        with context.wrap_socket(plain, server_hostname=host) as connection:
            lines = [f"{method} {target} HTTP/1.1", f"Host: {host}:{pod.ports['HTTPS']}", "Connection: close",
                     *(f"{name}: {value}" for name, value in (headers or {}).items())]
            if body is not None:
                lines.append(f"Content-Length: {len(body.encode())}")
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + (body or "")).encode())
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            return answer.status, answer.headers, answer.read().decode()


def ask(pod, name, kind, tcp=False):
    query = dns.query.tcp if tcp else dns.query.udp
    return query(dns.message.make_query(name, kind), "127.0.0.1", port=pod.ports["DNS"], timeout=5)


def data(answer):
    return sorted(str(item) for rrset in answer.answer for item in rrset)


def shell(pod, service, script):
    done = pod.execute(service, "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(pod):
    pod.make_domain("field.test")
    pod.make_domain("neighbour.test")
    shell(pod, "mail", "cd /data/user-data/www/neighbour.test && echo secret > secret.txt")
    return "field.test"


# --- DNS ---

@pytest.mark.parametrize("address", ["127.0.0.1", "2001:db8::25"])
def test_reverse_names_are_ours_alone(pod, address):
    """A zone of the whole network would deny the names of our neighbours."""
    name = dns.reversename.from_address(address)
    assert data(ask(pod, name, "PTR")) == ["mail.example.test."]
    assert data(ask(pod, name, "NS")) == ["mail.example.test.", "ns2.example.test.", "ns3.elsewhere.test."]
    neighbour = "127.0.0.2" if "." in address else "2001:db8::26"
    for other in (dns.reversename.from_address(neighbour), name.parent()):
        answer = ask(pod, other, "PTR")
        assert answer.rcode() == dns.rcode.REFUSED and not answer.authority, answer


SECOND = """
options { directory "/tmp/second"; listen-on port 5399 { 127.0.0.1; }; listen-on-v6 { none; }; pid-file none;
          session-keyfile none; recursion no; transfer-source 127.0.0.53; };
controls { };
zone "moved.test" { type secondary; primaries { 127.0.0.1; }; file "moved.test"; min-refresh-time 1; max-refresh-time 1;
                     min-retry-time 1; max-retry-time 1; };
"""


def test_field_case_24_a_zone_that_moves_here_reaches_its_secondaries(pod):
    """Another named, which asks from the address of a secondary, holds the zone. It looks for a later serial each second: named listens
    only at addresses that an interface has, so a NOTIFY to 127.0.0.53 would not arrive."""
    pod.make_domain("moved.test")
    assert data(ask(pod, "moved.test", "NS")) == ["ns1.moved.test.", "ns2.example.test.", "ns3.elsewhere.test."]

    def serial_at(port):
        said = pod.execute("bind", "dig", "+short", "+time=1", "+tries=1", "@127.0.0.1", "-p", str(port), "moved.test", "SOA").stdout
        # dig says in comments that nobody answers.
        words = [word for line in said.splitlines() if not line.startswith(";") for word in line.split()]
        return int(words[2]) if len(words) > 2 else 0

    shell(pod, "bind", f"mkdir -p /tmp/second && chmod 777 /tmp/second && printf '%s' '{SECOND}' > /tmp/second/named.conf")
    pod.podman("exec", "--detach", f"{pod.name}-bind", "named", "-u", "bind", "-f", "-c", "/tmp/second/named.conf")
    try:
        first = serial_at(53)
        pod.wait_for(lambda: serial_at(5399) == first, "the zone at the secondary", 20)
        moved = first + 230_000_000
        said = pod.cli("domains", "serial", "moved.test", str(moved))
        assert f"the serial of moved.test is {moved}" in said
        pod.wait_for(lambda: serial_at(5399) == moved, "the moved serial at the secondary", 20)
        status, refused = pod.api("PUT", "/api/domains/moved.test/serial", {"serial": moved - 1})
        assert status == 400 and refused["errors"][0]["field"] == "serial" and str(moved) in refused["errors"][0]["message"], refused
        for enabled in (False, True):
            pod.api("PUT", "/api/domains/moved.test?wait=30", {"enabled": enabled}, expect=200)
        assert serial_at(53) == moved + 1
        pod.wait_for(lambda: serial_at(5399) == moved + 1, "the next serial at the secondary", 20)
    finally:
        shell(pod, "bind", "for one in /proc/[0-9]*; do grep -qs 'secon[d]/named.conf' $one/cmdline && kill ${one#/proc/} || true; done")


def test_field_case_16_a_domain_whose_records_would_be_too_long_is_refused(pod):
    def name_of(length):
        text = "a" * 60 + "."
        return (text * 5)[:length - 5].rstrip(".").ljust(length - 5, "b") + ".test"

    for length in (235, 236, 250, 251, 253, 254, 300):
        for path, body in (("/api/domains", {"name": name_of(length)}), ("/api/domains?dry_run=1", {"name": name_of(length)}),
                           ("/api/domains/import", {"names": [name_of(length)]})):
            status, answer = pod.api("POST", path, body)
            assert status == 400, (length, path, answer)
            assert answer["errors"][0]["field"] == "name" and "at most" in answer["errors"][0]["message"], answer
    longest = name_of(234)
    pod.make_domain(longest)
    assert data(ask(pod, f"_autodiscover._tcp.{longest}", "SRV", tcp=True)) == [f"0 1 443 autodiscover.{longest}."]
    pod.make_user(f"postmaster@{longest}")
    pod.cli("users", "delete", f"postmaster@{longest}")
    pod.cli("domains", "delete", longest)


# --- mail clients ---

def test_field_case_14_thunderbird_finds_the_settings(pod, site):
    ports = {("imap", "SSL"): "IMAPS", ("imap", "STARTTLS"): "IMAP", ("pop3", "SSL"): "POP3S",
             ("smtp", "SSL"): "SMTPS", ("smtp", "STARTTLS"): "SUBMISSION"}
    for host, target in ((f"autoconfig.{site}", "/mail/config-v1.1.xml?emailaddress=o%27brien%26co%40field.test"),
                         (site, "/.well-known/autoconfig/mail/config-v1.1.xml")):
        status, headers, text = web(pod, host, target)
        assert status == 200 and headers["Content-Type"].startswith("application/xml"), (status, text)
        provider = xml.fromstring(text).find("emailProvider")
        assert provider.findtext("domain") == site
        found = {}
        for server in provider.findall("*[hostname]"):
            assert server.findtext("hostname") == "mail.example.test" and server.findtext("username") == "%EMAILADDRESS%"
            found[server.get("type"), server.findtext("socketType")] = int(server.findtext("port"))
        assert found == {key: pod.ports[port] for key, port in ports.items()}
    # Another door to the same settings.
    assert json.loads(pod.cli("mail", "settings", site, "--json"))["imap_tls"] == pod.ports["IMAPS"]


AUTODISCOVER = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request><EMailAddress>{}</EMailAddress><AcceptableResponseSchema>{}</AcceptableResponseSchema></Request>
</Autodiscover>"""
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


def test_field_case_14_outlook_finds_the_settings(pod, site):
    def discover(email, schema=OUTLOOK, path="/Autodiscover/Autodiscover.xml", host=f"autodiscover.{site}"):
        status, _, text = web(pod, host, path, "POST", AUTODISCOVER.format(email, schema), {"Content-Type": "text/xml; charset=utf-8"})
        assert status == 200, text
        return text, xml.fromstring(text)

    # An account that exists and one that does not get the same.
    pod.make_user(f"ann@{site}")
    for email, sent in ((f"ann@{site}", f"ann@{site}"), (f"nobody@{site}", f"nobody@{site}"), (f"a&b@{site}", f"a&amp;b@{site}")):
        for path, host in (("/Autodiscover/Autodiscover.xml", f"autodiscover.{site}"), ("/autodiscover/autodiscover.xml", site)):
            text, root = discover(sent, path=path, host=host)
            protocols = {one.findtext(f"{{{OUTLOOK}}}Type"): one for one in root.iter(f"{{{OUTLOOK}}}Protocol")}
            for kind, port in (("IMAP", "IMAPS"), ("POP3", "POP3S"), ("SMTP", "SMTPS")):
                assert protocols[kind].findtext(f"{{{OUTLOOK}}}Port") == str(pod.ports[port])
                assert protocols[kind].findtext(f"{{{OUTLOOK}}}Server") == "mail.example.test"
                assert protocols[kind].findtext(f"{{{OUTLOOK}}}LoginName") == email
    assert "<ErrorCode>600<" in discover("ann@elsewhere.test")[0]
    assert "<ErrorCode>600<" in discover("")[0]
    assert "<ErrorCode>601<" in discover(f"ann@{site}", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006")[0]
    bomb = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><EMailAddress>&a;</EMailAddress>'
    status, _, text = web(pod, site, "/autodiscover/autodiscover.xml", "POST", bomb, {"Content-Type": "text/xml"})
    assert status == 200 and "<ErrorCode>600<" in text and "root:" not in text
    status, _, text = web(pod, f"autodiscover.{site}", "/autodiscover/autodiscover.xml")
    assert status == 200 and "LoginName" not in text and "<Type>IMAP</Type>" in text
    status, _, text = web(pod, site, "/autodiscover/autodiscover.xml", "POST", "x" * 20000, {"Content-Type": "text/xml"})
    assert status == 413, text


def test_field_case_14_apple_finds_the_settings(pod, site):
    for host in (site, f"autoconfig.{site}"):
        status, headers, text = web(pod, host, f"/mobileconfig?email=a%26b@{site}")
        assert status == 200 and headers["Content-Type"] == "application/x-apple-aspen-config", text
        profile = plistlib.loads(text.encode())
        mail = profile["PayloadContent"][0]
        assert mail["EmailAddress"] == f"a&b@{site}" and mail["IncomingMailServerUsername"] == f"a&b@{site}"
        assert mail["IncomingMailServerPortNumber"] == pod.ports["IMAPS"] and mail["IncomingMailServerUseSSL"]
        assert mail["OutgoingMailServerPortNumber"] == pod.ports["SMTPS"]
    for email in ("", "x", "ann@elsewhere.test", f"<a>@{site}", f"a%0d%0ab@{site}"):
        assert web(pod, site, f"/mobileconfig?email={email}")[0] == 400, email
    # A page of the owner's own comes first.
    shell(pod, "mail", f"echo mine > /data/user-data/www/{site}/mobileconfig")
    assert web(pod, site, "/mobileconfig")[2] == "mine\n"
    shell(pod, "mail", f"rm /data/user-data/www/{site}/mobileconfig")


def test_field_case_14_the_names_have_certificates(pod, site):
    ca = pod.execute("api", "cat", "/data/certificates/pod-ca/ca.pem").stdout
    context = ssl.create_default_context(cadata=ca)
    for name in (f"autoconfig.{site}", f"autodiscover.{site}"):
        with socket.create_connection(("127.0.0.1", pod.ports["HTTPS"]), timeout=10) as plain:
            context.wrap_socket(plain, server_hostname=name).close()


# --- sites ---

def test_field_case_05_the_redirect_keeps_every_byte(pod, site):
    base = f"https://{site}:{pod.ports['HTTPS']}"
    targets = ["/a%2Fb%2f", "/100%25/%2e%2e/x", "/%5Cx", "/x.", "/.", "/a/../b", "//elsewhere.test/%2e%2e", "//elsewhere.test//x?//y", "/%C3%BC%20%23%3F%25",
               "/x?a=%0d%0aSet-Cookie:x", "/a%0d%0aX-Injected:%201", "/@elsewhere.test", "/" + "x%25" * 1900]
    for target in targets:
        with socket.create_connection(("127.0.0.1", pod.ports["HTTP"]), timeout=10) as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n".encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 301 and answer.getheader("Location") == base + target, target[:60]
            assert answer.getheader("X-Injected") is None and answer.getheader("Set-Cookie") is None


def test_field_case_15_hidden_files_are_not_served(pod, site):
    hidden = [".htaccess", ".htpasswd", ".env", ".git/config", ".svn/entries", ".DS_Store", "sub/.git/HEAD", ".well-known/.git/config"]
    shown = [".well-known/security.txt", "sub/a.b.txt", "x..txt"]
    for path in hidden + shown:
        shell(pod, "mail", f"cd /data/user-data/www/{site} && mkdir -p $(dirname {path}) && echo '# {path}' > {path}")
    for path in hidden:
        for target in (f"/{path}", f"/{path.replace('.', '%2e')}", f"/{path.replace('.', '%2E', 1)}", f"//{path}", f"/sub/../{path}"):
            assert web(pod, site, target)[0] in (403, 404), target
    for path in shown:
        assert web(pod, site, f"/{path}")[::2] == (200, f"# {path}\n"), path
    shell(pod, "mail", f"rm -r /data/user-data/www/{site}/.[a-zA-Z]*")


def test_symbolic_links_never_lead_out_of_a_site(pod, site):
    root = f"/data/user-data/www/{site}"
    shell(pod, "mail", f"""cd {root} && mkdir -p sub .git && echo page > sub/page.txt && echo hidden > .git/config
        ln -s sub/page.txt relative; ln -s {root}/sub/page.txt absolute; ln -s relative chain; ln -s sub folder; ln -s ../{site}/sub/page.txt around
        ln -s /etc/passwd passwd; ln -s ../neighbour.test/secret.txt neighbour; ln -s ../neighbour.test other; ln -s / all; ln -s /etc etc
        ln -s /data/certificates/neighbour.test/privkey.pem key; ln -s neighbour chain2; ln -s .git/config config; ln -s /proc/self/environ environ
        ln -s ../../users users; mkfifo pipe""")
    for path in ("relative", "absolute", "chain", "folder/page.txt", "around"):
        assert web(pod, site, f"/{path}")[::2] == (200, "page\n"), path
    for path in ("passwd", "neighbour", "other/secret.txt", "all/etc/passwd", "etc/passwd", "key", "chain2", "config", "environ", "users/", "pipe",
                 "all/proc/self/environ", "all/data/user-data/www/neighbour.test/secret.txt"):
        status, _, text = web(pod, site, f"/{path}")
        assert status in (403, 404) and "secret" not in text and "root:" not in text, (path, status, text)
    # A site's folder that is a link itself shows nothing of another site.
    shell(pod, "mail", f"cd /data/user-data/www && mv {site} kept && ln -s neighbour.test {site}")
    assert web(pod, site, "/secret.txt")[0] in (403, 404)
    shell(pod, "mail", f"cd /data/user-data/www && rm {site} && mv kept {site} && find {site} -type l -delete && rm -r {site}/.git {site}/pipe")


def test_symbolic_links_that_change_meanwhile(pod, site):
    """What was judged is what is served, however fast a link changes."""
    root = f"/data/user-data/www/{site}"
    shell(pod, "mail", f"cd {root} && echo page > page.txt && ln -sf page.txt flip")
    flips = threading.Thread(target=pod.execute, args=("mail", "sh", "-c", f"""cd {root}; end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do
        for i in 1 2 3 4 5 6 7 8 9; do ln -sfn /data/user-data/www/neighbour.test/secret.txt flip; ln -sfn page.txt flip; done; done"""))
    flips.start()
    seen = set()
    while flips.is_alive():
        status, _, text = web(pod, site, "/flip")
        assert "secret" not in text
        seen.add(status)
    flips.join()
    assert 200 in seen, seen
    shell(pod, "mail", f"rm {root}/flip {root}/page.txt")


def test_field_case_26_a_site_says_itself_what_its_pages_may_load(pod, site):
    root = f"/data/user-data/www/{site}"
    shell(pod, "mail", f"echo '<script>1</script>' > {root}/page.html")
    _, headers, _ = web(pod, site, "/page.html")
    for name in ("Content-Security-Policy", "Permissions-Policy", "X-Frame-Options"):
        assert name not in headers, headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    # Lines that the server does not take do no harm.
    shell(pod, "mail", f"""cat > {root}/.htaccess <<'END'
Header set Content-Security-Policy "default-src https:"
Header unset X-Content-Type-Options
Options +ExecCGI
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule . /elsewhere [R]
</IfModule>
END""")
    status, headers, _ = web(pod, site, "/page.html")
    assert status == 200 and headers["Content-Security-Policy"] == "default-src https:" and "X-Content-Type-Options" not in headers, headers
    shell(pod, "mail", f"rm {root}/.htaccess {root}/page.html")
    for target in ("/", "/api/openapi.json"):
        assert "default-src 'none'; script-src 'self'" in web(pod, "control.example.test", target)[1]["Content-Security-Policy"], target


def test_a_deleted_site_moves_aside_and_its_key_is_of_no_use(pod):
    pod.make_domain("gone.test")
    root = "/data/user-data/www/gone.test"
    shell(pod, "mail", f"echo kept > {root}/page.txt; ln -s /data/user-data/www/neighbour.test {root}/out")
    pod.cli("domains", "delete", "gone.test")
    assert web(pod, "gone.test", "/page.txt")[0] == 404
    listed = json.loads(pod.cli("sites", "deleted", "list", "--json"))["items"]
    one = next(item for item in listed if item["name"] == "gone.test")
    shell(pod, "mail", f"test ! -e {root} && test -f /data/user-data/deleted-sites/{one['id']}/page.txt && test -f /data/user-data/www/neighbour.test/secret.txt")
    pod.make_domain("gone.test")
    assert web(pod, "gone.test", "/page.txt")[0] == 404, "a new domain of the name begins empty"
    pod.cli("sites", "deleted", "restore", one["id"], "--site", "gone.test")
    pod.wait_for(lambda: web(pod, "gone.test", "/page.txt")[0] == 200, "the restored page", 20)


# --- slow clients ---

def be_slow(make, share, drip, made):
    """Keeps so many connections that send hardly anything, and makes them again when they are closed. Ends with its process."""
    connections = []
    while True:
        with contextlib.suppress(OSError):
            while len(connections) < share:
                connections.append(make())
                with made.get_lock():
                    made.value += 1
        for one in connections[:]:
            try:
                if drip:
                    one.sendall(drip)
                one.settimeout(0.001)
                if not one.recv(16):
                    raise OSError
            except TimeoutError:
                pass
            except OSError:
                one.close()
                connections.remove(one)
        time.sleep(0.3)


@contextlib.contextmanager
def slow_clients(make, count, drip=b""):
    """So many slow connections, of other processes: in this one they would make the client slow that is measured."""
    fork = multiprocessing.get_context("fork")
    made = fork.Value("i", 0)
    processes = [fork.Process(target=be_slow, args=(make, count // 6, drip, made), daemon=True) for _ in range(6)]
    for one in processes:
        one.start()
    try:
        deadline = time.monotonic() + 30
        while made.value < count * 0.9 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert made.value >= count * 0.9
        yield
    finally:
        for one in processes:
            one.kill()
            one.join()


def client(port, text, tls_host=None, receive=None):
    def make():
        connection = socket.socket()
        if receive:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        connection.settimeout(15)
        connection.connect(("127.0.0.1", port))
        if tls_host:
            connection = ssl._create_unverified_context().wrap_socket(connection, server_hostname=tls_host)
        connection.sendall(text.encode())
        return connection

    return make


def assert_quick(ask, what):
    """As a browser does, a request whose connection is closed is sent again (RFC 9110 section 9.2.2); that counts into its time."""
    def asked_again():
        for _ in range(4):
            with contextlib.suppress(OSError):
                return ask()
        return ask()

    times = []
    for _ in range(6):
        begun = time.monotonic()
        assert asked_again() == 200, what
        times.append(time.monotonic() - begun)
    assert max(times) < 3, f"{what}: {times}"


SLOW = {
    "nothing is sent": ("", b""),
    "a header, octet by octet": ("GET / HTTP/1.1\r\nHost: field.test\r\nX-A: ", b"a"),
    "a body, octet by octet": ("POST /api/login HTTP/1.1\r\nHost: control.example.test\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n", b" "),
    "an answer that is not read": ("GET /api/openapi.json HTTP/1.1\r\nHost: control.example.test\r\n\r\n" * 20, b""),
}


@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients_do_not_hold_the_api(pod, kind):
    text, drip = SLOW[kind]
    with slow_clients(client(pod.ports["API"], text, receive=4096 if "answer" in kind else None), 300, drip):
        assert_quick(lambda: pod.api("GET", "/api/session")[0], f"the API while {kind}")


@pytest.mark.parametrize("kind", SLOW)
def test_slow_clients_do_not_hold_the_sites(pod, site, kind):
    text, drip = SLOW[kind]
    shell(pod, "mail", f"echo page > /data/user-data/www/{site}/page.txt")
    host = "control.example.test" if "control" in text else site
    make = client(pod.ports["HTTPS"], text, tls_host=host if text else None, receive=4096 if "answer" in kind else None)
    with slow_clients(make, 300, drip):
        assert_quick(lambda: web(pod, site, "/page.txt")[0], f"a site while {kind}")
        assert_quick(lambda: web(pod, "control.example.test", "/api/session", headers={"Authorization": f"Bearer {pod.token}"})[0],
                     f"the API behind Apache while {kind}")


def test_a_stranger_sends_small_bodies_only(pod):
    for path in ("/api/login", "/api/users", "/api/users/import", "/api/nothing"):
        status, answer = pod.api("POST", path, " " * 20000, token="")
        assert status == {"/api/login": 413, "/api/nothing": 404}.get(path, 401), (path, answer)
    status, answer = pod.api("POST", "/api/login", {"email": "a@example.test", "password": "x" * 10000}, token="")
    assert status in (400, 401), answer
