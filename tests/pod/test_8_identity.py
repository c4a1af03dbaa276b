"""Logins of browsers and programs, grants, and what a thief of a cookie or a token cannot do: over HTTPS by Apache, and with the command
line."""
import hashlib
import http.client
import json
import os
import re
import sqlite3
import ssl

import pytest

HOST = "control.example.test"


class Browser:
    """Sends what a browser would, to the control host by Apache."""

    def __init__(self, pod):
        self.pod, self.cookies, self.csrf = pod, {}, None

    def ask(self, method, path, body=None, headers=None, csrf=True):
        port = self.pod.ports["HTTPS"]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        lines = {"Host": f"{HOST}:{port}", "Sec-Fetch-Site": "same-origin"}
        if method not in ("GET", "HEAD"):
            lines["Origin"] = f"https://{HOST}:{port}"
        if self.cookies:
            lines["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if csrf and self.csrf and method not in ("GET", "HEAD"):
            lines["X-CSRF-Token"] = self.csrf
        if body is not None:
            lines["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, {**lines, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, value = header.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "Max-Age=0" in header:
                del self.cookies[name]
        result = json.loads(text) if text else None
        if isinstance(result, dict) and "csrf_token" in result:
            self.csrf = result["csrf_token"]
        return answer.status, result, answer.headers

    def log_in(self, email, password):
        self.ask("GET", "/api/csrf")
        status, answer, headers = self.ask("POST", "/api/login", {"email": email, "password": password, "session": "cookie"})
        assert status == 200, answer
        return answer, headers


@pytest.fixture(scope="module")
def user(pod):
    return pod.make_user()


def test_a_browser_logs_in_by_https(pod, user):
    browser = Browser(pod)
    answer, headers = browser.log_in(user, "correct horse 1")
    cookie = headers["Set-Cookie"]
    assert re.fullmatch(r"__Host-session_id=[\w-]{43}; Path=/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict", cookie), cookie
    assert "token" not in answer
    status, session, _ = browser.ask("GET", "/api/session")
    assert status == 200 and session["email"] == user and session["login"]["kind"] == "session"
    assert browser.ask("POST", "/api/logout")[0] == 200
    assert browser.ask("GET", "/api/session")[0] == 401


def test_another_site_cannot_use_the_cookie(pod, user):
    browser = Browser(pod)
    browser.log_in(user, "correct horse 1")
    mail = {"to": [user], "subject": "forged", "text": "x"}
    assert browser.ask("POST", "/api/mail/send", mail, csrf=False)[1]["code"] == "csrf"
    for headers in ({"Origin": "https://evil.test"}, {"Origin": f"https://example.test:{pod.ports['HTTPS']}"}, {"Origin": "null"},
                    {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}):
        status, problem, _ = browser.ask("POST", "/api/mail/send", mail, headers)
        assert (status, problem["code"]) == (403, "cross_origin"), headers
    assert browser.ask("POST", "/api/mail/send", mail)[0] == 202


def test_a_login_cannot_be_forged_and_a_cookie_cannot_be_chosen(pod, user):
    login = {"email": user, "password": "correct horse 1", "session": "cookie"}
    browser = Browser(pod)
    assert browser.ask("POST", "/api/login", login)[1]["code"] == "csrf"
    browser.ask("GET", "/api/csrf")
    assert browser.ask("POST", "/api/login", login, {"Origin": "https://evil.test"})[1]["code"] == "cross_origin"
    chosen = "A" * 43
    browser.cookies["__Host-session_id"] = chosen
    browser.ask("GET", "/api/csrf")
    assert browser.ask("POST", "/api/login", login)[0] == 200
    assert browser.cookies["__Host-session_id"] != chosen
    thief = Browser(pod)
    thief.cookies["__Host-session_id"] = chosen
    assert thief.ask("GET", "/api/session")[0] == 401


def test_a_new_password_ends_the_other_sessions(pod):
    user = pod.make_user()
    mine, other = Browser(pod), Browser(pod)
    mine.log_in(user, "correct horse 1")
    other.log_in(user, "correct horse 1")
    body = {"password": "another horse 2", "current_password": "correct horse 1"}
    assert mine.ask("PUT", f"/api/users/{user}", body)[0] == 200
    assert mine.ask("GET", "/api/session")[0] == 200
    assert other.ask("GET", "/api/session")[0] == 401


def test_sessions_are_seen_and_ended(pod, user):
    mine, other = Browser(pod), Browser(pod)
    mine.log_in(user, "correct horse 1")
    other.log_in(user, "correct horse 1")
    _, sessions, _ = mine.ask("GET", "/api/sessions")
    assert [one["current"] for one in sessions["items"]][:2] == [False, True]
    assert mine.ask("DELETE", f"/api/sessions/{sessions['items'][0]['id']}")[0] == 200
    assert other.ask("GET", "/api/session")[0] == 401
    assert mine.ask("DELETE", "/api/sessions")[1]["revoked"] >= 0
    assert mine.ask("GET", "/api/session")[0] == 200


def test_a_token_is_for_what_it_was_made(pod):
    body = {"name": "reader", "scopes": ["users:read"], "lifetime": 3600}
    _, login = pod.api("POST", "/api/login", {"email": "admin@example.test", "password": pod.admin_password}, token="", expect=200)
    _, made = pod.api("POST", "/api/tokens", body, token=login["token"], expect=201)
    token = made["token"]
    pod.used_secrets.append(token)
    assert token.startswith("pp_")
    pod.api("GET", "/api/users", token=token, expect=200)
    for method, path, more in (("GET", "/api/audit", None), ("POST", "/api/users", {"email": "x@example.test", "password": "password123"}),
                               ("GET", "/api/session", None)):
        status, problem = pod.api(method, path, more, token=token)
        assert (status, problem["code"]) == (403, "scope_missing"), path
    pod.api("DELETE", f"/api/tokens/{made['id']}", token=login["token"], expect=200)
    assert pod.api("GET", "/api/users", token=token)[0] == 401


def test_a_token_is_for_where_it_was_made(pod):
    _, login = pod.api("POST", "/api/login", {"email": "admin@example.test", "password": pod.admin_password}, token="", expect=200)
    _, made = pod.api("POST", "/api/tokens", {"name": "elsewhere", "networks": ["192.0.2.0/24"]}, token=login["token"], expect=201)
    status, problem = pod.api("GET", "/api/users", token=made["token"])
    assert (status, problem["code"]) == (403, "token_address")


def test_a_domain_admin_of_several_domains(pod):
    for name in ("grants-one.test", "grants-two.test"):
        pod.make_domain(name)
    helper = pod.make_user("helper@grants-one.test")
    peer = pod.make_user("peer@grants-two.test")
    pod.cli("domains", "grant", "grants-one.test", "--user", helper)
    pod.cli("domains", "grant", "grants-two.test", "--user", helper)
    pod.cli("domains", "grant", "grants-two.test", "--user", peer)
    assert helper in pod.cli("domains", "admins", "grants-two.test")
    _, login = pod.api("POST", "/api/login", {"email": helper, "password": "correct horse 1"}, token="", expect=200)
    token = login["token"]
    _, domains = pod.api("GET", "/api/domains", token=token, expect=200)
    assert [domain["name"] for domain in domains["items"]] == ["grants-one.test", "grants-two.test"]
    pod.api("POST", "/api/users", {"email": "new@grants-two.test", "password": "correct horse 1"}, token=token, expect=201)
    assert pod.api("GET", "/api/users/admin@example.test", token=token)[0] == 404
    # Another administrator of the same domain is out of reach.
    status, problem = pod.api("PUT", f"/api/users/{peer}", {"password": "stolen horse 1"}, token=token)
    assert (status, problem["code"]) == (403, "is_admin")
    pod.cli("domains", "revoke", "grants-two.test", "--user", helper)
    assert pod.api("GET", "/api/domains/grants-two.test", token=token)[0] == 404, "at once"


def test_nobody_is_locked_out(pod):
    admin = "admin@example.test"
    for method, path, body in (("POST", f"/api/users/{admin}/grants/revoke", {"role": "admin"}), ("PUT", f"/api/users/{admin}", {"role": "user"}),
                               ("DELETE", f"/api/users/{admin}", None), ("PUT", f"/api/users/{admin}", {"enabled": False})):
        status, problem = pod.api(method, path, body)
        assert (status, problem["code"]) == (409, "last_admin"), (method, path)


def test_a_domain_admin_follows_the_order_of_an_own_certificate(pod):
    _, jobs = pod.api("GET", "/api/jobs", expect=200)
    stranger = pod.make_user()
    _, login = pod.api("POST", "/api/login", {"email": stranger, "password": "correct horse 1"}, token="", expect=200)
    for job in jobs["items"][:3]:
        assert pod.api("GET", f"/api/jobs/{job['id']}", token=login["token"])[0] == 404


def test_the_command_line_has_a_token_of_its_own(pod, tmp_path):
    user = pod.make_user()
    environment = {**pod.environment, "XDG_CONFIG_HOME": str(tmp_path)}
    kept, pod.environment = pod.environment, environment
    try:
        pod.cli("login", "--email", user, "--password-stdin", "--session", "work", input="correct horse 1\n")
        file = tmp_path / "podplay/sessions/work.json"
        assert file.stat().st_mode & 0o777 == 0o600
        token = json.loads(file.read_text())["token"]
        pod.used_secrets.append(token)
        shown = pod.cli("whoami", "--session", "work")
        assert user in shown and token not in shown
        listed = pod.cli("tokens", "list", "--session", "work", "--json")
        names = [one["name"] for one in json.loads(listed)["items"]]
        assert names == [f"podplay on {os.uname().nodename}, session work"]
        made = pod.cli("tokens", "create", "--name", "ci", "--scopes", "mail:read", "--session", "work", "--json")
        pod.used_secrets.append(json.loads(made)["token"])
        pod.cli("sessions", "list", "--session", "work")
        pod.cli("logout", "--session", "work")
        assert pod.api("GET", "/api/session", token=token)[0] == 401
    finally:
        pod.environment = kept


def test_a_login_pins_the_pods_authority(pod, tmp_path):
    user = pod.make_user()
    environment = {**pod.environment, "XDG_CONFIG_HOME": str(tmp_path)}
    kept, pod.environment = pod.environment, environment
    url = ["--base-url", f"https://127.0.0.1:{pod.ports['HTTPS']}"]
    try:
        shown = pod.cli("certificates", "trust", "--dry-run")
        fingerprint = re.search(r"SHA-256 (\S+)", shown).group(1)
        login = ["login", "--email", user, "--password-stdin", *url]
        done = pod.run(*login, input="correct horse 1\n")
        assert done.returncode == 8, "nobody has compared the fingerprint"
        done = pod.run(*login, "--fingerprint", "00" * 32, input="correct horse 1\n")
        assert done.returncode == 4, done.stderr
    finally:
        pod.environment = kept
    assert len(fingerprint.replace(":", "")) == 64


def test_the_store_lets_nobody_in(pod, user):
    browser = Browser(pod)
    browser.log_in(user, "correct horse 1")
    _, login = pod.api("POST", "/api/login", {"email": user, "password": "correct horse 1"}, token="", expect=200)
    folder = pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{pod.name}-state").stdout.strip()
    store = sqlite3.connect(f"file:{folder}/podplay.db?mode=ro", uri=True)
    hashes = {row[0] for table in ("sessions", "tokens") for row in store.execute(f"SELECT hash FROM {table}")}
    text = "\n".join(store.iterdump())
    store.close()
    for secret in (browser.cookies["__Host-session_id"], login["token"], browser.csrf):
        assert secret not in text
    assert hashlib.sha256(login["token"].encode()).hexdigest() in hashes


def test_events_are_in_the_audit(pod):
    _, events = pod.api("GET", "/api/audit?limit=500", expect=200)
    seen = {event["event"] for event in events["items"]}
    assert {"LOGIN_SUCCESS", "LOGOUT", "SESSION_REVOKED", "TOKEN_CREATED", "TOKEN_REVOKED", "GRANT_ADDED", "GRANT_REMOVED"} <= seen
