"""Certificate authorities of the tests: Pebble, the reference server of ACME (RFC 8555), each with a proxy before it (authority_proxy.py).

They run in the network of the pod, on its 127.0.0.1: there Apache has port 80, named has port 53, and the control plane reaches them. Nothing
leaves the machine. Their files stay on the host."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import socket
import subprocess
import time

import own_certificates

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# `tools/setup test` unpacks it.
PEBBLE = ROOT / ".cache/pebble/usr/bin/pebble"
FIRST_PORT = 14000


class Network:
    """A network of its own, which programs of the host can enter: that of a pod, or one of `ip netns`."""

    def __init__(self, network, user=None):
        self.enter = ["nsenter", f"--net={network}"]
        if user:
            self.enter[1:1] = [f"--user={user}", "--preserve-credentials"]

    @staticmethod
    def of(pod):
        """Taken from the pod's own process, which lives as long as the pod; its containers may be started again."""
        infra = pod.podman("pod", "inspect", "--format", "{{.InfraContainerID}}", pod.name).stdout.strip()
        pid = pod.podman("inspect", "--format", "{{.State.Pid}}", infra).stdout.strip()
        assert pid.isdigit() and pid != "0", f"the pod {pod.name} does not run"
        return Network(f"/proc/{pid}/ns/net", f"/proc/{pid}/ns/user" if os.geteuid() else None)

    def start(self, *command, log, environment=None):
        """A program that ends with the tests, also when they are killed."""
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.enter, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log, env=dict(os.environ, **(environment or {})))

    def run(self, *command, timeout=60, environment=None):
        return subprocess.run([*self.enter, *map(str, command)], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, **(environment or {})))


class Authority:
    """Pebble and its proxy. `environment`: PEBBLE_... variables; `configuration`: members of Pebble's configuration. Unless they say otherwise,
    validation begins at once, no nonce is refused, and no authorization is used again. It asks `resolver`, the pod's named, where names point."""

    count = 0

    def __init__(self, network, folder, environment=None, configuration=None, resolver="127.0.0.1:53"):
        self.network, self.resolver = network, resolver
        port = FIRST_PORT + 10 * Authority.count
        self.folder = pathlib.Path(folder) / f"authority{Authority.count}"
        Authority.count += 1
        self.folder.mkdir()
        self.directory = f"https://127.0.0.1:{port + 2}/dir"
        # Without the proxy.
        self.own_directory = f"https://127.0.0.1:{port}/dir"
        signer = own_certificates.Signer("CA of the authority's own server")
        self.ca = signer.pem
        certificate, key = signer.sign(["127.0.0.1", "localhost"])
        self.write("ca.pem", signer.pem)
        self.write("certificate.pem", certificate)
        self.write("key.pem", key)
        server = {"certificate": self.path("certificate.pem"), "privateKey": self.path("key.pem")}
        self.write("pebble.json", json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{port + 1}", **server, "httpPort": 80, "tlsPort": 443,
            "ocspResponderURL": "", "externalAccountBindingRequired": False, "certificateValidityPeriod": 90 * 86400,
            "retryAfter": {"authz": 1, "order": 1}, **(configuration or {})}}))
        self.write("proxy.json", json.dumps({"port": port + 2, "upstream": port, "management": port + 1, "certificate": server["certificate"],
                                             "key": server["privateKey"], "ca": self.path("ca.pem"), "control": self.path("control")}))
        self.environment = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0", **(environment or {})}
        assert PEBBLE.exists(), "there is no Pebble: run tools/setup test"
        proxy = pathlib.Path(__file__).with_name("authority_proxy.py")
        with open(self.path("log"), "ab") as log:
            self.processes = [self.start_pebble(log), network.start("/usr/bin/python3", proxy, self.path("proxy.json"), log=log)]
        self.wait_until_ready()

    def start_pebble(self, log):
        return self.network.start(PEBBLE, "-strict", "-config", self.path("pebble.json"), "-dnsserver", self.resolver, log=log,
                                  environment=self.environment)

    def path(self, name):
        return str(self.folder / name)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def wait_until_ready(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                if self.root().startswith("-----BEGIN"):
                    return
            assert all(process.poll() is None for process in self.processes), self.log()
            time.sleep(0.05)
        raise AssertionError(f"Pebble does not answer:\n{self.log()}")

    def forget(self):
        """Pebble starts over: other roots, no accounts, no orders."""
        self.processes[0].kill()
        self.processes[0].wait()
        with open(self.path("log"), "ab") as log:
            self.processes[0] = self.start_pebble(log)
        self.wait_until_ready()

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()

    # What the proxy is told and asked.
    def control(self, what, **more):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(self.path("control"))
            connection.sendall(json.dumps({"what": what, **more}).encode() + b"\n")
            return json.loads(connection.makefile().readline())

    def root(self, number=0):
        """A root's certificate. Chains end in number 0, unless another one is asked for."""
        return self.control("ask", port="management", path=f"/roots/{number}")

    def intermediate(self, number=0):
        """An issuer of leaves, and its key; PEM."""
        return [self.control("ask", port="management", path=f"/{what}/{number}") for what in ("intermediates", "intermediate-keys")]

    def terms(self):
        """The URL of its terms of service."""
        return json.loads(self.control("ask", port="upstream", path="/dir"))["meta"]["termsOfService"]

    def requests(self, kind=None, since=0):
        """Those that came to the proxy: kind, method, path, payload, status, authority_ms."""
        return self.control("requests", kind=kind, since=since)

    def mark(self):
        """To be given to `since`."""
        return len(self.requests())

    def offered(self, since=0):
        """The challenges of all authorizations: path, type, token."""
        return [one for request in self.requests("authorization", since) for one in request.get("challenges", [])]

    def challenges(self, since=0):
        """Those that clients said they had answered, each once."""
        offered = {one["path"]: one for one in self.offered()}
        return list({one["path"]: offered[one["path"]] for one in self.requests("challenge", since) if one["path"] in offered}.values())

    def orders(self, since=0):
        """What was ordered, and was not refused: the payloads."""
        return [one["payload"] for one in self.requests("newOrder", since) if one["status"] == 201]

    @contextlib.contextmanager
    def rule(self, kind, do, times=0, **more):
        """Within it, requests of this kind go wrong: all, or so many `times` (after the first `skip`; only those whose payload `has` a member).
        answer: refused with status, type and headers; lose: not handed on; drop: handed on, but not answered; twice: handed on twice;
        wait: so many seconds; hold: not handed on before the rule ends, and then only with release(); hold_answer: handed on and not answered
        until then; body: answered with this text; issuers: the chain's issuers are this PEM."""
        if do == "answer":
            more = {"detail": "said by the tests", "headers": {}, **more}
        rule = Rule(self, self.control("rule", kind=kind, do=do, times=times, **more))
        try:
            yield rule
        finally:
            rule.release("lose")

    def move_window(self, certificate, starts, ends, retry_after=21600):
        """Of one certificate's renewal (RFC 9773), in seconds from now."""
        def text(seconds):
            return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

        self.control("window", certificate=own_certificates.certificate_id(certificate), start=text(starts), end=text(ends), retry_after=retry_after)

    def offer_profiles(self, **profiles):
        self.control("profiles", profiles=profiles)

    @contextlib.contextmanager
    def away(self):
        """Nobody listens at its port. Pebble itself goes on, since it would forget everything."""
        self.control("away")
        try:
            yield
        finally:
            self.control("back")


class NameServer:
    """A name server of somebody else: a named of its own in the pod's network, whose one zone takes updates."""

    PORT = 5399

    def __init__(self, network, folder, zone):
        self.folder, self.zone = pathlib.Path(folder) / "name_server", zone
        self.folder.mkdir()
        self.folder.chmod(0o777)
        (self.folder / "zone").write_text(f"$ORIGIN {zone}.\n$TTL 60\n@ SOA ns hostmaster 1 600 600 600 60\n@ NS ns\nns A 127.0.0.1\n")
        (self.folder / "hints").write_text(". 3600000 NS ns.\nns. 3600000 A 127.0.0.1\n")
        (self.folder / "named.conf").write_text(f"""
options {{ directory "{self.folder}"; listen-on port {self.PORT} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;
          pid-file none; session-keyfile none; notify no; dnssec-validation no; }};
controls {{ }};
// Without these it would ask the root servers.
zone "." {{ type hint; file "hints"; }};
zone "{zone}" {{ type primary; file "zone"; allow-update {{ 127.0.0.1; }}; }};
""")
        program = next(path for path in (ROOT / ".cache/named/usr/sbin/named", pathlib.Path("/usr/sbin/named")) if path.exists())
        with open(self.folder / "log", "ab") as log:
            self.process = network.start(program, "-g", "-n", "1", "-c", self.folder / "named.conf", log=log)
        deadline = time.monotonic() + 20
        while "running" not in (self.folder / "log").read_text(errors="replace"):
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text(errors="replace")
            time.sleep(0.05)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def stop(self):
        self.process.kill()
        self.process.wait()


class Rule:
    def __init__(self, authority, number):
        self.authority, self.number = authority, number

    def reached(self):
        return self.authority.control("reached", rule=self.number)

    def wait(self, seconds=30, count=1):
        """Until a request has come to it."""
        deadline = time.monotonic() + seconds
        while self.reached() < count:
            assert time.monotonic() < deadline, f"no such request came within {seconds} s; the last were {self.authority.requests()[-5:]}"
            time.sleep(0.02)

    def release(self, then="go"):
        """What is held goes on, or is lost. The rule is over."""
        return self.authority.control("release", rule=self.number, then=then)


class Uacme:
    """Another client (Debian's package uacme), which shows that an authority and our servers work without our client."""

    def __init__(self, network, authority, folder, hook, external=None):
        self.network, self.authority = network, authority
        self.folder = pathlib.Path(folder)
        self.hook = self.folder / "hook"
        self.hook.write_text(hook)
        self.hook.chmod(0o755)
        self.options = ["--acme-url", authority.directory, "--confdir", self.folder / "conf", "--hook", self.hook, "--yes", "--verbose",
                        *(["--eab", external] if external else [])]

    def run(self, *arguments, environment=None):
        # It knows no other CAs than the system's: its view of the file system gets ours instead.
        script = 'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec uacme "$@"'
        return self.network.run("unshare", *(["--mount"] if os.geteuid() == 0 else ["--map-root-user", "--mount"]), "sh", "-c", script,
                                self.authority.path("ca.pem"), *self.options, *arguments, environment=environment, timeout=120)

    def new(self):
        done = self.run("new", "admin@example.test")
        assert done.returncode == 0, done.stderr

    def issue(self, *names, environment=None):
        """The chain, PEM."""
        done = self.run("issue", *names, environment=environment)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.authority.log()[-2000:]}"
        return (self.folder / "conf" / re.sub(r"^\*\.", "", names[0]) / "cert.pem").read_text()
