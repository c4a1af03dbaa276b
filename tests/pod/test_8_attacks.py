"""Attack tools against a whole pod, as strangers and as a person with an account: guessing passwords in a browser's place (hydra), hidden
paths (ffuf), SQL in parameters (sqlmap), and text that is more than text in each field of each body."""
import json
import re
import subprocess

import pytest

from test_8_contract import operations, send  # noqa: F401 (operations is a fixture)

RIGHT = "correct horse 1"
HOST = "control.example.test"
# Values that mean something to a header, to named, Apache, Postfix, Dovecot, a shell, a template or SQL.
HOSTILE = ["a\r\nX-Injected: yes", "a\nX-Injected: yes", "a\0b", 'x"; }\nzone "injected.test" { type primary; };', "</VirtualHost>\nListen 1",
           "$(touch /tmp/injected)`touch /tmp/injected`", "{{#email}}injected{{/email}}", "' OR '1'='1", "\x1b[31minjected", "../../etc/passwd",
           "a" * 70_000]
# The words of a mail are any text; they are encoded on their way.
FREE_TEXT = {("POST", "/api/mail/send", "text"), ("POST", "/api/users/admin@example.test/email", "text")}
# What the control host has for anybody: pages of the interface, and what the API says about itself.
OPEN_PATHS = {"admin", "api/docs", "api/openapi.json", "ca.pem", "index.html", "livez", "login", "register", "readyz"}


def test_hydra_finds_no_password_at_the_login_page(pod, tmp_path):
    email = pod.make_user()
    words = tmp_path / "passwords"
    words.write_text("".join(f"guess number {i}\n" for i in range(30)) + RIGHT + "\n")
    form = f'/api/login:{{"email"\\:"{email}","password"\\:"^PASS^"}}:H=Content-Type\\: application/json:H=Host\\: {HOST}:S=200 OK'
    done = subprocess.run(["timeout", "60", "hydra", "-I", "-S", "-t", "4", "-l", email, "-P", words, "-s", str(pod.ports["HTTPS"]), "127.0.0.1",
                           "http-post-form", form], capture_output=True, text=True, timeout=90)
    assert "0 valid password found" in done.stdout, done.stdout + done.stderr
    lock = pod.api("GET", f"/api/users/{email}/lock", expect=200)[1]
    assert lock["locked"], (lock, done.stdout + done.stderr)
    _, found = pod.api("GET", f"/api/audit?event=LOGIN_FAILED&subject={email}", expect=200)
    assert found["items"], "the guesses are in the audit"


def test_sieve_guesses_are_throttled(pod):
    """hydra does not speak ManageSieve."""
    email = pod.make_user()
    refused = 0
    for i in range(30):
        try:
            pod.put_sieve(email, "keep;", password=f"guess number {i}")
        except (AssertionError, OSError):
            refused += 1
    assert refused == 30
    assert pod.api("GET", f"/api/users/{email}/lock", expect=200)[1]["locked"]


def test_ffuf_finds_no_hidden_path(pod, tmp_path):
    words = tmp_path / "paths"
    names = [".git/HEAD", ".git/config", ".env", ".htaccess", ".htpasswd", ".svn/entries", "server-status", "server-info", "cgi-bin/", "phpinfo.php", "admin",
             "backup", "backup.zip", "config.json", "data/state/podplay.db", "podplay.db", "debug", "metrics", "api/debug", "api/internal", "api/v1/users",
             "agent", "agents", "link", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc%2fpasswd", "api/..%2f..%2fetc%2fpasswd", "assets/", "assets/..%2findex.html",
             "assets/%2e%2e/%2e%2e/etc/passwd", "api/users", "api/audit", "api/domains/", "api/../api/users", "API/users", "api//users", "api/users%00", "src/",
             "package.json", "index.html.map", ".well-known/", "WEB-INF/web.xml", "console", "actuator", "login", "register", "ca.pem", "api/openapi.json",
             "api/docs"]
    words.write_text("\n".join(names) + "\n")
    report = tmp_path / "found.json"
    url = f"https://127.0.0.1:{pod.ports['HTTPS']}/FUZZ"
    done = subprocess.run(["ffuf", "-s", "-k", "-u", url, "-H", f"Host: {HOST}", "-w", words, "-mc", "200,204,301,302,307", "-o", report, "-of", "json"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found = {result["input"]["FUZZ"] for result in json.loads(report.read_text())["results"]}
    assert {"login", "api/docs", "ca.pem"} <= found, "the tool has seen the host"
    assert found <= OPEN_PATHS, found - OPEN_PATHS


@pytest.mark.parametrize("target", ["/api/users?search=a&sort=email&limit=5", "/api/audit?actor=a&event=LOGIN_SUCCESS&limit=5",
                                    "/api/domains?search=a&enabled=1&limit=5"])
def test_sqlmap_finds_nothing_in_a_query(pod, tmp_path, target):
    sqlmap(pod, tmp_path, ["-u", f"http://127.0.0.1:{pod.ports['API']}{target}", "--headers", f"Authorization: Bearer {pod.token}"])


def test_sqlmap_finds_nothing_in_a_body(pod, tmp_path):
    sqlmap(pod, tmp_path, ["-u", f"http://127.0.0.1:{pod.ports['API']}/api/password-reset", "--data", '{"email":"nobody@example.test","language":"en"}',
                           "--headers", "Content-Type: application/json"])


def sqlmap(pod, tmp_path, arguments):
    done = subprocess.run(["sqlmap", "--batch", "--flush-session", "--output-dir", tmp_path, "--technique", "BEU", "--ignore-code", "*", "--threads", "2",
                           "--disable-coloring", *arguments], capture_output=True, text=True, timeout=300)
    assert "do not appear to be injectable" in done.stdout, done.stdout[-3000:] + done.stderr
    assert "500 (Internal Server Error)" not in done.stdout, done.stdout[-3000:]


def test_text_in_a_field_stays_text(pod, operations):
    """Each text of each body is replaced by hostile ones: it is refused by name, or it is one of the texts that may be anything."""
    pod.make_domain("hostile.test")
    accepted = []
    for method, path, operation in operations:
        media = operation.get("requestBody", {}).get("content", {}).get("application/json")
        # An authority would be asked, and it is elsewhere.
        if media is None or path.startswith(("/api/bootstrap", "/api/system/restart", "/api/acme/")):
            continue
        example = media.get("example", {})
        for field, value in example.items():
            if not isinstance(value, str) and not (isinstance(value, list) and value and isinstance(value[0], str)):
                continue
            for text in HOSTILE:
                body = example | {field: text if isinstance(value, str) else [text]}
                status, headers, answer = send(pod, method, path, json.dumps(body), {"Content-Type": "application/json"})
                assert "X-Injected" not in headers and "injected" not in headers.get("Location", "").lower(), (method, path, field)
                if status == 201:
                    send(pod, "DELETE", headers["Location"])
                if status < 300 and (method, path, field) not in FREE_TEXT:
                    accepted.append((method, path, field, text[:30], status))
    # What was accepted is printable text in one line, in a name or a mail's subject.
    for method, path, field, text, status in accepted:
        assert not re.search(r"[\0-\x1f]", text), (method, path, field, text, status)
    for service in ("apache", "bind", "mail", "api"):
        assert pod.execute(service, "ls", "/tmp/injected").returncode != 0, service
        found = pod.execute(service, "grep", "-rlE", "injected|Listen 1$", "/etc/apache2", "/etc/bind", "/etc/postfix", "/etc/dovecot").stdout
        assert not found, (service, found)
    pod.wait_ready()
    email = pod.make_user()
    pod.imap(email, RIGHT).logout()
