"""Causes faults in a real pod, and asks for the diagnosis. Each fault is a context manager that takes it back."""
import contextlib
import json
import pathlib
import subprocess
import time

# How long the diagnosis may take to name the cause, from the first question on.
LONGEST = 10


def diagnose(pod):
    """The findings of GET /api/system/diagnosis, the most important first."""
    began = time.monotonic()
    _, answer = pod.api("GET", "/api/system/diagnosis", expect=200)
    assert time.monotonic() - began < LONGEST, f"it took {time.monotonic() - began:.1f} s: {answer}"
    return answer["findings"]


def show(findings):
    return json.dumps([{key: one[key] for key in ("cause", "service", "subject", "shown", "follows")} for one in findings], indent=1)


def expect_cause(pod, cause, service=None, ask=diagnose, line=""):
    """The cause must be the first finding within 10 s of asking, with `line` in what shows it. Returns that finding."""
    deadline = time.monotonic() + LONGEST
    while True:
        findings = ask(pod)
        if findings and findings[0]["cause"] == cause and any(line in one for one in findings[0]["shown"]):
            found = findings[0]
            assert service is None or found["service"] == service, show(findings)
            assert found["shown"] and found["remedy"] and found["title"], show(findings)
            assert (pod.root / found["runbook"].split("#")[0]).exists(), found
            return found
        assert time.monotonic() < deadline, f"{cause} is not the first finding: {show(findings)}"
        time.sleep(0.3)


def expect_none(pod, seconds=60):
    """Waits until the pod is ready again, and until nothing is found any more."""
    pod.wait_ready(seconds)
    deadline = time.monotonic() + seconds
    while findings := diagnose(pod):
        assert time.monotonic() < deadline, f"still found: {show(findings)}"
        time.sleep(0.5)


def wait_until_gone(pod, cause, seconds=20):
    pod.wait_for(lambda: all(one["cause"] != cause for one in diagnose(pod)), f"the end of {cause}", seconds)


def shell(pod, service, script):
    done = pod.execute(service, "sh", "-c", script)
    assert done.returncode == 0, f"{script}: {done.stdout}{done.stderr}"
    return done.stdout


def in_mounts(pod, service, *command):
    """Runs a command of the container with the host's capabilities, such as mount."""
    done = subprocess.run(["nsenter", "-t", str(pod.pid_of(service)), "-m", "-p", *command], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@contextlib.contextmanager
def repaired(pod, service, break_it, repair):
    """Shell scripts in the container."""
    try:
        shell(pod, service, break_it)
        yield
    finally:
        shell(pod, service, repair)
        expect_none(pod)


@contextlib.contextmanager
def mounted(pod, service, path, *options, until=expect_none):
    """Another file system over a folder of the container. Afterwards it waits `until` the pod is well."""
    in_mounts(pod, service, "mount", *options, path)
    try:
        yield
    finally:
        in_mounts(pod, service, "umount", "-l", path)
        until(pod)


@contextlib.contextmanager
def read_only(pod, service, path):
    # A mount of its own: files that are open for writing keep the first one busy.
    in_mounts(pod, service, "mount", "--bind", path, path)
    in_mounts(pod, service, "mount", "-o", "remount,bind,ro", path)
    try:
        yield
    finally:
        in_mounts(pod, service, "umount", "-l", path)
        expect_none(pod)


@contextlib.contextmanager
def running(pod, service, *command, also=()):
    """A process in the container, in the background. `also`: names of processes that it starts."""
    done = pod.podman("exec", "-d", f"{pod.name}-{service}", *command)
    assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        for name in (pathlib.PurePath(command[0]).name, *also):
            pod.execute(service, "pkill", "-9", "-x", name)


@contextlib.contextmanager
def stopped(pod, service):
    """The container, gracefully."""
    assert pod.podman("stop", "--time", "10", f"{pod.name}-{service}").returncode == 0
    try:
        yield
    finally:
        assert pod.podman("start", f"{pod.name}-{service}").returncode == 0
        expect_none(pod, 90)


def doctor(pod, *arguments, environment=None, code=1):
    """The findings of `podplay doctor`."""
    began = time.monotonic()
    done = subprocess.run([pod.root / "bin/podplay", "doctor", "--json", *arguments], capture_output=True, text=True, timeout=60,
                          env=pod.environment | (environment or {}))
    took = time.monotonic() - began
    assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
    assert took < LONGEST, f"it took {took:.1f} s"
    return json.loads(done.stdout)["findings"]
