"""Logs as they are written: files and their owners, one request id through everything, levels that change at run time without ending a
session, and secrets, which are planted in every input and are in no sink at any level."""
import base64
import os
import re
import secrets
import socket
import ssl
import time
import uuid

import pytest

from conftest import PREFIX, remove_leftovers, started_pod
from faults import in_mounts, mounted

FILES = {
    "apache": ["access", "error", "agent"],
    "bind": ["general", "agent"],
    "mail": ["postfix", "dovecot", "auth", "agent"],
    "api": ["api", "audit", "auth"],
    "certs": ["operations"],
}
LINE = re.compile(r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] \[(ERROR|WARN|INFO|DEBUG|TRACE)\] \[[a-z.-]+\] .")
SERVICES = ["apache", "bind", "mail", "api"]


def read_log(pod, service, path):
    done = pod.execute(service, "cat", f"/data/logs/{path}.log")
    return done.stdout if done.returncode == 0 else ""


def wait_for_line(pod, service, path, wanted, seconds=15):
    deadline = time.monotonic() + seconds
    while True:
        found = [line for line in read_log(pod, service, path).splitlines() if re.search(wanted, line)]
        if found:
            return found
        assert time.monotonic() < deadline, f"no line like {wanted} in {path}:\n{read_log(pod, service, path)[-3000:]}"
        time.sleep(0.2)


def levels(pod):
    _, answer = pod.api("GET", "/api/system/log-levels", expect=200)
    return {one["component"]: one for one in answer["levels"]}


def set_level(pod, component, level=None, seconds=None):
    body = {"component": component} | ({"level": level} if level else {}) | ({"seconds": seconds} if seconds else {})
    _, answer = pod.api("PUT", "/api/system/log-levels?wait=30", body, expect=200)
    if "applied" in answer:
        assert answer["applied"]["state"] == "applied", answer


def pids(pod):
    _, status = pod.api("GET", "/api/system/status", expect=200)
    return {(service["service"], daemon["name"]): daemon["pid"] for service in status["services"] for daemon in service["daemons"]}


def dig(pod, name):
    return pod.execute("bind", "dig", "+short", "@127.0.0.1", name, "A")


def test_every_line_has_the_form_and_every_file_its_owner(pod):
    user = pod.make_user()
    pod.send(user, [user], "first line")
    pod.wait_for_message(user, "first line")
    pod.api("POST", "/api/login", {"email": user, "password": "wrong one 1"}, token="", expect=401)
    for folder, names in FILES.items():
        service = folder if folder in SERVICES else "api"
        for name in names:
            text = read_log(pod, service, f"{folder}/{name}")
            for line in text.splitlines():
                assert LINE.match(line), f"{folder}/{name}: {line}"
            if text:
                mode = pod.execute(service, "stat", "-c", "%a %G", f"/data/logs/{folder}/{name}.log").stdout.split()
                assert mode == ["640", "loggroup"], f"{folder}/{name}: {mode}"
    for path in ["mail/postfix", "mail/dovecot", "mail/auth", "mail/agent", "bind/general", "apache/error"]:
        assert read_log(pod, path.split("/")[0], path), path
    for path in ["api/api", "api/audit", "api/auth", "certs/operations"]:
        assert read_log(pod, "api", path), path
    assert "[mail.postfix] smtpd[" in read_log(pod, "mail", "mail/postfix")
    # podplayd is in the group, so it reads the files of all.
    assert pod.execute("api", "head", "-1", "/data/logs/mail/postfix.log").returncode == 0


def test_one_request_id_through_everything(pod):
    name = f"d{uuid.uuid4().hex[:8]}.test"
    request = f"trace-{uuid.uuid4().hex[:12]}"
    _, domain = pod.api("POST", "/api/domains?wait=30", {"name": name}, headers={"X-Request-Id": request}, expect=201)
    assert domain["applied"]["state"] == "applied", domain
    wait_for_line(pod, "api", "api/audit", rf"DOMAIN_CREATED.*request={request}")
    _, revision = pod.api("GET", f"/api/revisions/{domain['revision']}", expect=200)
    assert revision["request_id"] == request, revision
    wait_for_line(pod, "mail", "mail/agent", rf"rows applied.*request={request}")
    wait_for_line(pod, "bind", "bind/agent", rf"rows applied.*request={request}")
    wait_for_line(pod, "bind", "bind/general", rf"{name}.*request={request}$")
    # A message: the request of the API call, and the queue id that Postfix gave it.
    user = pod.make_user()
    request = f"trace-{uuid.uuid4().hex[:12]}"
    _, session = pod.api("POST", "/api/login", {"email": user, "password": "correct horse 1"}, token="", expect=200)
    _, sent = pod.api("POST", "/api/mail/send", {"from": user, "to": [user], "subject": "traced", "text": "x"},
                      token=session["token"], headers={"X-Request-Id": request}, expect=202)
    message = sent["message_id"].strip("<>")
    wait_for_line(pod, "mail", "mail/agent", rf"request={request}.*message_id={re.escape(message)}")
    accepted = wait_for_line(pod, "mail", "mail/postfix", rf"message-id=<{re.escape(message)}>")
    queue_id = re.search(r"cleanup\[\d+\]: (\w+): message-id", accepted[0])[1]
    wait_for_line(pod, "mail", "mail/postfix", rf"{queue_id}: to=<{user}>.*status=sent")


def test_a_full_volume_stops_nothing(pod):
    said = "log files cannot be written; lines go to standard output only"

    def output():
        return pod.podman("logs", f"{pod.name}-bind").stdout

    def count(words):
        return output().count(words)

    before = count(said), count("log files are written again")
    with mounted(pod, "bind", "/data/logs", "-t", "tmpfs", "-o", "size=4m", "none", until=lambda one: one.wait_ready()):
        assert pod.execute("bind", "mkdir", "/data/logs/bind").returncode == 0
        in_mounts(pod, "bind", "sh", "-c", "cat /dev/zero > /data/logs/fill 2>/dev/null; true")
        set_level(pod, "dns", "DEBUG", 600)
        for number in range(30):
            asked = f"full{number}.example.test"
            began = time.monotonic()
            assert dig(pod, asked).returncode == 0
            assert time.monotonic() - began < 5
            time.sleep(0.1)
        pod.wait_for(lambda: count(said) == before[0] + 1, "one line says that the volume is full")
        assert "full29.example.test" in output(), "standard output has every line"
        in_mounts(pod, "bind", "rm", "/data/logs/fill")

        def well():
            dig(pod, "well.example.test")
            return count("log files are written again") == before[1] + 1

        pod.wait_for(well, "one line says that files are written again", 40)
        assert count(said) == before[0] + 1
        set_level(pod, "dns")
    def is_logged():
        request = f"after-{uuid.uuid4().hex[:8]}"
        pod.api("POST", "/api/domains?wait=30", {"name": f"{request}.test"}, headers={"X-Request-Id": request}, expect=201)
        return f"request={request}" in read_log(pod, "bind", "bind/agent")

    # The volume is there again, and so are the lines: within a second a sink sees that its file is another one.
    pod.wait_for(is_logged, "lines in the volume")


def test_levels_change_without_a_restart_and_end_by_themselves(pod):
    user = pod.make_user()
    before = pids(pod)
    assert levels(pod)["mail"]["level"] == "INFO"
    with pod.imap_connection() as idle, pod.submission(user) as smtp:
        idle.login(user, "correct horse 1")
        idle.select("INBOX")
        set_level(pod, "mail", "DEBUG", 3600)
        set_level(pod, "dns", "DEBUG", 3600)
        set_level(pod, "web", "DEBUG", 3600)
        assert levels(pod)["mail"] | {"until": ""} == {"component": "mail", "setting": "PODPLAY_MAIL_LOG_LEVEL", "configured": "INFO",
                                                       "level": "DEBUG", "until": ""}
        assert pod.execute("mail", "postconf", "-h", "smtpd_tls_loglevel").stdout.strip() == "2"
        pod.imap(user).logout()
        wait_for_line(pod, "mail", "mail/auth", r"\[DEBUG\] \[mail\.auth\]")
        asked = f"q{uuid.uuid4().hex[:8]}.example.test"
        dig(pod, asked)
        wait_for_line(pod, "bind", "bind/queries", asked)
        # The sessions from before go on.
        assert idle.noop()[0] == "OK"
        assert smtp.noop()[0] == 250
        assert pids(pod) == before
        set_level(pod, "all")
        assert idle.noop()[0] == "OK"
        assert smtp.noop()[0] == 250
    assert pod.execute("mail", "postconf", "-h", "smtpd_tls_loglevel").stdout.strip() == "1"
    assert pids(pod) == before
    # By itself, and by the command line.
    shown = pod.cli("system", "log-levels", "--component", "mail", "--level", "DEBUG", "--for", "3s")
    assert re.search(r"mail +DEBUG +until .* then INFO", shown), shown
    deadline = time.monotonic() + 30
    while pod.execute("mail", "postconf", "-h", "smtpd_tls_loglevel").stdout.strip() != "1" or levels(pod)["mail"]["level"] != "INFO":
        assert time.monotonic() < deadline
        time.sleep(0.3)
    wait_for_line(pod, "api", "api/audit", "LOG_LEVEL_CHANGED")
    wait_for_line(pod, "api", "api/audit", "LOG_LEVEL_ENDED")
    assert pids(pod) == before
    # Ours, at once.
    set_level(pod, "api", "DEBUG", 60)
    pod.api("GET", "/api/users?limit=1", headers={"X-Request-Id": "seen-at-debug"}, expect=200)
    wait_for_line(pod, "api", "api/api", "request=seen-at-debug")
    set_level(pod, "api")


@pytest.fixture(scope="module")
def talkative():
    """A pod that logs all that it can."""
    remove_leftovers()
    settings = {"PODPLAY_LOG_LEVEL": "TRACE", "PODPLAY_LOG_COMMANDS": "true", "PODPLAY_LOG_CONFIGS": "true",
                "PODPLAY_MAIL_OUTBOUND": "relay", "PODPLAY_MAIL_RELAY": "localhost:1587", "PODPLAY_MAIL_RELAY_USER": "relay-user",
                "PODPLAY_MAIL_RELAY_PASSWORD": planted("relay"),
                "PODPLAY_ALERT_WEBHOOK": f"https://hooks.example.test/services/{planted('webhook')}",
                "PODPLAY_ALERT_WEBHOOK_SECRET": planted("webhook key")}
    with started_pod(f"{PREFIX}{os.getpid()}-talk", settings) as one:
        yield one


SECRETS = {}


def planted(name):
    """A secret of a form that nothing but chance would write."""
    return SECRETS.setdefault(name, f"Plant{secrets.token_hex(10)}{len(SECRETS)}Q")


def everything_logged(pod):
    sinks = {}
    for service in SERVICES:
        done = pod.podman("logs", f"{pod.name}-{service}", timeout=120)
        sinks[f"podman logs {service}"] = done.stdout + done.stderr
    found = pod.execute("api", "sh", "-c", "for f in $(find /data/logs -type f); do echo \"== $f\"; cat $f; done")
    assert ".zst" not in found.stdout, "a file was sealed already: read it, too"
    sinks["files"] = found.stdout
    return sinks


def try_imap(pod, user, password):
    try:
        pod.imap(user, password)
    except Exception:  # noqa: BLE001: it is refused
        pass


def try_smtp(pod, user, password, mechanism):
    with pod.submission() as client:
        client.ehlo()
        if mechanism == "PLAIN":
            client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())
        elif mechanism == "LOGIN":
            client.docmd("AUTH", "LOGIN " + base64.b64encode(user.encode()).decode())
            client.docmd(base64.b64encode(password.encode()).decode())
        else:
            bearer = f"n,a={user},\x01auth=Bearer {password}\x01\x01"
            client.docmd("AUTH", "OAUTHBEARER " + base64.b64encode(bearer.encode()).decode())
            client.docmd("AQ==")


def raw_http(pod, text):
    with socket.create_connection(("127.0.0.1", pod.ports["HTTPS"]), timeout=20) as plain:
        with pod.tls().wrap_socket(plain, server_hostname="control.example.test") as tls:
            tls.sendall(text.encode())
            tls.settimeout(10)
            try:
                tls.recv(4096)
            except (TimeoutError, ssl.SSLError):
                pass


def test_settings_that_are_secrets_are_in_no_environment(talkative):
    """podman shows the environment of a container to everybody who may look at it. A podman secret is mounted in the control plane only."""
    pod = talkative
    given = {"relay": planted("relay"), "webhook": planted("webhook"), "webhook key": planted("webhook key")}
    for container in [*SERVICES, "init"]:
        shown = pod.podman("inspect", f"{pod.name}-{container}").stdout
        assert f"{pod.name}-{container}" in shown
        for name, secret in given.items():
            assert secret not in shown, f"{name} in {container}"
    assert f"{pod.name}-secrets" in pod.podman("secret", "ls", "--format", "{{.Name}}").stdout.split()
    for service in SERVICES:
        found = pod.podman("exec", f"{pod.name}-{service}", "test", "-e", "/run/podplay-secrets/settings.json")
        assert (found.returncode == 0) == (service == "api"), service
    # The control plane has read it: it gave Postfix the relay's password.
    kept = pod.podman("exec", f"{pod.name}-mail", "grep", "-rlF", given["relay"], "/run/podplay-enrol")
    assert kept.returncode == 0, kept.stderr


def test_secrets_are_in_no_sink(talkative):
    pod = talkative
    right = planted("password") + " 1"
    user = pod.make_user(password=right)
    pod.imap(user, right).logout()
    pod.pop3(user, right).quit()
    with pod.submission(user, right) as client:
        client.sendmail(user, [user], f"From: {user}\r\nSubject: x\r\n\r\nyour link: https://control.example.test/reset#token={planted('link')}\r\n")
    try_imap(pod, user, planted("wrong imap"))
    for mechanism in ["PLAIN", "LOGIN", "OAUTHBEARER"]:
        try_smtp(pod, user, planted(f"wrong {mechanism}"), mechanism)
    pod.api("POST", "/api/login", {"email": user, "password": planted("wrong api")}, token="")
    pod.api("POST", "/api/login", f'{{"email": "{user}", "password": "{planted("broken json")}', token="")
    _, session = pod.api("POST", "/api/login", {"email": user, "password": right}, token="", expect=200)
    SECRETS["token"] = session["token"].removeprefix("pp_")
    pod.api("GET", "/api/account", token=session["token"], expect=200)
    pod.api("GET", "/api/account", token="pp_" + planted("false token") * 2)
    pod.api("PUT", f"/api/users/{user}?wait=15", {"password": planted("new password") + " 2"}, expect=200)
    pod.api("POST", "/api/password-reset/confirm", {"token": planted("link token") * 2, "password": planted("reset") + " 1"}, token="")
    key = f"-----BEGIN PRIVATE KEY-----\n{planted('pem') * 3}\n-----END PRIVATE KEY-----\n"
    pod.api("POST", "/api/certificates/example.test/upload", {"certificate": "x", "key": key})
    head = "Host: control.example.test\r\nConnection: close\r\n"
    raw_http(pod, f"GET /api/account HTTP/1.1\r\n{head}Cookie: session_id={planted('cookie')}\r\nAuthorization: Bearer {planted('bearer')}\r\n\r\n")
    raw_http(pod, f"GET /login/outside?code={planted('code')}&state={planted('state')} HTTP/1.1\r\n{head}\r\n")
    query = f"password={planted('query')}&token={planted('query token')}"
    raw_http(pod, f"GET /api/x?{query} HTTP/1.1\r\n{head}Referer: https://a.test/?token={planted('referer')}\r\n\r\n")
    basic = base64.b64encode(f"a:{planted('basic')}".encode()).decode()
    raw_http(pod, f"GET /reset/{planted('path token') * 2} HTTP/1.1\r\n{head}Authorization: Basic {basic}\r\n\r\n")
    time.sleep(3)
    # As they are, and as base64 has them.
    wanted = dict(SECRETS)
    for name, secret in SECRETS.items():
        for before in ["", "a:", f"\0{user}\0", f"n,a={user},\x01auth=Bearer "]:
            coded = base64.b64encode((before + secret).encode()).decode().rstrip("=")[len(before) * 4 // 3 + 2:-2]
            wanted[f"{name} in base64 behind {len(before)}"] = coded
    sinks = everything_logged(pod)
    assert "[hidden]" in sinks["files"], "something had to be hidden"
    assert "ran a command" in sinks["files"] and "a generated file changed" in sinks["files"]
    for sink, text in sinks.items():
        for name, secret in wanted.items():
            lines = [line[:400] for line in text.splitlines() if secret in line]
            assert not lines, f"{name} in {sink}: {lines[:2]}"
