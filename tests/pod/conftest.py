"""A pod of the tests' own: own name, ports and volumes, started with bin/podplay as a stranger would, and removed at the end,
also after a failure or a signal. What dead runs left behind goes first."""
import json
import os
import pathlib
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

from pod import Pod  # noqa: E402

PREFIX = "podplay-test-"
PORTS = ["HTTP", "HTTPS", "DNS", "SMTP", "SMTPS", "SUBMISSION", "IMAP", "IMAPS", "POP3", "POP3S", "SIEVE", "API"]


def free_ports(count):
    sockets = []
    for _ in range(count):
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
        sockets.append(one)
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def podman(*arguments, environment=None):
    return subprocess.run([ROOT / "bin/podplay", "podman", *arguments], capture_output=True, text=True, timeout=120,
                          env=environment or os.environ.copy())


def remove_pod(name):
    podman("pod", "rm", "--force", "--time", "5", name)
    for volume in podman("volume", "ls", "--format", "{{.Name}}").stdout.split():
        if volume.startswith(name + "-"):
            podman("volume", "rm", "--force", volume)


def remove_leftovers():
    names = podman("pod", "ls", "--format", "{{.Name}}").stdout.split() + podman("volume", "ls", "--format", "{{.Name}}").stdout.split()
    for pid in sorted({int(found.group(1)) for name in names if (found := re.match(PREFIX + r"(\d+)", name))}):
        if not pathlib.Path(f"/proc/{pid}").exists():
            remove_pod(f"{PREFIX}{pid}")


@pytest.fixture(scope="session")
def pod():
    remove_leftovers()
    folder = tempfile.TemporaryDirectory(prefix="podplay-test-")
    name = f"{PREFIX}{os.getpid()}"
    overrides = pathlib.Path(folder.name) / "overrides"
    overrides.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PODPLAY_")}
    environment.update({
        "PODPLAY_POD_NAME": name,
        "PODPLAY_DOMAIN": "example.test",
        "PODPLAY_MAIL_OUTBOUND": "none",
        "PODPLAY_OVERRIDES": str(overrides),
        "XDG_CONFIG_HOME": folder.name,
    })
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
        one.down()
        remove_pod(name)
        folder.cleanup()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """After a failure: what each container said last."""
    outcome = yield
    report = outcome.get_result()
    used = item.funcargs.get("pod") if hasattr(item, "funcargs") else None
    if report.failed and used is not None:
        for service in ("api", "apache", "bind", "mail"):
            words = podman("logs", "--tail", "25", f"{used.name}-{service}", environment=used.environment)
            report.sections.append((f"last lines of {service}", words.stdout + words.stderr))
