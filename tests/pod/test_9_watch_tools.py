"""The tools to look inside: `podplay diag` for each service, a support bundle that is searched for planted secrets and people, and the
debug container, which is gone afterwards however it ends."""
import io
import json
import os
import signal
import stat
import subprocess
import tarfile
import time

import pytest

LOOKS = {
    "apache": ["processes", "sockets", "files", "limits", "mounts", "tls"],
    "bind": ["processes", "sockets", "files", "limits", "mounts", "dns"],
    "mail": ["processes", "sockets", "files", "limits", "mounts", "smtp", "imap", "tls"],
    "api": ["processes", "sockets", "files", "limits", "mounts"],
}
DAEMONS = {"apache": "apache2", "bind": "named", "mail": "dovecot", "api": "podplayd"}
PORTS = {"apache": 443, "bind": 53, "mail": 25, "api": 8600}


def look(pod, service, query=""):
    began = time.monotonic()
    _, answer = pod.api("GET", f"/api/system/diag/{service}{query}", expect=200)
    assert time.monotonic() - began < 10
    return answer


@pytest.mark.parametrize("service", LOOKS)
def test_each_look_of_each_service(pod, service):
    seen = look(pod, service)
    assert sorted(name for name in seen if name not in ("service", "host", "at", "took_ms")) == sorted(LOOKS[service])
    assert seen["service"] == service and seen["host"] == "main"
    names = [one["name"] for one in seen["processes"]["processes"]]
    assert any(name.startswith(DAEMONS[service][:15]) for name in names), names
    first = seen["processes"]["processes"][0]
    assert first["pid"] == 1 and first["depth"] == 0
    assert all(one["memory"] >= 0 and one["command"] for one in seen["processes"]["processes"])
    assert 0 < seen["processes"]["memory_used"] <= seen["processes"]["memory_limit"]
    port = next(one for one in seen["sockets"]["ports"] if one["port"] == PORTS[service] and one["protocol"] == "tcp")
    # named and Postfix's master may not be read by an agent without CAP_SYS_PTRACE, which is told.
    assert port["pid"] > 0 and port["process"] or "may not be read" in seen["sockets"]["note"], port
    # Ports of the other containers are seen without their process.
    others = [one for one in seen["sockets"]["ports"] if one["port"] in PORTS.values() and one["port"] != PORTS[service]]
    assert others and all(one["pid"] == 0 for one in others), others
    assert any(one["open"] > 0 for one in seen["files"]["processes"])
    assert any(one["limit"] == "Max open files" for one in seen["limits"]["limits"])
    mounts = {one["path"]: one for one in seen["mounts"]["mounts"]}
    assert mounts["/data/logs"]["free"] > 0 and not mounts["/data/logs"]["read_only"]


def test_names_of_open_files(pod):
    names = look(pod, "mail", "?what=files")["files"]["names"]
    assert any(one["path"].startswith("/data/logs/mail/") for one in names), names[:20]


def test_answers_of_the_name_server(pod):
    rows = {(one["name"], one["type"]): one for one in look(pod, "bind")["dns"]["questions"]}
    soa = rows["example.test", "SOA"]
    assert soa["rcode"] == "NOERROR" and soa["authoritative"] and soa["answers"]
    assert not soa["recursive"]
    assert "10 mail" in rows["example.test", "MX"]["answers"][0]
    one = look(pod, "bind", "?what=dns&name=no-such.example.test&type=AAAA")["dns"]["questions"]
    assert [row["rcode"] for row in one] == ["NXDOMAIN"]
    # Only the pod itself is asked: it has no forwarder.
    assert {row["server"] for row in rows.values()} == {"127.0.0.1"}


def test_dialogues_and_tls_of_mail(pod):
    seen = look(pod, "mail")
    smtp = {one["port"]: one for one in seen["smtp"]["dialogues"]}
    assert sorted(smtp) == [25, 465, 587] and all(one["ok"] for one in smtp.values()), smtp
    assert smtp[25]["tls"].startswith("TLSv1.3") and "EHLO localhost.localdomain" in [step["sent"] for step in smtp[25]["steps"]]
    imap = {one["port"]: one for one in seen["imap"]["dialogues"]}
    assert all(one["ok"] for one in imap.values()), imap
    assert any("CAPABILITY IMAP4rev1" in step["answer"] for step in imap[993]["steps"])
    tls = {one["port"]: one for one in seen["tls"]["ports"]}
    assert sorted(tls) == [25, 110, 143, 465, 587, 993, 995, 4190]
    for one in tls.values():
        assert one["ok"] and one["version"] == "TLSv1.3" and one["cipher"], one
        assert one["chain"][0]["days_left"] > 0 and "mail.example.test" in one["chain"][0]["names"], one
    assert len({one["chain"][0]["fingerprint"] for one in tls.values()}) == 1


def test_generated_files_have_no_secret(pod):
    files = {one["path"]: one["text"] for one in look(pod, "mail", "?what=configuration")["configuration"]["files"]}
    assert "mail.example.test" in files["etc/postfix/main.cf"]
    assert "PRIVATE KEY" not in json.dumps(files)


@pytest.mark.parametrize("query,field", [("?what=weather", "what"), ("?what=dns&name=a;b", "name"), ("?what=dns&type=AXFR", "type"),
                                         ("?what=tls&port=22", "port"), ("?what=tls&name=http://192.0.2.1", "name")])
def test_it_is_no_open_proxy(pod, query, field):
    _, problem = pod.api("GET", f"/api/system/diag/bind{query}", expect=400)
    assert problem["errors"][0]["field"] == field


def test_only_administrators_look(pod):
    person = pod.make_user()
    _, login = pod.api("POST", "/api/login", {"email": person, "password": "correct horse 1"}, token="", expect=200)
    for method, path in (("GET", "/api/system/diag/mail"), ("POST", "/api/system/support-bundle"), ("GET", "/api/system/support-bundle")):
        pod.api(method, path, {} if method == "POST" else None, token=login["token"], expect=403)
    assert pod.api("GET", "/api/system/support-bundle/file", token=login["token"])[0] == 403


def test_tables_on_the_command_line(pod):
    text = pod.cli("diag", "mail")
    for line in ("== mail processes", "== mail sockets", "== mail smtp", "port 993", "PID", "container: "):
        assert line in text, text
    assert "TLSv1.3" in pod.cli("diag", "mail", "tls", "--port", "993")
    assert "example.test SOA" in pod.cli("diag", "bind", "dns")
    pod.cli("diag", "kitchen", code=5)


def test_a_support_bundle_is_safe_for_a_stranger(pod, tmp_path):
    person = pod.make_user(f"wonderland{os.getpid()}@example.test", username=f"hatter.of.{os.getpid()}")
    planted = ["planted-password-1", "planted-in-a-url", "cheshire.cat"]
    pod.api("POST", "/api/login", {"email": person, "password": planted[0]}, token="", expect=401)
    pod.execute("mail", "bash", "-c", "echo 'sasl: PLAIN password=planted-password-1 smtp://relay:planted-in-a-url@relay.example' "
                                      ">> /data/logs/mail/postfix.log; echo 'from=<cheshire.cat@elsewhere.example>' >> /data/logs/mail/postfix.log")
    pod.api("POST", "/api/mail/send", {"from": "admin@example.test", "to": [person], "subject": "planted subject", "text": "planted text"}, expect=202)
    file = tmp_path / "bundle.tar.gz"
    said = pod.cli("support-bundle", "--output", str(file))
    assert f"saved {file}" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    pod.cli("support-bundle", "--output", str(file), code=1)
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(file.read_bytes()), mode="r:gz") as archive:
        for member in archive.getmembers():
            texts[member.name.split("/", 1)[1]] = archive.extractfile(member).read().decode(errors="replace")
    everything = "\n".join(f"{name}\n{text}" for name, text in texts.items())
    for secret in [*planted, *pod.used_secrets, person, person.split("@")[0], f"hatter.of.{os.getpid()}", "planted subject", "planted text", "PRIVATE KEY"]:
        assert secret not in everything, f"{secret} is in the bundle: {[name for name, text in texts.items() if secret in name + text]}"
    for name in ("README.txt", "versions.json", "status.json", "diagnosis.json", "settings.json", "queue.json", "jobs.json", "certificates.json",
                 "diag/mail.json", "diag/api.json", "logs/mail/postfix.log", "configuration/mail/etc/postfix/main.cf", "host/podman-version.txt",
                 "host/output-mail.txt"):
        assert texts.get(name), f"{name} is not in {sorted(texts)}"
    assert "not-collected.txt" not in texts, texts["not-collected.txt"]
    assert json.loads(texts["status.json"])["ready"] is True
    assert "@elsewhere.example" in everything


def has_debug_image(pod):
    return pod.podman("image", "exists", "localhost/podplay-debug:latest").returncode == 0


def debug_containers(pod):
    return pod.podman("ps", "--all", "--filter", f"name={pod.name}-debug", "--format", "{{.Names}}").stdout.split()


def wait_until_gone(pod, seconds=20):
    deadline = time.monotonic() + seconds
    while debug_containers(pod):
        assert time.monotonic() < deadline, "the debug container is still there"
        time.sleep(0.5)


def test_the_debug_container_is_off_by_default(pod):
    assert debug_containers(pod) == []
    assert pod.run("debug", "kitchen").returncode == 3


def test_a_command_in_the_debug_container(pod):
    if not has_debug_image(pod):
        pytest.skip("tools/build-images debug")
    shown = pod.cli("debug", "mail", "--", "ps", "-A", "-o", "comm")
    assert "podplay-agent" in shown and "dovecot" in shown, shown
    assert "tcpdump" in pod.cli("debug", "--", "tcpdump", "--version")
    assert "example.test" in pod.cli("debug", "mail", "--", "cat", "/proc/1/root/data/service/current/etc/postfix/main.cf")
    # It sees who listens in the pod's network.
    assert ":25 " in pod.cli("debug", "mail", "--", "ss", "-ltn")
    assert pod.run("debug", "bind", "--", "sh", "-c", "exit 7").returncode == 7
    assert debug_containers(pod) == []


@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_is_gone_when_podplay_is_killed(pod, kill):
    if not has_debug_image(pod):
        pytest.skip("tools/build-images debug")
    process = subprocess.Popen([pod.root / "bin/podplay", "debug", "mail", "--", "sh", "-c", "echo begun; exec sleep 300"], env=pod.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout.readline() == "begun\n"
        assert debug_containers(pod) == [f"{pod.name}-debug"]
        second = pod.run("debug", "--", "true")
        assert second.returncode == 6 and "already" in second.stderr, second
        if kill == signal.SIGINT:
            # As Ctrl-C: the whole process group gets it.
            os.killpg(process.pid, kill)
        else:
            process.send_signal(kill)
        process.wait(timeout=30)
        wait_until_gone(pod)
    finally:
        if process.poll() is None:
            process.kill()
    # The pod was not touched.
    assert pod.api("GET", "/api/system/status", expect=200)[1]["ready"] is True
