"""Each cause: the fault is made in a real pod, and the diagnosis must name it first, within 10 s of asking. A pod that is well has none."""
import os
import signal
import sqlite3
import subprocess
import time

import pytest

from faults import (diagnose, doctor, expect_cause, expect_none, in_mounts, mounted, read_only, repaired, running, shell, show, stopped)

NAMED_CONF = "/data/service/current/etc/bind/named.conf"
DOVECOT_CONF = "/data/service/current/etc/dovecot/dovecot.conf"


@pytest.fixture
def pod(quiet_pod):
    return quiet_pod


def test_a_pod_that_is_well_has_no_finding(pod):
    expect_none(pod)
    _, answer = pod.api("GET", "/api/system/diagnosis", expect=200)
    assert answer["well"] and not answer["unseen"], answer
    assert doctor(pod, code=0) == []
    assert "nothing is known to be wrong" in pod.cli("doctor")


def test_none_while_it_restarts_reloads_or_is_busy(pod):
    seen = []
    for service in ("bind", "apache", "mail"):
        asking = subprocess.Popen([pod.root / "bin/podplay", "system", "restart", service], env=pod.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while asking.poll() is None:
            seen += diagnose(pod)
        asking.communicate()
    for number in range(3):
        pod.make_domain(f"busy{number}.test")
        pod.import_users([f"user{one}@busy{number}.test" for one in range(30)])
        seen += diagnose(pod)
    assert not seen, show(seen)
    expect_none(pod)


def test_it_is_for_administrators_and_for_one_service(pod):
    email = pod.make_user()
    _, login = pod.api("POST", "/api/login", {"user": email, "password": "correct horse 1"}, token="")
    assert pod.api("GET", "/api/system/diagnosis", token=login.get("token", "x"))[0] in (401, 403)
    status, problem = pod.api("GET", "/api/system/diagnosis?service=ftp")
    assert status == 400 and problem["errors"][0]["field"] == "service", problem
    assert pod.api("GET", "/api/system/diagnosis?service=mail", expect=200)[1]["findings"] == []


def test_a_daemon_that_is_stopped(pod):
    with repaired(pod, "bind", "pkill -STOP -x named", "pkill -CONT -x named"):
        found = expect_cause(pod, "daemon-stopped", "bind")
        assert found["subject"] == "named", found


def test_a_port_that_another_process_has(pod):
    # It takes the port in the moment in which Postfix does not have it.
    taker = ("use IO::Socket::INET; until ($s = IO::Socket::INET->new(LocalPort => 25, Listen => 5, ReuseAddr => 1)) "
             "{ select(undef, undef, undef, 0.002) } sleep 300")
    with running(pod, "apache", "perl", "-e", taker):
        pod.wait_for(lambda: pod.execute("apache", "pgrep", "-x", "perl").stdout, "the other process")
        shell(pod, "mail", "pkill -9 -x master")
        assert expect_cause(pod, "daemon-port-taken", "mail", line="perl -e")["subject"] == "postfix"
    expect_none(pod, 90)


def test_a_configuration_that_is_refused(pod):
    with repaired(pod, "bind", f"cp {NAMED_CONF} /tmp/kept; echo 'nonsense yes;' >> {NAMED_CONF}; pkill -9 -x named", f"cat /tmp/kept > {NAMED_CONF}"):
        found = expect_cause(pod, "daemon-configuration-refused", "bind")
        assert any("nonsense" in line for line in found["shown"]), found


def test_a_file_that_is_missing(pod):
    with repaired(pod, "mail", f"mv {DOVECOT_CONF} /data/service/kept; pkill -9 -o -x dovecot", f"mv /data/service/kept {DOVECOT_CONF}"):
        found = expect_cause(pod, "daemon-file-missing", "mail")
        assert any(DOVECOT_CONF in line for line in found["shown"]), found


def test_a_folder_of_another_owner(pod):
    with repaired(pod, "bind", "chown root:root /data/service/named; chmod 0700 /data/service/named; pkill -9 -x named",
                  "chown root:bind /data/service/named; chmod 1770 /data/service/named"):
        found = expect_cause(pod, "daemon-file-mode", "bind")
        assert any("/data/service/named is root:root 0700" in line for line in found["shown"]), found


def test_a_user_that_is_missing(pod):
    shell(pod, "bind", "grep -v ^bind: /etc/passwd > /tmp/passwd")
    in_mounts(pod, "bind", "mount", "--bind", "/tmp/passwd", "/etc/passwd")
    try:
        shell(pod, "bind", "pkill -9 -x named")
        assert expect_cause(pod, "daemon-user-missing", "bind")["subject"] == "user bind"
    finally:
        in_mounts(pod, "bind", "umount", "-l", "/etc/passwd")
        expect_none(pod)


def test_file_descriptors_that_are_used_up(pod):
    apache = subprocess.run(["pgrep", "-P", str(pod.pid_of("apache")), "-x", "apache2"], capture_output=True, text=True).stdout.strip()
    count = len(os.listdir(f"/proc/{apache}/fd"))
    subprocess.run(["prlimit", "--pid", apache, f"--nofile={count}:"], check=True)
    try:
        assert expect_cause(pod, "daemon-descriptors-exhausted", "apache")["subject"] == "apache"
    finally:
        shell(pod, "apache", "pkill -9 -o -x apache2")
        expect_none(pod)


def test_a_lock_that_another_process_holds(pod):
    with running(pod, "mail", "flock", "-x", "/data/service/spool/pid/master.pid", "sleep", "100", also=["sleep"]):
        shell(pod, "mail", "pkill -9 -x master")
        assert expect_cause(pod, "daemon-lock-left", "mail")["subject"] == "postfix"
    expect_none(pod, 90)


def test_memory_that_is_used_up(pod):
    pod.execute("bind", "sh", "-c", "tail /dev/zero; true")
    with open(f"/proc/{pod.pid_of('bind')}/cgroup", encoding="ascii") as lines:
        limited = any("memory" in line or line.startswith("0::") for line in lines)
    if not limited:
        pytest.skip("no memory limits here")
    shell(pod, "bind", "pkill -9 -x named")
    assert expect_cause(pod, "daemon-out-of-memory", "bind")["subject"] == "named"
    # It counts for a minute.
    expect_none(pod, 90)


def test_a_volume_that_is_full(pod):
    with mounted(pod, "mail", "/data/user-data", "-t", "tmpfs", "-o", "size=1m", "none"):
        assert "/data/user-data" in expect_cause(pod, "volume-full", "mail")["subject"]


def test_a_volume_without_inodes(pod):
    with mounted(pod, "mail", "/data/user-data", "-t", "tmpfs", "-o", "size=200m,nr_inodes=20", "none"):
        expect_cause(pod, "volume-files-exhausted", "mail")


def test_a_volume_that_is_read_only(pod):
    with read_only(pod, "mail", "/data/user-data"):
        assert expect_cause(pod, "volume-read-only", "mail")["subject"] == "/data/user-data"


def test_a_volume_that_is_gone(pod):
    in_mounts(pod, "apache", "umount", "-l", "/data/user-data")
    try:
        expect_cause(pod, "volume-missing", "apache")
    finally:
        pod.podman("restart", "--time", "10", f"{pod.name}-apache")
        expect_none(pod, 90)


def test_a_log_volume_that_is_full(pod):
    with mounted(pod, "bind", "/data/logs", "-t", "tmpfs", "-o", "size=1m", "none"):
        expect_cause(pod, "log-volume-full", "bind")


def test_an_agent_that_is_stopped(pod):
    agent = pod.pid_of("bind")
    os.kill(agent, signal.SIGSTOP)
    try:
        expect_cause(pod, "agent-hangs", "bind")
    finally:
        os.kill(agent, signal.SIGCONT)
        expect_none(pod)


def test_a_container_that_has_ended(pod):
    with stopped(pod, "bind"):
        expect_cause(pod, "agent-down", "bind")
        findings = doctor(pod)
        assert findings[0]["cause"] == "container-ended" and findings[0]["subject"] == "bind", show(findings)


def test_a_container_that_is_paused(pod):
    assert pod.podman("pause", f"{pod.name}-bind").returncode == 0
    try:
        findings = doctor(pod)
        assert findings[0]["cause"] == "container-paused" and findings[0]["subject"] == "bind", show(findings)
        assert all(one["cause"] != "agent-hangs" for one in findings), show(findings)
    finally:
        pod.podman("unpause", f"{pod.name}-bind")
        expect_none(pod)


def test_an_agent_that_is_not_enrolled(pod):
    secret = "/data/state/enrolment/bind"
    shell(pod, "api", f"cp {secret}* /tmp/; for f in {secret}*; do chmod u+w $f; echo wrong > $f; done")
    try:
        shell(pod, "bind", "rm -f /run/podplay-link/*")
        pod.podman("restart", "--time", "10", f"{pod.name}-bind")
        expect_cause(pod, "agent-not-enrolled", "bind")
    finally:
        shell(pod, "api", f"for f in {secret}*; do cat /tmp/$(basename $f) > $f; done")
        expect_none(pod, 90)


def state_volume(pod):
    done = pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{pod.name}-state")
    if done.returncode != 0:
        inside = pod.podman("inspect", "--format", '{{range .Mounts}}{{if eq .Destination "/data/state"}}{{.Source}}{{end}}{{end}}', f"{pod.name}-api")
        return inside.stdout.strip()
    return done.stdout.strip()


def test_a_store_that_another_program_locks(pod):
    store = sqlite3.connect(f"{state_volume(pod)}/podplay.db", isolation_level=None)
    store.execute("BEGIN IMMEDIATE")
    try:
        expect_cause(pod, "store-locked", "api")
    finally:
        store.execute("ROLLBACK")
        store.close()
    expect_none(pod)


def test_a_control_plane_that_hangs(pod):
    plane = pod.pid_of("api")
    os.kill(plane, signal.SIGSTOP)
    try:
        pod.wait_for(lambda: open(f"/proc/{plane}/stat", encoding="ascii").read().split(")")[1].split()[0] == "T", "the stop")
        findings = doctor(pod)
        assert findings[0]["cause"] == "control-plane-hangs", show(findings)
    finally:
        os.kill(plane, signal.SIGCONT)
        expect_none(pod, 90)


def test_a_control_plane_that_is_down(pod):
    with stopped(pod, "api"):
        findings = doctor(pod)
        assert [one["cause"] for one in findings] == ["control-plane-down"], show(findings)


def test_a_store_that_is_damaged(pod):
    path = f"{state_volume(pod)}/podplay.db"
    assert pod.podman("stop", "--time", "10", f"{pod.name}-api").returncode == 0
    # With a log beside it, its first page would be older than the rest, and could not be put back.
    assert not os.path.exists(f"{path}-wal"), "podplayd was killed before it had stopped"
    with open(path, "rb") as file:
        kept = file.read(4096)
    try:
        with open(path, "r+b") as file:
            file.write(os.urandom(4096))
        pod.podman("start", f"{pod.name}-api")
        pod.wait_for(lambda: "store-damaged" in [one["cause"] for one in doctor(pod)][:1], "the damaged store as the first cause", 20)
    finally:
        pod.podman("stop", "--time", "10", f"{pod.name}-api")
        with open(path, "r+b") as file:
            file.write(kept)
        pod.podman("start", f"{pod.name}-api")
        expect_none(pod, 90)


def test_settings_that_contradict_each_other(pod):
    findings = doctor(pod, environment={"PODPLAY_MAIL_SERVER_NAME": "example.test"})
    assert [one["cause"] for one in findings] == ["settings-contradict"], show(findings)
    assert "PODPLAY_MAIL_SERVER_NAME" in findings[0]["shown"][0], findings


def test_a_volume_that_does_not_exist_and_ports_that_are_taken(pod):
    findings = doctor(pod, environment={"PODPLAY_LOGS_VOLUME": "podplay-no-such-volume"})
    assert findings[0]["cause"] == "host-volume-missing" and findings[0]["subject"] == "podplay-no-such-volume", show(findings)
    findings = doctor(pod, environment={"PODPLAY_POD_NAME": f"{pod.name}-other"})
    assert findings[0]["cause"] == "host-port-taken", show(findings)
