"""HTTP as its standards have it, own passwords, and the command line's output. Every answer of the API is checked with openapi.json as well (pod.py)."""
import hashlib
import http.client
import json
import os
import subprocess

import pytest


def ask(pod, method, path, headers=(), body=None, token=None):
    """One request with these header lines, a name more than once if need be. Status, headers, body."""
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=60)
    connection.putrequest(method, path)
    names = {name.lower() for name, _ in headers}
    if "authorization" not in names:
        connection.putheader("Authorization", f"Bearer {token or pod.token}")
    data = json.dumps(body).encode() if body is not None else b""
    if body is not None and "content-type" not in names:
        connection.putheader("Content-Type", "application/json")
    for name, value in headers:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(data)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, answer.headers, text


@pytest.fixture(scope="module")
def user(pod):
    return pod.make_user()


def test_field_case_11_conditional_requests(pod, user):
    path = f"/api/users/{user}"
    _, headers, whole = ask(pod, "GET", path)
    etag = headers["ETag"]
    for method in ("GET", "HEAD"):
        for value in (etag, f'"1", {etag}', f"W/{etag}", "*", ", ".join(f'"{i}x"' for i in range(20)) + f", {etag}"):
            status, headers, text = ask(pod, method, path, [("If-None-Match", value)])
            assert (status, headers["ETag"], text) == (304, etag, b""), (method, value, status)
            assert headers["Content-Length"] in (None, str(len(whole))) and headers["Content-Type"] is None, headers
    assert ask(pod, "GET", path, [("If-None-Match", '"1"'), ("If-None-Match", etag)])[0] == 304, "two lines are one list"
    assert ask(pod, "GET", path, [("If-None-Match", '"0"')])[0] == 200
    for lines, status in (
        ([f'"1", {etag}'], 200), (['"1"', etag], 200), ([etag, '"1"'], 200), (["*"], 200),
        (['"0"'], 412), ([f"W/{etag}"], 412), (['"1"', '"2"'], 412), (["0"], 400), ([f"{etag} x"], 400), (["*", '"1"'], 400),
    ):
        got, _, text = ask(pod, "PUT", path + "?dry_run=1", [("If-Match", line) for line in lines], {"quota": 7})
        assert got == status, (lines, got, text)
        assert status != 400 or b"If-Match" in text, text
    assert ask(pod, "PUT", path, [("If-None-Match", "*")], {"quota": 7})[0] == 412
    assert ask(pod, "GET", path)[1]["ETag"] == etag, "nothing was changed"


def test_field_case_11_forms_methods_and_locations(pod, user):
    for scheme in ("bearer", "BEARER", "Bearer"):
        assert ask(pod, "GET", "/api/session", [("Authorization", f"{scheme} {pod.token}")])[0] == 200, scheme
    assert ask(pod, "GET", "/api/session", [("Authorization", f"Basic {pod.token}")])[0] == 401
    path = f"/api/users/{user}?dry_run=1"
    for media_type, status in (("Application/JSON", 200), ("application/json;charset=UTF-8", 200), ("application/jsonx", 415), ("text/plain", 415)):
        assert ask(pod, "PUT", path, [("Content-Type", media_type)], {"quota": 7})[0] == status, media_type
    status, headers, text = ask(pod, "PATCH", "/api/users", body={})
    assert status == 405 and json.loads(text)["title"] == "Method not allowed" and headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    status, headers, text = ask(pod, "OPTIONS", "/api/users")
    assert (status, headers["Allow"], text) == (200, "GET, HEAD, POST, OPTIONS", b"")
    _, description = pod.api("GET", "/api/openapi.json", token="", expect=200)
    for route, operations in description["paths"].items():
        if "get" in operations and "{" not in route and route not in ("/api/mail/deleted", "/api/sites/deleted"):
            get, head = ask(pod, "GET", route), ask(pod, "HEAD", route)
            assert head[0] == get[0] and head[2] == b"" and head[1]["Content-Type"] == get[1]["Content-Type"], route
    for made, body in (("/api/aliases", {"address": "located@example.test", "targets": [user]}), ("/api/domains", {"name": "located.test"})):
        status, headers, text = ask(pod, "POST", made, body=body)
        assert status == 201 and ask(pod, "GET", headers["Location"])[0] == 200, (made, text)
    status, _, text = ask(pod, "PUT", path, body={"quota": 9223372036854775808})
    assert status == 400 and b"9223372036854775808" in text and b"-9223372036854775808" not in text, text
    # The same through the web server.
    done = subprocess.run(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-H", f"authorization: bearer {pod.token}", "-H", "If-None-Match: *",
                           f"https://127.0.0.1:{pod.ports['HTTPS']}/api/users/{user}"], capture_output=True, text=True, timeout=30)
    assert done.stdout == "304 0", done


def test_a_put_of_the_same_values_makes_no_revision(pod, user):
    newest = pod.api("GET", "/api/revisions?limit=1", expect=200)[1]["items"][0]["revision"]
    _, before = pod.api("GET", f"/api/users/{user}", expect=200)
    _, same = pod.api("PUT", f"/api/users/{user}?wait=10", {"quota": before["quota"], "enabled": True}, expect=200)
    assert same["revision"] == before["revision"] and same["changed"] is False and same["applied"]["state"] == "applied", same
    assert pod.api("PUT", "/api/domains/example.test", {"enabled": True}, expect=200)[1]["changed"] is False
    assert pod.api("GET", "/api/revisions?limit=1", expect=200)[1]["items"][0]["revision"] == newest
    assert "nothing to change" in pod.cli("domains", "update", "example.test", "--enable")


def test_a_stolen_token_does_not_take_the_account(pod):
    email = pod.make_user(password="password123")
    _, login = pod.api("POST", "/api/login", {"email": email, "password": "password123"}, token="", expect=200)
    stolen = login["token"]
    for body in ({"password": "thief's choice 1"}, {"password": "thief's choice 1", "current_password": "a guess"}, {"role": "admin"}, {"quota": 0}, {"username": "thief"}):
        status, answer = pod.api("PUT", f"/api/users/{email}", body, token=stolen)
        assert status in (400, 403), answer
    status, answer = pod.api("PUT", f"/api/users/{email}", {"password": "Passw0rd!", "current_password": "password123"}, token=stolen)
    assert status == 400 and answer["code"] == "bad_password", "a person's own choice is no first guess"
    pod.imap(email, "password123").logout()
    session = ("--session", "own")
    pod.cli("login", "--email", email, "--password-stdin", *session, input="password123\n")
    said = pod.cli("users", "password", email, "--password-stdin", *session, input="battery staple 1\n", code=3)
    assert "--current-password: your own password is changed only together with the current one" in said
    pod.cli("users", "password", email, "--current-password-stdin", "--password-stdin", *session, input="password123\nbattery staple 1\n")
    pod.imap(email, "battery staple 1").logout()
    assert pod.api("GET", "/api/session", token=stolen)[0] == 401
    status, answer = pod.api("PUT", "/api/users/admin@example.test", {"password": "battery staple 1"})
    assert status == 400 and answer["errors"][0]["field"] == "current_password", "an administrator's own too"
    for blank in ("        ", "\u3000\u3000\u3000"):
        assert pod.api("PUT", f"/api/users/{email}", {"password": blank})[0] == 400, "not even by an administrator"
    pod.used_secrets += [stolen, "battery staple 1", "thief's choice 1"]


def test_no_fast_hash_of_a_password_is_stored(pod):
    body = json.dumps({"email": "hashed@example.test", "password": "password123"})
    pod.api("POST", "/api/users", body, headers={"Idempotency-Key": "hashed"}, expect=201)
    first = pod.api("POST", "/api/users", body, headers={"Idempotency-Key": "hashed"}, expect=201)[1]
    assert first["email"] == "hashed@example.test"
    fast = hashlib.sha256(f"/api/users\n{body}".encode()).hexdigest()
    found = pod.execute("api", "grep", "-rlaF", fast, "/data/state")
    assert found.returncode == 1, found
    assert pod.execute("api", "grep", "-rlaF", "hashed@example.test", "/data/state").returncode == 0, "grep would have found it"
    assert pod.execute("api", "stat", "-c", "%a", "/data/state/answers.key").stdout == "600\n"


def test_imported_hashes_are_bounded_in_time(pod):
    for parameters, status in (("m=65536,t=4,p=1", 200), ("m=65536,t=5,p=1", 400), ("m=8,t=4000000000,p=1", 400), ("m=1048576,t=1,p=1", 400), ("m=65536,t=1,p=200", 400)):
        line = json.dumps({"email": "bounded@example.test", "password_hash": f"$argon2id$v=19${parameters}$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0000000000w"})
        got, answer = pod.api("POST", "/api/users/import?dry_run=1", line, headers={"Content-Type": "application/x-ndjson"})
        assert got == status, answer
        assert status == 200 or "m at most 65536" in answer["remedy"], answer


def test_field_case_17_the_command_line_says_what_it_did(pod):
    for local in ("z{quota}", "y{nothing}k"):
        said = pod.cli("users", "create", "--email", f"{local}@example.test", "--password-stdin", input="password123\n")
        assert f"created user {local}@example.test;" in said
    assert f"deleted user z{{quota}}@example.test;" in pod.cli("users", "delete", "z{quota}@example.test")
    for words in (["users", "list"], ["users", "list", "--json"], ["status"], ["where"], ["--help"], ["help", "users"], ["--version"], ["completion", "bash"], ["settings", "doc"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([pod.root / "bin/podplay", *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=pod.environment)
        assert done.returncode == 1 and "the output could not be written" in done.stderr, (words, done)
    done = pod.run("users", "list", "--limit", "1")
    assert done.stderr.startswith("more: --cursor ") and "more:" not in done.stdout, done
    assert pod.run("--version").stdout == pod.run("version").stdout
    done = pod.run("help", "usrs")
    assert done.returncode == 2 and "did you mean users?" in done.stderr and not done.stdout, done
    assert "People: their logins and mailboxes" in pod.run("--help").stdout
    said = pod.cli("users", "update", "admin@example.test", "--role", "king", code=3)
    assert said.startswith("podplay: --role: "), said


def test_field_case_17_a_login_trusts_only_the_authority_that_it_names(pod, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text(pod.execute("api", "cat", "/data/certificates/pod-ca/ca.pem").stdout)
    wrong = tmp_path / "wrong.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-out", wrong, "-subj", "/CN=wrong",
                    "-days", "1"], check=True, capture_output=True)
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost control.example.test\n")

    def with_hosts(*words):
        """The command line where the control host's name leads to this machine."""
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        command = [*unshare, "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh", pod.root / "bin/podplay", *words, "--session", "tls"]
        # A port in the environment would come before the server that the session knows.
        environment = {key: value for key, value in pod.environment.items() if key not in ("PODPLAY_URL", "PODPLAY_HOST_API_PORT")}
        return subprocess.run(command, capture_output=True, text=True, input=pod.admin_password + "\n", timeout=60, env=environment)

    login = ("login", "--base-url", f"https://control.example.test:{pod.ports['HTTPS']}", "--email", "admin@example.test", "--password-stdin")
    for words in ((), ("--ca", str(wrong))):
        done = with_hosts(*login, *words)
        assert done.returncode == 8 and "no trusted TLS connection" in done.stderr, done
    done = with_hosts(*login, "--ca", str(ca))
    assert done.returncode == 0, done
    ca.unlink()
    done = with_hosts("whoami")
    assert done.returncode == 0 and "admin@example.test" in done.stdout, f"the session keeps the authority: {done}"
    done = with_hosts("whoami", "--ca", str(wrong))
    assert done.returncode == 8, done
