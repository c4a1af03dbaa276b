"""Figures and alerts: each service's figures are there and move, a real Prometheus reads them, and a problem is told by mail and webhook,
once, until it is over. A pod of its own, since its alerts must come within seconds."""
import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from authority import Network
from conftest import PREFIX, ROOT, remove_leftovers, started_pod

SECRET = "a-secret-of-the-webhook-8f31"
WEBHOOK_PORT = 8799
RECEIVER = pathlib.Path(__file__).with_name("alert_receiver.py")
PROMETHEUS = ROOT / ".cache/prometheus/usr/bin"
OPS = "ops@example.test"


class Receiver:
    def __init__(self, pod, folder):
        self.file, self.status = folder / "requests", folder / "status"
        self.answer_with(200)
        self.process = Network.of(pod).start(sys.executable, RECEIVER, WEBHOOK_PORT, self.file, self.status, log=subprocess.DEVNULL)
        pod.wait_for(lambda: Network.of(pod).run("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{WEBHOOK_PORT}").returncode == 0, "the receiver")

    def answer_with(self, status):
        self.status.write_text(str(status))

    def all(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def of(self, event, service, known=()):
        """The alerts of a service that were taken, each with its request; without those whose number is known."""
        found = []
        for request in self.all():
            body = json.loads(request["body"])
            if body["event"] == event and body["alert"]["service"] == service and request["answered"] == 200 \
                    and body["alert"]["id"] not in known:
                found.append((body["alert"], request))
        return found


@pytest.fixture(scope="module")
def pod():
    remove_leftovers()
    settings = {"PODPLAY_ALERT_MAIL": OPS, "PODPLAY_ALERT_WEBHOOK": f"http://127.0.0.1:{WEBHOOK_PORT}/hidden/path",
                "PODPLAY_ALERT_WEBHOOK_SECRET": SECRET, "PODPLAY_ALERT_INTERVAL": "2", "PODPLAY_ALERT_AFTER": "3"}
    with started_pod(f"{PREFIX}{os.getpid()}-alerts", settings) as one:
        one.make_user(OPS)
        yield one


@pytest.fixture(scope="module")
def receiver(pod, tmp_path_factory):
    one = Receiver(pod, tmp_path_factory.mktemp("alerts"))
    yield one
    one.process.kill()
    one.process.wait()


def read_metrics(pod, token=None):
    headers = {"Authorization": f"Bearer {pod.token if token is None else token}"} if token != "" else {}
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{pod.ports['API']}/api/system/metrics", headers=headers),
                                timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def value(text, name, absent=None, **labels):
    total, found = 0.0, False
    for line in text.splitlines():
        match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if match and all(f'{key}="{wanted}"' in (match.group(1) or "") for key, wanted in labels.items()):
            total, found = total + float(match.group(2)), True
    assert found or absent is not None, f"no {name} {labels}"
    return total if found else absent


def alerts(pod, state=None):
    return pod.api("GET", "/api/system/alerts" + (f"?state={state}" if state else ""), expect=200)[1]["items"]


def open_of(pod, service):
    return [one for one in alerts(pod, "open") if one["service"] == service]


def signal_named(pod, name):
    done = pod.execute("bind", "sh", "-c", f"kill -{name} $(pidof named)")
    assert done.returncode == 0, done.stderr


def test_the_figures_of_each_service_are_there(pod):
    text = read_metrics(pod)
    for service in ("apache", "bind", "mail"):
        assert value(text, "podplay_service_up", service=service) == 1
        assert value(text, "podplay_agent_ready", service=service) == 1, service
        assert 0 < value(text, "podplay_volume_used_ratio", service=service, volume="state") < 1
        assert value(text, "podplay_memory_used_bytes", service=service) > 0
    assert value(text, "podplay_apache_workers", state="waiting") > 0
    assert value(text, "podplay_postfix_queue_messages") == 0
    assert value(text, "podplay_store_bytes") > 0
    assert value(text, "podplay_service_feed_lag") == 0
    assert value(text, "podplay_certificate_first_expiry_timestamp_seconds") > time.time()
    assert "@example.test" not in text, "a figure names a person"
    lines = [line for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(lines) == len(set(lines)) > 40


def test_they_move(pod):
    before = read_metrics(pod)
    pod.imap(OPS).logout()
    with pytest.raises(Exception):
        pod.imap(OPS, "wrong password 1")
    pod.send(OPS, [OPS], "figures")
    pod.wait_for_message(OPS, "figures")
    for _ in range(5):
        pod.api("GET", "/livez", token="")
        subprocess.run(["dig", "+tries=1", "+time=2", f"-p{pod.ports['DNS']}", "@127.0.0.1", "example.test", "SOA"], capture_output=True,
                       timeout=20, check=True)
        subprocess.run(["curl", "-sk", "-o", "/dev/null", f"https://127.0.0.1:{pod.ports['HTTPS']}/"], timeout=20, check=True)

    def moved():
        after = read_metrics(pod)
        for name, labels, least in (("podplay_dovecot_logins_total", {"result": "success"}, 1),
                                    ("podplay_dovecot_logins_total", {"result": "failure"}, 1),
                                    ("podplay_dovecot_sessions_ended_total", {"protocol": "imap"}, 1),
                                    ("podplay_dovecot_deliveries_total", {}, 1),
                                    ("podplay_bind_responses_total", {"rcode": "noerror"}, 5),
                                    ("podplay_apache_requests_total", {}, 5),
                                    ("podplay_logins_failed_total", {}, 1),
                                    ("podplay_api_requests_total", {"route": "/livez", "status": "2xx"}, 5),
                                    ("podplay_api_request_duration_seconds_count", {"route": "/livez"}, 5)):
            assert value(after, name, **labels) >= value(before, name, absent=0, **labels) + least, (name, labels)
        return True

    pod.wait_for(moved, "figures that move", 30)


def test_only_who_may_read_the_system_gets_them(pod):
    for token in ("", "nonsense"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            read_metrics(pod, token)
        assert refused.value.code == 401
    person = pod.make_user()
    _, login = pod.api("POST", "/api/login", {"email": person, "password": "correct horse 1"}, token="", expect=200)
    with pytest.raises(urllib.error.HTTPError) as refused:
        read_metrics(pod, login["token"])
    assert refused.value.code == 403
    _, made = pod.api("POST", "/api/tokens", {"name": "prometheus", "scopes": ["system:read"]}, expect=201)
    assert "podplay_store_bytes" in read_metrics(pod, made["token"])
    assert "podplay_store_bytes" in pod.cli("system", "metrics")
    outside = subprocess.run(["curl", "-sk", f"https://127.0.0.1:{pod.ports['HTTPS']}/server-status?auto"], capture_output=True, text=True,
                             timeout=20)
    assert "Scoreboard" not in outside.stdout


def test_a_prometheus_reads_them(pod, tmp_path):
    if not (PROMETHEUS / "promtool").exists():
        pytest.skip("tools/setup test unpacks Prometheus")
    checked = subprocess.run([PROMETHEUS / "promtool", "check", "metrics"], input=read_metrics(pod), capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    _, made = pod.api("POST", "/api/tokens", {"name": "prometheus scrape", "scopes": ["system:read"]}, expect=201)
    (tmp_path / "token").write_text(made["token"])
    example = (ROOT / "deploy/monitoring/prometheus.example.yml").read_text()
    for old, new in (("scheme: https", "scheme: http"), ("scrape_interval: 30s", "scrape_interval: 1s"), ("scrape_timeout: 10s", "scrape_timeout: 1s"),
                     ("/etc/prometheus/podplay.token", str(tmp_path / "token")), ("control.example.com:443", f"127.0.0.1:{pod.ports['API']}"),
                     ("podplay.rules.yml", str(ROOT / "deploy/monitoring/podplay.rules.yml"))):
        assert old in example, old
        example = example.replace(old, new)
    (tmp_path / "prometheus.yml").write_text(example)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    server = subprocess.Popen([PROMETHEUS / "prometheus", f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
                               f"--web.listen-address=127.0.0.1:{port}"], stdout=(tmp_path / "log").open("w"), stderr=subprocess.STDOUT)

    def query(expression):
        url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.request.quote(expression)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    try:
        pod.wait_for(lambda: [one for one in query('up{job="podplay"}') if one["value"][1] == "1"], f"a scrape, see {tmp_path}/log", 40)
        assert len(query("podplay_agent_ready == 1")) == 3
        assert not query('ALERTS{alertstate="firing"}')
    finally:
        server.terminate()
        server.wait(20)


def test_alerts_arrive(pod, receiver):
    words = pod.cli("alerts", "test")
    assert re.search(rf"ok +mail  {OPS}: Postfix has it", words), words
    assert f"webhook  http://127.0.0.1:{WEBHOOK_PORT}: answered 200" in words and "hidden" not in words, words
    request = receiver.all()[-1]
    assert request["path"] == "/hidden/path"
    wanted = hmac.new(SECRET.encode(), f"{request['headers']['X-PodPlay-Timestamp']}.{request['body']}".encode(), hashlib.sha256).hexdigest()
    assert request["headers"]["X-PodPlay-Signature"] == f"v1={wanted}"
    assert abs(int(request["headers"]["X-PodPlay-Timestamp"]) - time.time()) < 60
    pod.wait_for_message(OPS, "This is a test")
    receiver.answer_with(302)
    try:
        assert "failed  webhook" in pod.cli("alerts", "test", code=1)
        assert all(one["path"] == "/hidden/path" for one in receiver.all()), "a redirect was followed"
    finally:
        receiver.answer_with(200)
    events = pod.api("GET", "/api/audit?event=ALERTS_TESTED", expect=200)[1]["items"]
    assert len(events) == 2
    assert "hidden/path" not in json.dumps(pod.api("GET", "/api/settings", expect=200)[1])


def test_a_stopped_daemon_is_told_once_and_its_end_too(pod, receiver):
    pod.wait_for(lambda: not alerts(pod, "open"), "a well pod", 60)
    # Of the start, which may take longer than this pod's alerts wait.
    known = {one["id"] for one in alerts(pod)}
    signal_named(pod, "STOP")
    try:
        (told, request), *_ = pod.wait_for(lambda: receiver.of("opened", "bind", known), "the alert at the webhook", 60)
        wanted = hmac.new(SECRET.encode(), f"{request['headers']['X-PodPlay-Timestamp']}.{request['body']}".encode(), hashlib.sha256).hexdigest()
        assert request["headers"]["X-PodPlay-Signature"] == f"v1={wanted}"
        assert told["cause"] and told["evidence"] and told["remedy"], told
        message = email.message_from_string(pod.wait_for_message(OPS, told["cause"][:20], seconds=30), policy=email.policy.default)
        assert told["cause"] in message.get_content() and "podplay alerts silence" in message.get_content()
        # A podplayd that is killed goes on where it was.
        before = len(receiver.of("opened", "bind", known))
        os.kill(pod.pid_of("api"), signal.SIGKILL)
        pod.wait_for(lambda: pod.api("GET", "/livez", token="")[0] == 200, "podplayd", 90)
        pod.wait_for(lambda: open_of(pod, "bind"), "the alert after the kill", 60)
        time.sleep(15)
        keys = [one["key"] for one, _ in receiver.of("opened", "bind", known)]
        assert len(keys) == len(set(keys)), f"told twice: {keys}"
        assert len(keys) >= before and not receiver.of("recovered", "bind", known), keys
    finally:
        signal_named(pod, "CONT")
    over = pod.wait_for(lambda: not open_of(pod, "bind") and receiver.of("recovered", "bind", known), "the end of the alert", 90)
    assert over[0][0]["recovered"]
    pod.wait_for_message(OPS, f"recovered: {over[0][0]['cause'][:20]}", seconds=30)


def test_a_silenced_problem_is_quiet_and_a_failed_webhook_is_tried_again(pod, receiver):
    pod.wait_ready()
    pod.wait_for(lambda: not open_of(pod, "bind"), "a well pod", 60)
    receiver.answer_with(500)
    signal_named(pod, "STOP")
    try:
        one, *_ = pod.wait_for(lambda: open_of(pod, "bind"), "the alert", 60)
        pod.wait_for(lambda: [x for x in receiver.all() if x["answered"] == 500 and json.loads(x["body"])["alert"]["key"] == one["key"]],
                     "a first try", 30)
        receiver.answer_with(200)
        pod.wait_for(lambda: [x for x, _ in receiver.of("opened", "bind") if x["id"] == one["id"]], "another try", 60)
        for alert in open_of(pod, "bind"):
            pod.cli("alerts", "silence", str(alert["id"]), "--reason", "it is a test")
        assert any(alert["silence"]["reason"] == "it is a test" for alert in open_of(pod, "bind"))
    finally:
        signal_named(pod, "CONT")
    pod.wait_for(lambda: not open_of(pod, "bind"), "the end", 90)
    silenced = {one["key"] for one in alerts(pod) if one["silence"]}
    signal_named(pod, "STOP")
    try:
        again = pod.wait_for(lambda: [x for x in open_of(pod, "bind") if x["key"] in silenced], "the problem again", 60)
        time.sleep(8)
        assert all(not x["notices"] for x in open_of(pod, "bind") if x["key"] in silenced), again
        pod.cli("alerts", "unsilence", str(again[0]["id"]))
        pod.wait_for(lambda: [x for x, _ in receiver.of("opened", "bind") if x["id"] == again[0]["id"]], "the alert after its silence", 60)
    finally:
        signal_named(pod, "CONT")
    pod.wait_for(lambda: not open_of(pod, "bind"), "the end", 90)
    assert pod.api("POST", "/api/system/alerts/999999/silence", {}, expect=404)[1]["code"] == "alert_unknown"
    assert pod.api("GET", "/api/audit?event=ALERT_SILENCED", expect=200)[1]["items"]


def test_an_agent_that_is_away_does_not_end_an_alert(pod, receiver):
    pod.wait_ready()
    signal_named(pod, "STOP")
    agent = pod.pid_of("bind")
    try:
        one, *_ = pod.wait_for(lambda: [x for x in open_of(pod, "bind") if x["source"].startswith("bind@")], "the alert", 60)
        os.kill(agent, signal.SIGSTOP)
        pod.wait_for(lambda: [x for x in open_of(pod, "bind") if x["id"] != one["id"]], "that its agent does not answer", 120)
        time.sleep(8)
        assert one["id"] in [x["id"] for x in alerts(pod, "open")], "unseen is not well"
    finally:
        os.kill(agent, signal.SIGCONT)
        signal_named(pod, "CONT")
    pod.wait_for(lambda: not alerts(pod, "open"), "a well pod", 120)
