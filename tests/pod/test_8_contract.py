"""The API as openapi.json describes it, asked of a whole pod: who is let in, what is refused and how, merge patches, imports row by row, and
the audit's chain. Every answer is checked against its schema (pod.py)."""
import http.client
import json
import os
import re
import sqlite3
import time
import uuid

import pytest

# What takes the place of a path's parameter.
OBJECTS = {"users": "admin@example.test", "domains": "example.test", "certificates": "example.test", "jobs": "audit_retention"}
WRONG = {"string": 7, "boolean": "yes", "integer": "many", "array": 7, "object": 7}


def send(pod, method, path, body=None, headers=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=60)
    headers = {"Authorization": f"Bearer {pod.token if token is None else token}", **(headers or {})}
    if not headers["Authorization"].removeprefix("Bearer "):
        del headers["Authorization"]
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    try:
        result = json.loads(text) if text else None
    except ValueError:
        result = text
    if method != "HEAD" and answer.headers.get("Content-Type") in ("application/json", "application/problem+json"):
        pod.description.check(method, path, answer.status, answer.headers, result)
    assert answer.status < 500 or answer.status in (503, 504), (method, path, body, answer.status, text)
    return answer.status, answer.headers, result


@pytest.fixture(scope="module")
def operations(pod):
    """Each operation as (method, path with an object in it, its description)."""
    pod.api("GET", "/livez", expect=200)
    found = []
    for path, methods in pod.description.document["paths"].items():
        noun = path.split("/")[2] if path.startswith("/api/") else ""
        asked = re.sub(r"\{\w+\}", OBJECTS.get(noun, "1"), path)
        found += [(method.upper(), asked, operation) for method, operation in methods.items()]
    assert len(found) > 60
    return found


def json_bodies(pod, operations):
    """Operations with a JSON body, and its schema."""
    for method, path, operation in operations:
        content = operation.get("requestBody", {}).get("content", {})
        for media_type in ("application/json", "application/merge-patch+json"):
            if media_type in content:
                name = content[media_type]["schema"]["$ref"].rsplit("/", 1)[1]
                yield method, path, operation, media_type, pod.description.document["components"]["schemas"][name]


def token_for(pod, operation):
    return pod.token if operation["x-permission"] != "anyone" else ""


def test_nobody_is_let_in_without_credentials(pod, operations):
    for method, path, operation in operations:
        if operation["x-permission"] != "anyone":
            for token in ("", "nonsense"):
                status, headers, _ = send(pod, method, path, token=token)
                assert status == 401 and "WWW-Authenticate" in headers, (method, path, status)


def test_a_user_does_nothing_of_an_administrator(pod, operations):
    email = pod.make_user()
    _, login = pod.api("POST", "/api/login", {"email": email, "password": "correct horse 1"}, token="", expect=200)
    for method, path, operation in operations:
        if operation["x-permission"] in ("admin", "domain-admin"):
            body = "{}" if "requestBody" in operation else None
            status, _, _ = send(pod, method, path, body, {"Content-Type": "application/json"}, token=login["token"])
            assert status in (403, 404), (method, path, status)


def test_a_token_does_only_what_its_scope_says(pod, operations):
    _, made = pod.api("POST", "/api/tokens", {"name": "only the audit", "scopes": ["audit:read"]}, expect=201)
    pod.used_secrets.append(made["token"])
    for method, path, operation in operations:
        if operation["x-permission"] == "anyone":
            continue
        status, _, problem = send(pod, method, path, token=made["token"])
        if operation["x-scope"] == "audit:read":
            assert status == 200, (method, path, status)
        else:
            assert (status, problem["code"]) == (403, "scope_missing"), (method, path, operation["x-scope"], status, problem)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{} {}", b'{"a": "\xff"}', b"[" * 10000, b'{"a": 1}\0', b'{"a": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(pod, operations, body):
    for method, path, operation, media_type, _ in json_bodies(pod, operations):
        status, _, problem = send(pod, method, path, body, {"Content-Type": media_type}, token_for(pod, operation))
        assert status == 400 and problem["remedy"], (method, path, status, problem)


def test_a_wrong_field_is_named(pod, operations):
    for method, path, operation, media_type, schema in json_bodies(pod, operations):
        bodies = [(name, {name: WRONG[kind]}) for name, member in schema["properties"].items()
                  if isinstance(kind := member.get("type", "object"), str) or (kind := kind[0])]
        for name, body in [*bodies, ("no_such_field", {"no_such_field": 1})]:
            status, _, problem = send(pod, method, path, json.dumps(body), {"Content-Type": media_type}, token_for(pod, operation))
            assert status == 400 and name in [error["field"] for error in problem["errors"]], (method, path, body, status, problem)


def test_other_types_sizes_and_methods_are_refused(pod, operations):
    for method, path, operation, _, _ in json_bodies(pod, operations):
        token = token_for(pod, operation)
        assert send(pod, method, path, "{}", {"Content-Type": "text/plain"}, token)[0] == 415, (method, path)
        large = operation["x-limits"]["body_octets"] + 1
        if large < 2 << 20:
            status, _, _ = send(pod, method, path, b" " * large, {"Content-Type": "application/json"}, token)
            assert status == 413, (method, path, status)
    for path in {path for _, path, _ in operations}:
        known = {method for method, other, _ in operations if other == path}
        status, headers, _ = send(pod, "OPTIONS", path)
        assert status == 200 and known <= set(headers["Allow"].split(", ")), (path, headers["Allow"])
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(headers["Allow"].split(", ")):
            status, headers, _ = send(pod, method, path)
            assert status == 405 and headers["Allow"], (method, path, status)
        if "GET" in known:
            assert send(pod, "HEAD", path)[0] == send(pod, "GET", path)[0], path


def test_a_cookie_alone_writes_nothing(pod, operations):
    status, headers, csrf = send(pod, "GET", "/api/csrf", token="")
    assert status == 200
    cookie = headers["Set-Cookie"].split(";")[0]
    body = json.dumps({"email": "admin@example.test", "password": pod.admin_password, "session": "cookie"})
    status, headers, _ = send(pod, "POST", "/api/login", body, token="", headers={
        "Content-Type": "application/json", "Cookie": cookie, "X-CSRF-Token": csrf["csrf_token"]})
    assert status == 200
    assert re.search(r"__Host-session_id=[^;]+;.*HttpOnly", headers["Set-Cookie"]) and "SameSite=Strict" in headers["Set-Cookie"]
    session = headers["Set-Cookie"].split(";")[0]
    for method, path, operation in operations:
        if operation["x-permission"] == "anyone" or method == "GET":
            continue
        status, _, problem = send(pod, method, path, "{}", {"Content-Type": "application/json", "Cookie": session}, token="")
        assert (status, problem["code"]) == (403, "csrf"), (method, path, status, problem)
    assert send(pod, "GET", "/api/session", headers={"Cookie": session}, token="")[0] == 200


def test_a_merge_patch_changes_what_it_names(pod):
    email = pod.make_user(quota=1 << 20)
    patch = {"Content-Type": "application/merge-patch+json"}
    _, user = pod.api("PATCH", f"/api/users/{email}", {"services": ["mail"]}, headers=patch, expect=200)
    assert (user["quota"], user["services"]) == (1 << 20, ["mail"])
    _, user = pod.api("PATCH", f"/api/users/{email}", {"quota": None}, headers=patch, expect=200)
    assert (user["quota"], user["services"]) == (500 << 20, ["mail"])
    _, problem = pod.api("PATCH", f"/api/users/{email}", {"password": None}, headers=patch, expect=400)
    assert problem["errors"][0]["code"] == "cannot_be_removed"


def test_pages_do_not_move_when_users_come(pod):
    mark = uuid.uuid4().hex[:6]
    pod.import_users([f"{letter}-{mark}@example.test" for letter in "bdfh"])
    _, first = pod.api("GET", f"/api/users?sort=email&search={mark}&limit=2", expect=200)
    pod.import_users([f"{letter}-{mark}@example.test" for letter in "aeg"])
    _, second = pod.api("GET", f"/api/users?sort=email&search={mark}&limit=10&cursor={first['next']}", expect=200)
    assert [user["email"][0] for user in first["items"] + second["items"]] == list("bdefgh")
    _, down = pod.api("GET", f"/api/users?sort=-email&search={mark}&limit=3", expect=200)
    assert [user["email"][0] for user in down["items"]] == list("hgf")
    pod.api("GET", "/api/users?sort=quota", expect=400)


def test_an_import_goes_row_by_row_and_is_heard_meanwhile(pod):
    mark = uuid.uuid4().hex[:6]
    rows = [f"{mark}{i}@example.test,correct horse {i}" for i in range(40)]
    rows[7] = "nobody@missing.test,correct horse 1"
    rows[9] = f"{mark}9@example.test,short"
    body = "email,password\r\n" + "\r\n".join(rows) + "\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=60)
    connection.request("POST", "/api/users/import?partial=1&wait=30", body, {"Authorization": f"Bearer {pod.token}", "Content-Type": "text/csv"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    began, lines, when = time.monotonic(), [], []
    for line in answer:
        lines.append(json.loads(line))
        when.append(time.monotonic() - began)
    assert when[0] < when[-1] / 2, "the first row is told before the last one is done"
    schema = pod.description.document["paths"]["/api/users/import"]["post"]["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    for line in lines:
        assert not list(pod.description.validator(schema).iter_errors(line)), line
    assert [line["row"] for line in lines[:-1]] == list(range(2, 42))
    failed = {line["row"]: line["problem"]["code"] for line in lines if line["state"] == "failed"}
    assert failed == {9: "domain_missing", 11: "bad_password"}, failed
    assert (lines[-1]["created"], lines[-1]["failed"], lines[-1]["applied"]["state"]) == (38, 2, "applied")
    pod.imap(f"{mark}3@example.test", "correct horse 3").logout()


def test_the_earlier_users_yaml_is_imported_by_the_command_line(pod, tmp_path):
    mark = uuid.uuid4().hex[:6]
    file = tmp_path / "users.yaml"
    file.write_text(f"""domains:
  - name: example.test
    users:
      - username: y{mark}
        password: correct horse 1
        aliases: [info-{mark}, 'sales-{mark}@example.test']
        quota: 10M
        services: [mail]
      - username: z{mark}
        password: '12345678'
        enabled: false
""")
    out = pod.cli("users", "import", str(file), "--partial", "--dry-run")
    assert f"would create y{mark}@example.test" in out and "2 created, 0 failed" in out, out
    pod.api("GET", f"/api/users/y{mark}@example.test", expect=404)
    assert "2 created, 0 failed" in pod.cli("users", "import", str(file), "--partial", "--wait", "30")
    _, user = pod.api("GET", f"/api/users/y{mark}@example.test", expect=200)
    assert (user["quota"], user["services"]) == (10 << 20, ["mail"])
    _, alias = pod.api("GET", f"/api/aliases/info-{mark}@example.test", expect=200)
    assert alias["targets"] == [f"y{mark}@example.test"]
    assert pod.api("GET", f"/api/users/z{mark}@example.test", expect=200)[1]["enabled"] is False
    again = pod.cli("users", "import", str(file), code=6)
    assert "exists already" in again


def test_the_audit_tells_what_changed_and_that_it_is_whole(pod):
    email = pod.make_user(quota=1 << 20)
    _, before = pod.api("GET", "/api/audit/verify", expect=200)
    assert before["whole"] and before["events"] > 10, before
    pod.api("PUT", f"/api/users/{email}", {"quota": 2 << 20}, headers={"X-Request-Id": f"r-{email[:8]}"}, expect=200)
    _, events = pod.api("GET", f"/api/audit?request=r-{email[:8]}", expect=200)
    assert [event["event"] for event in events["items"]] == ["USER_UPDATED"]
    event = events["items"][0]
    assert (event["before"], event["after"], event["subject"]) == ({"quota": 1 << 20}, {"quota": 2 << 20}, email)
    witness = f"{before['head']['id']}:{before['head']['hash']}"
    assert "the audit is whole" in pod.cli("audit", "verify", "--witness", witness)
    for event in pod.api("GET", "/api/audit?limit=500", expect=200)[1]["items"]:
        text = json.dumps(event)
        assert not any(secret in text for secret in pod.used_secrets), text
    _, mine = pod.api("GET", f"/api/audit?actor=admin@example.test&event=USER_CREATED&subject={email}", expect=200)
    assert len(mine["items"]) == 1


def test_a_changed_event_is_found_in_the_store(pod):
    folder = pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{pod.name}-state").stdout.strip()
    path = os.path.join(folder, "podplay.db")
    if not os.access(path, os.W_OK):
        pytest.skip("the store is another user's file here")
    event = pod.api("GET", "/api/audit?limit=1&event=USER_CREATED", expect=200)[1]["items"][0]

    def write(actor):
        with sqlite3.connect(path, timeout=30) as store:
            store.execute("UPDATE audit SET actor = ? WHERE id = ?", (actor, event["id"]))
        store.close()

    write("somebody@else.test")
    try:
        _, verdict = pod.api("GET", "/api/audit/verify", expect=200)
        assert not verdict["whole"] and [(fault["id"], fault["kind"]) for fault in verdict["faults"]] == [(event["id"], "changed")], verdict
        assert f"event {event['id']} changed" in pod.cli("audit", "verify", code=1)
    finally:
        write(event["actor"])
    assert pod.api("GET", "/api/audit/verify", expect=200)[1]["whole"]


def test_the_page_needs_nothing_from_elsewhere(pod):
    status, headers, page = send(pod, "GET", "/api/docs", token="")
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
    text = page.decode()
    assert not re.search(r"<(script|img|link|iframe)|\bsrc=|@import|url\(", text)
    for path in pod.description.document["paths"]:
        assert f"<code>{path}</code>" in text, path
