"""Causes of the store: SQLite's files cannot be written, and a PostgreSQL server that is away, takes nobody in or only reads. As in
test_9_diagnosis.py, the cause must be the first finding within 10 s, and gone after the repair."""
import contextlib
import os
import pathlib
import signal

import pytest

from authority import Network
from conftest import PREFIX, free_ports, started_pod
from faults import doctor, expect_cause, expect_none
from postgresql import Postgresql


@pytest.fixture
def pod(quiet_pod):
    return quiet_pod


@pytest.fixture(scope="module")
def server(quiet_pod):
    """It listens on this machine's address in the network of pods only, which is there while a pod runs."""
    routes = Network.of(quiet_pod).run("ip", "route", "show", "default").stdout.split()
    one = Postgresql(routes[routes.index("via") + 1], free_ports(1)[0])
    try:
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="module")
def stored_pod(server):
    with started_pod(f"{PREFIX}{os.getpid()}-stored", {"PODPLAY_DATABASE_URL": server.url}) as one:
        yield one


def expect_well(pod):
    """The first requests after the end of a server find their connections closed."""
    pod.wait_for(lambda: pod.api("GET", "/api/system/diagnosis")[0] == 200, "an answer", 30)
    expect_none(pod, 90)


@contextlib.contextmanager
def altered(pod, server, now, then):
    """ALTER DATABASE, with `now` and afterwards with `then`."""
    server.sql(f"ALTER DATABASE podplay {now}")
    try:
        yield
    finally:
        server.sql(f"ALTER DATABASE podplay {then}")
        expect_well(pod)


def test_a_file_that_belongs_to_somebody_else(pod):
    """As after root has opened the store with sqlite3. Connections from before go on, new ones only read."""
    folder = pathlib.Path(pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{pod.name}-state").stdout.strip())
    files = [folder / f"podplay.db{suffix}" for suffix in ("-wal", "-shm")]
    before = [(file, file.stat()) for file in files]
    try:
        for file in files:
            os.chown(file, 0, 0)
            file.chmod(0o644)
        expect_cause(pod, "store-read-only", "api", line="readonly")
    finally:
        for file, known in before:
            os.chown(file, known.st_uid, known.st_gid)
            file.chmod(known.st_mode & 0o777)
        expect_none(pod)


def test_a_database_that_takes_nobody_in(stored_pod, server):
    """Connections from before go on, so the control plane can answer."""
    expect_none(stored_pod)
    with altered(stored_pod, server, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
        expect_cause(stored_pod, "store-unreachable", "api", line="not currently accepting connections")


def test_a_database_that_only_reads(stored_pod, server):
    """As a standby does that has not taken over."""
    with altered(stored_pod, server, "SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
        expect_cause(stored_pod, "store-read-only", "api", line="read-only")


def test_a_server_that_hangs(stored_pod, server):
    """It accepts connections and says nothing. Those from before go on."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        expect_cause(stored_pod, "store-unreachable", "api", line="timeout")
    finally:
        server.process.send_signal(signal.SIGCONT)
        expect_well(stored_pod)


def test_a_server_that_is_away(stored_pod, server):
    """Who asks is known from an earlier request."""
    server.stop()
    try:
        expect_cause(stored_pod, "store-unreachable", "api", ask=doctor)
        expect_cause(stored_pod, "store-unreachable", "api", line="onnection")
    finally:
        server.start()
        expect_well(stored_pod)
