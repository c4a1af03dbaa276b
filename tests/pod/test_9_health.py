"""Health in a real pod: what the probes answer, a daemon that is killed or stopped, the journey, and what a stranger could do.
A pod of its own, since it walks the journey every few seconds."""
import os
import subprocess

import pytest

from conftest import PREFIX, remove_leftovers, started_pod


@pytest.fixture(scope="module")
def pod():
    remove_leftovers()
    with started_pod(f"{PREFIX}{os.getpid()}-health", {"PODPLAY_JOURNEY_CHECK": "5"}) as one:
        yield one


def status(pod):
    return pod.api("GET", "/api/system/status", expect=200)[1]


def service(pod, name):
    return next(one for one in status(pod)["services"] if one["service"] == name)


def control_check(pod, name):
    return next((one for one in status(pod)["control"]["checks"] if one["name"] == name), None)


def history(pod, name):
    return pod.api("GET", f"/api/system/history?service={name}&limit=50", expect=200)[1]["items"]


def probe(pod, container, what):
    program = ["podplayd", "probe", what] if container == "api" else ["podplay-agent", "probe", what, container]
    return pod.execute(container, f"/usr/bin/{program[0]}", *program[1:])


def daemon_pid(pod, container, name):
    """As the host sees it."""
    inside = next(one["pid"] for one in service(pod, container)["daemons"] if one["name"] == name)
    return inside


def kill(pod, container, name, with_signal):
    done = pod.execute(container, "kill", f"-{with_signal}", str(daemon_pid(pod, container, name)))
    assert done.returncode == 0, done


def test_every_container_answers_its_probes(pod):
    pod.wait_ready()
    for container in ("api", "bind", "mail", "apache"):
        for what in ("livez", "startupz"):
            done = probe(pod, container, what)
            assert done.returncode == 0, (container, what, done)
    wanted = ("[+]release ok", "[+]daemon-postfix ok", "[+]processes ok", "[+]disk-logs", "[+]port-imaps ok", "[+]port-submission ok", "[+]socket-lmtp ok",
              "[+]queue-size ok", "[+]certificate-wire ok", "[+]certificate-days", "[+]directory ok", "mail ready")

    def all_there():
        verbose = probe(pod, "mail", "readyz?verbose")
        missing = [line for line in wanted if line not in verbose.stdout]
        assert verbose.returncode == 0 and not missing, (missing, verbose.stdout)
        assert "[+]zone-serials ok" in probe(pod, "bind", "readyz?verbose").stdout
        assert "[+]port-https ok" in probe(pod, "apache", "readyz?verbose").stdout
        return True

    # Each check has its interval, and some begin only when the first change is proven.
    pod.wait_for(all_there, "every check", 40)
    answer, body = pod.api("GET", "/readyz?verbose=1", token="")
    assert answer == 200 and {"service": "mail", "name": "port-imap", "result": "ok"} in body["checks"], body


def test_a_daemon_that_is_killed_makes_its_service_degraded_with_a_reason(pod):
    pod.wait_ready()
    kill(pod, "mail", "dovecot", "KILL")
    pod.wait_for(lambda: any(one["kind"] == "daemon_restarted" and one["subject"] == "dovecot" for one in history(pod, "mail")), "the repair", 20)
    pod.wait_ready()
    pod.wait_for(lambda: service(pod, "mail")["health"] == "ready", "the service", 30)
    rows = history(pod, "mail")
    repair = next(one for one in rows if one["kind"] == "daemon_restarted" and one["subject"] == "dovecot")
    assert "Killed" in repair["cause"] or "9" in repair["cause"], repair
    assert any(one["kind"] == "state" and one["after"] == "ready" for one in rows), rows
    assert "dovecot" in pod.cli("system", "history", "mail")


def test_a_process_that_is_stopped_is_found(pod):
    pod.wait_ready()
    kill(pod, "bind", "named", "STOP")
    try:
        found = pod.wait_for(lambda: (one := service(pod, "bind"))["health"] == "degraded" and one, "the stopped process", 40)
        assert any("stopped by a signal" in reason for reason in found["reasons"]), found["reasons"]
        assert pod.api("GET", "/readyz", token="")[0] == 503
        assert probe(pod, "bind", "livez").returncode == 0, "readiness is not liveness"
    finally:
        kill(pod, "bind", "named", "CONT")
    pod.wait_ready()
    pod.wait_for(lambda: any(one["subject"] == "processes" and one["after"] == "ok" for one in history(pod, "bind")), "its end in the history", 20)
    assert any("stopped by a signal" in one["cause"] for one in history(pod, "bind"))


def test_a_queue_that_is_full_fails(pod):
    pod.wait_ready()
    folder = "/data/service/spool/deferred/check"
    make = pod.execute("mail", "sh", "-c", f"mkdir {folder} && cd {folder} && seq 5001 | xargs touch")
    assert make.returncode == 0, make
    try:
        found = pod.wait_for(lambda: (one := service(pod, "mail"))["health"] == "degraded" and any("queue" in why for why in one["reasons"]) and one,
                             "the full queue", 100)
        assert any("messages wait" in reason for reason in found["reasons"]), found["reasons"]
    finally:
        pod.execute("mail", "rm", "-rf", folder)
    pod.wait_ready(120)


def test_the_journey_is_walked_and_names_the_step_that_breaks(pod):
    pod.wait_ready()
    well = pod.wait_for(lambda: (one := control_check(pod, "journey")) and one["result"] == "ok" and one, "a whole journey", 60)
    assert well["facts"][0]["name"] == "took_ms", well
    # Its mail is gone after it was read.
    left = pod.execute("mail", "sh", "-c", "doveadm mailbox status -u podplay-check@example.test messages INBOX")
    assert "messages=0" in left.stdout or "messages=1" in left.stdout, left
    kill(pod, "bind", "named", "STOP")
    try:
        broken = pod.wait_for(lambda: (one := control_check(pod, "journey")) and one["result"] == "failed" and one, "the broken step", 90)
        assert "'resolve the name'" in broken["reason"], broken
    finally:
        kill(pod, "bind", "named", "CONT")
    pod.wait_for(lambda: control_check(pod, "journey")["result"] == "ok", "the journey again", 90)
    pod.wait_ready()


def test_nobody_else_is_the_check_account(pod):
    _, answer = pod.api("POST", "/api/users", {"email": "podplay-check@example.test", "password": "correct horse 1"}, expect=400)
    assert answer["errors"][0]["field"] == "email", answer
    pod.api("POST", "/api/aliases", {"address": "podplay-check@example.test", "targets": ["admin@example.test"]}, expect=400)
    status_code, _ = pod.api("POST", "/api/login", {"email": "podplay-check@example.test", "password": "correct horse 1"}, token="")
    assert status_code in (400, 401, 403)
    # Its login is taken from the pod only, whatever the password.
    shown = pod.execute("mail", "doveadm", "-f", "flow", "auth", "lookup", "podplay-check@example.test")
    assert "allow_nets=127.0.0.1" in shown.stdout or shown.returncode != 0, shown


def test_nothing_is_exposed(pod):
    pod.wait_ready()

    def tried():
        checks = [one for one in status(pod)["control"]["checks"] if one["name"].startswith("exposure-")]
        return checks if len(checks) > 10 and all(one["result"] == "ok" for one in checks) else None

    names = {one["name"] for one in pod.wait_for(tried, "every attempt refused", 60)}
    assert {"exposure-relay", "exposure-relay-submission", "exposure-our-names", "exposure-recursion", "exposure-zone-transfer", "exposure-tls-imaps",
            "exposure-tls-smtp", "exposure-tls-https", "exposure-default-password", "exposure-keys"} <= names, names


def test_an_override_that_opens_recursion_is_found(pod):
    pod.wait_ready()
    folder = pod.overrides / "bind" / "etc" / "bind"
    folder.mkdir(parents=True, exist_ok=True)
    override = folder / "named.conf.tmpl"
    ours = (pod.root / "services/bind/rootfs/etc/bind/named.conf.tmpl").read_text()
    override.write_text(ours.replace("  recursion no;\n", "  recursion yes;\n  allow-recursion { any; };\n  allow-query-cache { any; };\n"))
    try:
        # Not with `up`, which waits until the pod is ready.
        done = subprocess.run([pod.root / "bin/podplay", "up"], capture_output=True, text=True, timeout=120,
                              env=dict(pod.environment, PODPLAY_DNS_LOG_LEVEL="DEBUG", PODPLAY_READY_DEADLINE="20"))
        pod.login()
        found = pod.wait_for(lambda: (one := service(pod, "bind"))["health"] == "degraded" and one, f"the open resolver ({done})", 60)
        assert any("exposure-recursion" in reason and "strangers" in reason for reason in found["reasons"]), found["reasons"]
        answer, body = pod.api("GET", "/readyz", token="")
        assert answer == 503 and "recursion" not in str(body), body
    finally:
        override.unlink()
    pod.up()
    pod.login()
    pod.wait_ready()
    pod.wait_for(lambda: any(one["subject"] == "exposure-recursion" and one["after"] == "ok" for one in history(pod, "bind")), "its end in the history", 30)
