"""Starts a pod for the tests with its own name, ports and volumes. It is started with bin/podplay as a new user would start it, and removed
at the end, also after a failure or a signal. Pods that killed runs left behind are removed first."""
import contextlib
import os
import pathlib
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from certified import Certified  # noqa: E402
from pod import Pod  # noqa: E402
from world import SETTINGS, World  # noqa: E402

PREFIX = "podplay-test-"
PORTS = ["HTTP", "HTTPS", "DNS", "SMTP", "SMTPS", "SUBMISSION", "IMAP", "IMAPS", "POP3", "POP3S", "SIEVE", "API"]


def free_ports(count):
    """Free ports on 127.0.0.1, below those that the kernel gives to clients. Each process of a parallel run has a range of its own, since a
    port stays free until the pod is up."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw"))
    first = 20000 + 1000 * worker
    found = []
    for port in random.sample(range(first, first + 1000), 1000):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError(f"fewer than {count} free ports from {first} on")


def clean_environment():
    """Our environment without any setting of a pod, be it from a variable or from a file."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PODPLAY_")}
    return environment | {"PODPLAY_SETTINGS_FILE": "/dev/null"}


def podman(*arguments):
    return subprocess.run([ROOT / "bin/podplay", "podman", *arguments], capture_output=True, text=True, timeout=120, env=clean_environment())


def names_of(*arguments):
    done = podman(*arguments, "--format", "{{.Names}}" if arguments[0] == "ps" else "{{.Name}}")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def remove_pod(name):
    """Removes the pod, those beside it (-second) and all their volumes."""
    for pod in names_of("pod", "ls"):
        if pod == name or pod.startswith(name + "-"):
            podman("pod", "rm", "--force", "--time", "5", pod)
    for container in names_of("ps", "--all"):
        if container.startswith(name + "-"):
            podman("rm", "--force", "--time", "2", container)
    for volume in names_of("volume", "ls"):
        if volume.startswith(name + "-"):
            podman("volume", "rm", "--force", volume)


def remove_leftovers(prefix=PREFIX):
    """Removes the pods and volumes of runs that were killed."""
    names = names_of("pod", "ls") + names_of("volume", "ls") + names_of("ps", "--all")
    for pid in sorted({int(found.group(1)) for name in names if (found := re.match(prefix + r"(\d+)", name))}):
        if not pathlib.Path(f"/proc/{pid}").exists():
            remove_pod(f"{prefix}{pid}")


@contextlib.contextmanager
def started_pod(name, settings):
    """With an administrator who is logged in, and overrides that are empty."""
    folder = tempfile.TemporaryDirectory(prefix="podplay-test-")
    overrides = pathlib.Path(folder.name) / "overrides"
    overrides.mkdir()
    environment = clean_environment()
    environment.update({
        "PODPLAY_POD_NAME": name,
        "PODPLAY_DOMAIN": "example.test",
        "PODPLAY_MAIL_OUTBOUND": "none",
        "PODPLAY_OVERRIDES": str(overrides),
        "PODPLAY_DNS_HOOK": "dns-hook",
        "XDG_CONFIG_HOME": folder.name,
    })
    environment.update(settings)
    ports = dict(zip(PORTS, free_ports(len(PORTS))))
    environment.update({f"PODPLAY_HOST_{key}_PORT": str(port) for key, port in ports.items()})
    one = Pod(ROOT, name, ports, environment, overrides)

    def on_signal(number, _frame):
        raise KeyboardInterrupt(f"signal {number}")

    signal.signal(signal.SIGTERM, on_signal)
    try:
        one.up()
        one.admin_password = secrets.token_urlsafe(12)
        one.cli("bootstrap", "--email", "admin@example.test", "--password-stdin", input=one.admin_password + "\n")
        one.login()
        yield one
    finally:
        try:
            one.down()
        finally:
            remove_pod(name)
            folder.cleanup()


@pytest.fixture(scope="session")
def pod():
    remove_leftovers()
    with started_pod(f"{PREFIX}{os.getpid()}", {
            "PODPLAY_PUBLIC_IPV6": "2001:db8::25",
            "PODPLAY_DNS_SECONDARIES": "ns2.example.test=127.0.0.53, ns3.elsewhere.test=127.0.0.54, 127.0.0.55"}) as one:
        yield one


@pytest.fixture(scope="session")
def quiet_pod():
    """A pod for the tests of the diagnosis. Its own: other tests leave mail that waits and wrong passwords, and the diagnosis finds them."""
    remove_leftovers()
    with started_pod(f"{PREFIX}{os.getpid()}-quiet", {"PODPLAY_PUBLIC_IPV6": "2001:db8::25"}) as one:
        yield one


@contextlib.contextmanager
def certified_pod(name, folder):
    """Mail leaves by a relay that is not there: Apache asks a certificate's responder only where something may leave."""
    remove_leftovers()
    settings = {"PODPLAY_CERT_LOG_LEVEL": "DEBUG", "PODPLAY_MAIL_OUTBOUND": "relay", "PODPLAY_MAIL_RELAY": "localhost:1587"}
    with started_pod(name, settings) as one:
        helper = Certified(one, folder)
        try:
            yield helper
        finally:
            helper.stop()


@pytest.fixture(scope="session")
def certified(tmp_path_factory):
    """A pod for the tests of certificates, and the authorities beside it. Its own: an authority may ask for no secondaries that are away."""
    with certified_pod(f"{PREFIX}{os.getpid()}-signed", tmp_path_factory.mktemp("authorities")) as one:
        yield one


@pytest.fixture(scope="session")
def quiet_certified(tmp_path_factory):
    """The same for the tests of the diagnosis: other tests leave certificates at which it finds something."""
    with certified_pod(f"{PREFIX}{os.getpid()}-certain", tmp_path_factory.mktemp("authorities")) as one:
        yield one


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A pod with relay, resolvers and secondaries outside of it. Of one file: its last tests leave traces of some minutes."""
    remove_leftovers()
    with started_pod(f"{PREFIX}{os.getpid()}-world", SETTINGS) as one:
        there = World(one, tmp_path_factory.mktemp("world"))
        try:
            yield there
        finally:
            there.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds the last lines of each container to the report of a failure."""
    outcome = yield
    report = outcome.get_result()
    arguments = getattr(item, "funcargs", {})
    beside = next((arguments[name] for name in ("certified", "quiet_certified", "world") if name in arguments), None)
    used = beside.pod if beside else arguments.get("pod", arguments.get("quiet_pod"))
    if report.failed and used is not None:
        for service in ("api", "apache", "bind", "mail"):
            words = podman("logs", "--tail", "25", f"{used.name}-{service}")
            report.sections.append((f"last lines of {service}", words.stdout + words.stderr))
