"""A pod for measuring: own name, ports and volumes, started with bin/podplay, removed at the end. The same machine runs pod and
load generators; a number is a median with the smallest and largest in brackets."""
import base64
import contextlib
import ctypes
import hashlib
import http.client
import json
import os
import pathlib
import secrets
import signal
import sqlite3
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/pod"))

from conftest import clean_environment, free_ports, remove_leftovers, remove_pod  # noqa: E402
from pod import Pod  # noqa: E402

PORTS = ["HTTP", "HTTPS", "DNS", "SMTP", "SMTPS", "SUBMISSION", "IMAP", "IMAPS", "POP3", "POP3S", "SIEVE", "API"]
PREFIX = "podplay-bench-"
DOMAIN = "example.test"
PASSWORD = "correct horse 1"


def say(text):
    print(text, flush=True)


def spread(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f}), n={len(values)}"


def stop_if_broken(promises):
    """Ends the program with exit code 1 and a line for each promise that was broken."""
    if promises:
        sys.exit("\n".join(f"BROKEN: {promise}" for promise in promises))


@contextlib.contextmanager
def bench_pod(start=True, settings=None):
    remove_leftovers(PREFIX)
    name = f"{PREFIX}{os.getpid()}"
    with tempfile.TemporaryDirectory(prefix="podplay-bench-") as folder:
        environment = clean_environment()
        environment.update({"PODPLAY_POD_NAME": name, "PODPLAY_DOMAIN": DOMAIN, "PODPLAY_MAIL_OUTBOUND": "none", "XDG_CONFIG_HOME": folder})
        environment.update(settings or {})
        ports = dict(zip(PORTS, free_ports(len(PORTS))))
        environment.update({f"PODPLAY_HOST_{key}_PORT": str(port) for key, port in ports.items()})
        pod = Pod(ROOT, name, ports, environment, None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            if start:
                begin(pod)
            yield pod
        finally:
            try:
                pod.down()
            finally:
                remove_pod(name)


def begin(pod):
    pod.up()
    pod.admin_password = secrets.token_urlsafe(12)
    pod.cli("bootstrap", "--email", f"admin@{DOMAIN}", "--password-stdin", input=pod.admin_password + "\n")
    _, answer = pod.api("POST", "/api/login", {"email": f"admin@{DOMAIN}", "password": pod.admin_password}, token="", expect=200)
    pod.token = answer["token"]


def log_in_browser(pod):
    """The Cookie header of a new session, and its CSRF token."""

    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=30)
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        return json.loads(text), cookie

    csrf, cookie = ask("GET", "/api/csrf")
    login = {"email": f"admin@{DOMAIN}", "password": pod.admin_password, "session": "cookie"}
    answer, cookie = ask("POST", "/api/login", login, {"Cookie": cookie, "X-CSRF-Token": csrf["csrf_token"]})
    return cookie, answer["csrf_token"]


def compile_in_image(pod, target):
    """A program of bench/programs that runs with the libraries of the images, compiled where theirs are. Gives its path."""
    folder = ROOT / "build/bench-image"
    folder.mkdir(parents=True, exist_ok=True)
    script = ("cmake -S /src -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++-19 -DPODPLAY_TESTS=OFF "
              f"-DPODPLAY_BENCH=ON && cmake --build /build --target {target}")
    done = pod.podman("run", "--rm", "--network", "none", "--volume", f"{ROOT}:/src:ro", "--volume", f"{folder}:/build",
                      "localhost/podplay-build:latest", "sh", "-c", script, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / target


def store_file(pod):
    folder = pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{pod.name}-state").stdout.strip()
    return os.path.join(folder, "podplay.db")


def add_sessions(path, user, count):
    """Rows as a login makes them; the cookies."""
    now = int(time.time() * 1000)
    cookies = [base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode() for _ in range(count)]
    store = sqlite3.connect(path, timeout=30)
    with store:
        (first,) = store.execute("SELECT value FROM counters WHERE name = 'id'").fetchone()
        store.execute("UPDATE counters SET value = value + ? WHERE name = 'id'", (count,))
        store.executemany(
            "INSERT INTO sessions (id, hash, user_id, strength, agent, address, created, proven, expires, last_used, last_address) "
            "VALUES (?, ?, ?, 'single_factor', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '192.0.2.7', "
            "?, ?, ?, ?, '192.0.2.7')",
            ((first + 1 + i, hashlib.sha256(cookie.encode()).hexdigest(), user, now, now, now + 36_000_000, now)
             for i, cookie in enumerate(cookies)))
    store.close()
    return cookies


def use_sessions(pod, cookies):
    """Each once; seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=60)
    began = time.monotonic()
    for cookie in cookies:
        connection.request("GET", "/api/session", None, {"Cookie": f"__Host-session_id={cookie}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    return time.monotonic() - began


def resident(pid):
    """MiB resident, and of it anonymous: the rest is the program and its libraries, which the system may take away."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")]


def resident_words(pid):
    return "{:.1f} MiB resident, {:.1f} of it anonymous".format(*resident(pid))


def written(pid):
    """Bytes that a process has given to the disk."""
    with open(f"/proc/{pid}/io") as numbers:
        return int(dict(line.split(": ") for line in numbers)["write_bytes"])


def hash_password(password):
    """argon2id, 19 MiB, two passes: what the API makes of a password."""
    sodium = ctypes.CDLL("libsodium.so.23")
    sodium.sodium_init()
    out = ctypes.create_string_buffer(128)
    done = sodium.crypto_pwhash_str(out, password.encode(), ctypes.c_ulonglong(len(password)), ctypes.c_ulonglong(2), ctypes.c_size_t(19456 * 1024))
    assert done == 0
    return out.value.decode()


def argon2id_ms():
    """The median of 15 password hashes, ms: what a login and a new user cost at least. Machines of one kind differ by a factor of two,
    so figures are told as multiples of it as well. Asked when nothing else runs."""
    found = []
    for _ in range(15):
        began = time.monotonic()
        hash_password(PASSWORD)
        found.append((time.monotonic() - began) * 1000)
    return statistics.median(found)


def import_users(pod, first, last):
    """u<first>..u<last - 1>, one request; seconds until it is answered, and the answer. The answer comes when mail has them."""
    password_hash = hash_password(PASSWORD)
    lines = "".join(json.dumps({"email": f"u{i}@{DOMAIN}", "password_hash": password_hash}) + "\n" for i in range(first, last))
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=300)
    began = time.monotonic()
    connection.request("POST", "/api/users/import?wait=60", lines, {"Authorization": f"Bearer {pod.token}", "Content-Type": "application/x-ndjson"})
    answer = connection.getresponse()
    result = json.loads(answer.read())
    took = time.monotonic() - began
    assert answer.status in (200, 201), result
    assert result["applied"]["state"] == "applied", result
    return took, result


def processes(pod):
    """The pids of all processes in the pod's containers."""
    pids = [pod.pid_of(service) for service in ("api", "apache", "bind", "mail")]
    spaces = {os.readlink(f"/proc/{pid}/ns/pid") for pid in pids if pid}
    for process in os.listdir("/proc"):
        try:
            if process.isdigit() and os.readlink(f"/proc/{process}/ns/pid") in spaces:
                yield process
        except OSError:
            pass  # it ended meanwhile


def memory(pod):
    """MiB by program, summed over its processes, shared pages counted in parts (PSS). Read on the host: in a container not even root may
    look at the memory of other users' processes."""
    found = {}
    for process in processes(pod):
        try:
            name = open(f"/proc/{process}/comm").read().strip()
            pss = next(line for line in open(f"/proc/{process}/smaps_rollup") if line.startswith("Pss:"))
            found[name] = found.get(name, 0) + int(pss.split()[1]) / 1024
        except (OSError, StopIteration):
            pass  # it ended meanwhile
    wanted = ("podplayd", "podplay-agent", "named", "apache2", "config", "auth", "imap-login", "imap", "lmtp", "master", "smtpd")
    return {name: found[name] for name in wanted if name in found}


def kill(pod, service, program):
    """kill -9 of a program of the service; of its container's first process by None. Whether there was one."""
    if program is None:
        pid = pod.pid_of(service)
        if pid:
            os.kill(pid, signal.SIGKILL)
        return bool(pid)
    return pod.execute(service, "pkill", "-9", "-x", program).returncode == 0


PROGRAMS = {"podplayd": "api", "agent apache": "apache", "agent bind": "bind", "agent mail": "mail"}
