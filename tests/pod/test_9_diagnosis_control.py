"""Causes of the control plane and of the host, each made in a real pod: the cause must be the first finding within 10 s of asking, and it must
be gone after the repair. What `podplay doctor` sees of the host is made by what it finds there: podman, a network, an address."""
import contextlib
import os
import socket
import subprocess

import pytest
from authority import Network
from conftest import free_ports
from faults import doctor, expect_cause, expect_none, in_mounts, repaired, running, shell, show, wait_until_gone

NAMED_CONF = "/data/service/current/etc/bind/named.conf"


@pytest.fixture
def pod(quiet_pod):
    return quiet_pod


def first_of_doctor(pod, cause, *arguments, environment=None):
    findings = doctor(pod, *arguments, environment=environment)
    assert findings[0]["cause"] == cause, show(findings)
    assert findings[0]["shown"] and findings[0]["remedy"] and (pod.root / findings[0]["runbook"].split("#")[0]).exists(), show(findings)
    return findings[0]


def wait_until_old(pod):
    """In its first 20 s a control plane that says nothing may only be starting."""
    pod.wait_for(lambda: int(subprocess.run(["ps", "-o", "etimes=", "-p", str(pod.pid_of("api"))], capture_output=True, text=True).stdout) > 20,
                 "a control plane that has not just started")


# --- the machine ---

def test_a_disk_that_is_full(pod):
    """Two volumes of one small file system each: a full disk shows itself by volumes of one size that have no room."""
    full = [("mail", "/data/user-data"), ("apache", "/data/user-data")]
    for service, path in full:
        in_mounts(pod, service, "mount", "-t", "tmpfs", "-o", "size=1m", "none", path)
    try:
        found = expect_cause(pod, "disk-full", "host")
        assert {line.split(":")[0] for line in found["shown"]} == {"mail", "apache"}, found
    finally:
        for service, path in full:
            in_mounts(pod, service, "umount", "-l", path)
        expect_none(pod)


def test_a_host_without_podman(pod, tmp_path):
    pod.wait_ready()
    found = first_of_doctor(pod, "host-unfit", environment={"PATH": str(tmp_path)})
    assert "podman is not installed" in found["title"], found
    assert doctor(pod, code=0) == []


def test_a_podman_that_fails(pod, tmp_path):
    """It cannot read its own configuration."""
    pod.wait_ready()
    broken = tmp_path / "storage.conf"
    broken.write_text("[storage\n")
    found = first_of_doctor(pod, "host-podman-fails", environment={"CONTAINERS_STORAGE_CONF": str(broken)})
    assert any("storage.conf" in line for line in found["shown"]), found
    assert doctor(pod, code=0) == []


# --- the control plane ---

@contextlib.contextmanager
def most_descriptors(pod, most):
    """Of podplayd, which is process 1 of its container."""
    before = shell(pod, "api", "prlimit --pid 1 --nofile --output SOFT --noheadings").strip()
    shell(pod, "api", f"prlimit --pid 1 --nofile={most}:")
    try:
        yield
    finally:
        shell(pod, "api", f"prlimit --pid 1 --nofile={before}:")


def test_file_descriptors_of_the_control_plane(pod):
    """Many clients are connected, and the limit is one for few."""
    opened = f"/proc/{pod.pid_of('api')}/fd"
    with contextlib.ExitStack() as clients:
        for _ in range(400):
            clients.enter_context(socket.create_connection(("127.0.0.1", pod.ports["API"]), timeout=5))
        pod.wait_for(lambda: len(os.listdir(opened)) >= 400, "the connections")
        most = len(os.listdir(opened)) + 15
        with most_descriptors(pod, most):
            found = expect_cause(pod, "control-plane-descriptors-exhausted", "api")
            assert any(f"of {most} file descriptors" in line for line in found["shown"]), found
    expect_none(pod)


def test_a_control_plane_without_any_file_descriptor(pod):
    """It takes no connection any more, so only the host can say why."""
    with most_descriptors(pod, 3):
        first_of_doctor(pod, "control-plane-descriptors-exhausted")
    expect_none(pod)


def memory_of(pod, service):
    """Bytes that the container uses and may use, without what files can give back. None: it has no limit here."""
    words = shell(pod, service, "cd /sys/fs/cgroup; cat memory.current memory.max 2>/dev/null || cat memory/memory.usage_in_bytes memory/memory.limit_in_bytes; "
                                "cat memory.stat memory/memory.stat 2>/dev/null | grep -E '^(total_)?inactive_file ' | tail -1").split()
    used, limit, files = words[0], words[1], words[-1]
    return None if limit == "max" or int(limit) >= 1 << 62 else (int(used) - int(files), int(limit))


def test_memory_of_the_control_plane(pod):
    known = memory_of(pod, "api")
    if not known:
        pytest.skip("no memory limits here")
    used, limit = known
    rest = int(limit * 0.97) - used
    # tail keeps what it reads until its input ends.
    with running(pod, "api", "sh", "-c", f"(head -c {rest} /dev/zero; sleep 60) | tail -c {rest} > /dev/null"):
        pod.wait_for(lambda: memory_of(pod, "api")[0] >= limit * 0.955, "the memory")
        expect_cause(pod, "control-plane-memory-short", "api")
        pod.execute("api", "pkill", "-9", "-x", "tail|sleep")
    expect_none(pod)


def control_check(pod, name):
    _, status = pod.api("GET", "/api/system/status", expect=200)
    return next((one["result"] for one in status["control"]["checks"] if one["name"] == name), "")


def test_a_control_plane_that_is_not_well_and_nobody_knows_why(pod):
    """Only the control plane has no room for its log, and it is in no need of it."""
    in_mounts(pod, "api", "mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "none", "/data/logs")
    try:
        pod.execute("api", "sh", "-c", "cat /dev/zero > /data/logs/full")
        # It is looked at every 30 s.
        pod.wait_for(lambda: control_check(pod, "disk-logs") == "failed", "the check of the volume", 40)
        found = expect_cause(pod, "control-plane-not-ready", "api")
        assert any("disk-logs" in line for line in found["shown"]), found
    finally:
        in_mounts(pod, "api", "umount", "-l", "/data/logs")
        expect_none(pod)


# --- addresses and the network ---

def test_an_address_where_no_control_plane_is(pod):
    pod.wait_ready()
    wait_until_old(pod)
    [free] = free_ports(1)
    url = f"http://127.0.0.1:{free}"
    for arguments, environment in ((["--base-url", url], {}), ([], {"PODPLAY_URL": url})):
        found = first_of_doctor(pod, "control-plane-unreachable", *arguments, environment=environment)
        assert any(url in line for line in found["shown"]), found
    assert doctor(pod, "--base-url", f"http://127.0.0.1:{pod.ports['API']}", code=0) == []


@contextlib.contextmanager
def firewall(pod, *rule):
    """A rule in the network of the pod, for what comes from outside of it."""
    network = Network.of(pod)
    rule = ["INPUT", "!", "-i", "lo", "-p", "tcp", *rule]
    done = network.run("iptables", "-w", "-I", *rule)
    assert done.returncode == 0, done
    try:
        yield
    finally:
        assert network.run("iptables", "-w", "-D", *rule).returncode == 0
        expect_none(pod)


@pytest.mark.parametrize(("rule", "shown"), [
    (["--dport", "25", "-j", "REJECT", "--reject-with", "tcp-reset"], ["smtp of mail"]),
    (["-j", "DROP"], ["api of api", "imaps of mail", "https of apache"]),
])
def test_a_firewall_before_the_pod(pod, rule, shown):
    pod.wait_ready()
    wait_until_old(pod)
    with firewall(pod, *rule):
        found = first_of_doctor(pod, "host-port-unreachable")
        assert all(any(port in line for line in found["shown"]) for port in shown), found
        assert len(shown) > 1 or len(found["shown"]) == 1, found
    assert doctor(pod, code=0) == []


# --- strangers ---

def test_what_anybody_may_do(pod):
    """An override of named's configuration, and a restore that gave a key to all. What strangers may do is tried when the control plane
    starts, and every ten seconds while something is open."""
    key = "/data/state/pod-ca/ca.key"
    with repaired(pod, "bind", f"cp {NAMED_CONF} /tmp/kept; sed -i 's/allow-transfer {{/allow-transfer {{ any;/' {NAMED_CONF}; pkill -9 -x named",
                  f"cat /tmp/kept > {NAMED_CONF}; pkill -9 -x named"):
        mode = shell(pod, "api", f"stat -c %a {key}; chmod o+r {key}").strip()
        try:
            assert pod.podman("restart", "--time", "10", f"{pod.name}-api").returncode == 0
            pod.wait_for(lambda: control_check(pod, "exposure-keys") == "failed", "the key that anybody may read", 30)
            assert any(key in line for line in expect_cause(pod, "control-plane-exposed", "api")["shown"])
        finally:
            shell(pod, "api", f"chmod {mode} {key}")
        wait_until_gone(pod, "control-plane-exposed")
        found = expect_cause(pod, "service-exposed", "bind")
        assert any("example.test" in line for line in found["shown"]), found
