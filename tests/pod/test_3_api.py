"""The API as a stranger sees it, and what the pod does not let anyone do."""
import json
import re
import subprocess

import pytest


def test_openapi_and_every_route_needs_a_token(pod):
    _, description = pod.api("GET", "/api/openapi.json", token="", expect=200)
    walked = 0
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if not operation["security"]:
                continue
            body = {} if "requestBody" in operation else None
            status, answer = pod.api(method.upper(), path.replace("{id}", "1").replace("{name}", "x.test").replace("{number}", "1"), body, token="")
            assert status == 401 and answer["code"] == "not_logged_in", (method, path, answer)
            walked += 1
    assert walked > 25


def test_bad_input_names_every_field_and_remedy(pod):
    status, answer = pod.api("POST", "/api/users", {"emial": "x", "quota": "big"})
    assert status == 400
    faults = {fault["field"]: fault for fault in answer["errors"]}
    assert set(faults) == {"email", "password", "emial", "quota"}
    assert faults["emial"]["remedy"] == "did you mean email?"
    status, answer = pod.api("POST", "/api/users", {"email": "x@missing.test", "password": "password123"})
    assert answer["errors"][0]["remedy"] == "add it first: podplay domains create --name missing.test"
    assert pod.api("POST", "/api/users", "{broken")[0] == 400
    assert pod.api("POST", "/api/users", "x" * 2_000_000)[0] == 413
    missing = pod.cli("users", "create", "--email", "x@missing.test", "--password", "password123", code=3)
    assert "podplay domains create --name missing.test" in missing


def test_etag_and_idempotency(pod):
    email = pod.make_user()
    for other in ('"1"', '"0"'):
        assert pod.api("PUT", f"/api/users/{email}", {"quota": 1}, headers={"If-Match": other})[0] == 412, other
    body = {"email": "once@example.test", "password": "password123"}
    first = pod.api("POST", "/api/users", body, headers={"Idempotency-Key": "k-1"}, expect=201)
    assert pod.api("POST", "/api/users", body, headers={"Idempotency-Key": "k-1"}) == first


def test_pages(pod):
    pod.make_user(), pod.make_user()
    _, first = pod.api("GET", "/api/users?limit=1", expect=200)
    _, second = pod.api("GET", f"/api/users?limit=1&cursor={first['next']}", expect=200)
    assert first["items"][0]["id"] < second["items"][0]["id"]


def test_import(pod):
    done = pod.execute("mail", "true")
    assert done.returncode == 0
    lines = "\n".join(json.dumps({"email": f"imp{i}@example.test", "password": "correct horse 1"}) for i in range(3))
    _, answer = pod.api("POST", "/api/users/import?wait=30", lines, headers={"Content-Type": "application/x-ndjson"}, expect=201)
    assert answer["created"] == 3 and answer["applied"]["state"] == "applied"
    pod.imap("imp2@example.test").logout()
    status, answer = pod.api("POST", "/api/users/import", lines, headers={"Content-Type": "application/x-ndjson"})
    assert status == 409 and answer["detail"].startswith("line 1:")


def test_no_lookup_fails_or_waits_while_100_000_rows_stream_in(pod):
    """Looks up a mailbox as Postfix does at each RCPT, as often as possible, while the directory is written."""
    email = pod.make_user()
    script = f"""
      while [ ! -e /tmp/stop ]; do
        began=$(date +%s%N)
        [ "$(postmap -q {email} socketmap:unix:/run/podplay/lookups:mailboxes)" ] && state=found || state=failed
        echo "$state $(( ($(date +%s%N) - began) / 1000000 ))"
      done; rm /tmp/stop"""
    asking = subprocess.Popen([pod.root / "bin/podplay", "podman", "exec", f"{pod.name}-mail", "bash", "-c", script], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=pod.environment)
    try:
        answer = pod.import_users(f"row{i}@example.test" for i in range(100_000))
    finally:
        pod.execute("mail", "touch", "/tmp/stop")
        told, complaints = asking.communicate(timeout=30)
    assert answer["created"] == 100_000 and answer["applied"]["state"] == "applied", answer
    looked = [line.split() for line in told.split("\n") if line]
    assert len(looked) > 20 and {state for state, _ in looked} == {"found"}, (len(looked), complaints)
    times = sorted(int(ms) for _, ms in looked)
    print(f"{len(times)} look-ups, median {times[len(times) // 2]} ms, slowest {times[-1]} ms, each a new process")
    # The import takes seconds. A look-up that waited for it would take as long.
    assert times[-1] < 1500, times


def test_status_logs_audit_settings_revisions(pod):
    pod.make_domain("audited.test")
    _, status = pod.api("GET", "/api/system/status", expect=200)
    assert status["ready"], status
    daemons = {daemon["name"]: daemon["state"] for service in status["services"] for daemon in service["daemons"]}
    assert set(daemons) == {"apache", "named", "postfix", "dovecot", "dovecot-login"} and set(daemons.values()) == {"ready"}, daemons
    _, logs = pod.api("GET", "/api/system/logs?service=mail&lines=50", expect=200)
    assert any(line["log"].startswith("mail/") and line["message"] for line in logs["items"]), logs
    assert pod.api("GET", "/api/system/logs?service=../etc")[0] == 400
    _, audit = pod.api("GET", "/api/audit?limit=500", expect=200)
    assert {"USER_CREATED", "LOGIN_SUCCESS", "DOMAIN_CREATED"} <= {event["event"] for event in audit["items"]}
    assert pod.api("GET", "/api/settings", expect=200)[1]["items"]
    assert pod.api("GET", "/api/revisions", expect=200)[1]["items"][0]["state"] in ("applied", "pending", "refused")
    for words in (["status"], ["users", "list"], ["domains", "list"], ["revisions", "list"], ["audit", "list"], ["settings", "list"], ["logs", "bind"]):
        assert pod.cli(*words)


def snapshot_of_things(pod, service):
    files = pod.execute(service, "find", "-L", "/data/service/current", "-type", "f", "-printf", "%p %T@\n").stdout
    pids = pod.execute(service, "ps", "-eo", "pid,comm", "--no-headers").stdout
    daemons = sorted(line for line in pids.split("\n") if any(name in line for name in ("master", "dovecot", "named", "podplay-agent")))
    return files, daemons


def test_dry_run_touches_nothing(pod):
    before = [snapshot_of_things(pod, service) for service in ("mail", "bind")]
    _, answer = pod.api("POST", "/api/domains?dry_run=1", {"name": "dry.test"}, expect=200)
    assert {verdict["service"] for verdict in answer["services"]} == {"apache", "bind", "mail"}, answer
    rows = {(row["service"], row["kind"], row["key"]) for row in answer["rows"]}
    assert {("bind", "zone", "dry.test"), ("bind", "rrset", "dry.test @ MX"), ("apache", "site", "dry.test"), ("mail", "domain", "dry.test")} <= rows, rows
    assert pod.execute("api", "ls", "/data/certificates/dry.test").returncode != 0, "a dry run issues no certificate"
    assert pod.api("GET", "/api/domains/dry.test")[0] == 404
    assert [snapshot_of_things(pod, service) for service in ("mail", "bind")] == before
    assert "row: put zone dry.test" in pod.cli("domains", "create", "--name", "dry.test", "--dry-run")


def test_containers_are_confined(pod):
    for service in ("api", "apache", "bind", "mail"):
        assert pod.execute(service, "touch", "/usr/bin/x").returncode != 0, f"{service} can write its root file system"
        caps = int(pod.execute(service, "grep", "CapBnd", "/proc/1/status").stdout.split()[1], 16)
        for name, bit in (("SYS_ADMIN", 21), ("NET_ADMIN", 12), ("SYS_PTRACE", 19), ("NET_RAW", 13), ("SYS_MODULE", 16)):
            assert not caps >> bit & 1, f"{service} has CAP_{name}"
    status = pod.execute("api", "cat", "/proc/1/status").stdout
    assert re.search(r"^Uid:\t9997\t9997\t9997\t9997$", status, re.M), status
    assert re.search(r"^CapPrm:\t0+$", status, re.M) and re.search(r"^CapBnd:\t0+$", status, re.M), status
    assert pod.execute("api", "ls", "/data/user-data").stdout == "", "the control plane has no users' files"
    for service in ("apache", "bind", "mail"):
        assert "agent" in pod.cli("logs", service, "--log", "agent"), f"the control plane reads the logs of {service}"
    # Only auth reads hashes. Dovecot gives all its programs of mailboxes its group dovecot.
    group = pod.execute("mail", "stat", "-c", "%g %G %a", "/data/service/replica/replica.db").stdout.split()
    assert group[1:] == ["directory", "660"], group
    seen = pod.execute("mail", "sh", "-c", "cd /proc; for one in [0-9]*; do echo $(cat $one/comm) $(grep -hE '^(Gid|Groups):' $one/status); done").stdout
    groups = [(line.split()[0], line.split()[1:]) for line in seen.split("\n") if len(line.split()) > 1]
    assert {"lmtp", "auth"} <= {name for name, _ in groups}, groups
    assert {name for name, ids in groups if group[0] in ids} == {"auth"}, groups
    members = pod.execute("mail", "getent", "group", "certgroup").stdout.strip()
    assert members == "certgroup:x:9999:podplay", f"only the control plane writes keys, and only root processes open them: {members}"
    for tool in ("ps", "htop", "nc", "telnet", "dig", "ping", "ip", "netstat", "lsof", "strace", "vi", "less", "tree", "jq"):
        assert pod.execute("mail", "bash", "-c", f"command -v {tool}").returncode == 0, tool
    seen = pod.execute("bind", "ps", "-eo", "comm", "--no-headers").stdout.split()
    assert "named" in seen and not {"master", "dovecot", "apache2", "podplayd"} & set(seen), f"a service sees others' processes: {seen}"
    owners = pod.execute("bind", "ps", "-eo", "user,comm", "--no-headers").stdout
    assert any(line.split() == ["bind", "named"] for line in owners.split("\n")), owners


def test_an_agent_sees_only_its_own(pod):
    question = json.dumps({"status": {"service": "mail", "host": "main", "state": "ready", "revision": 0, "feed_seq": 0, "set_aside_count": 0,
                                      "set_aside": [], "daemons": [], "probes": [], "stage": "", "message": "", "seen": 0},
                           "snapshot_hash": "", "position": {"generation": "", "epoch": "", "seq": 0, "marks": {"revision": 0, "id": 0}},
                           "wait": 0})

    def ask(service, path, body, identity=""):
        request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        return pod.podman("exec", "--interactive", f"{pod.name}-{service}", "openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile",
                          "/run/podplay-enrol/ca.pem", "-connect", "127.0.0.1:8601", *identity.split(), input=request).stdout

    assert " 401 " in ask("apache", "/link/work", question) and "no_certificate" in ask("apache", "/link/work", question)
    own = "-cert /run/podplay-link/certificate.pem -key /run/podplay-link/key.pem"
    answer = ask("apache", "/link/work", question, own)
    assert " 200 " in answer and '"service":"apache"' in answer, answer[:500]
    assert "argon2" not in answer and '"kind":"mailbox"' not in answer and '"kind":"zone"' not in answer, "another service's data"
    assert '"kind":"site"' in answer, answer[-500:]
    forged = ask("apache", "/link/enrol", json.dumps({"service": "mail", "secret": "guess", "request": "x"}))
    assert "secret_refused" in forged, forged
    assert pod.execute("bind", "ls", "/data/state").stdout == "", "the store is the control plane's alone"
    assert pod.execute("bind", "ls", "/data/user-data").stdout == "", "the pages are the web server's"


def test_unknown_settings_are_named_with_the_nearest(pod):
    environment = dict(pod.environment, PODPLAY_MAIL_OUTBUOND="none")
    done = subprocess.run([pod.root / "bin/podplay", "up"], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 3 and "did you mean PODPLAY_MAIL_OUTBOUND?" in done.stderr, done
