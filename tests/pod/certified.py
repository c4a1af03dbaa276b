"""A pod with certificate authorities beside it: what the tests of certificates ask of it, and what clients are shown on every port."""
import contextlib
import http.client
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import time

import dns.exception
import dns.message
import dns.query
from cryptography import x509

from authority import Authority, Network
from own_certificates import fingerprint, read

# Every port with TLS, by the pod's name of it: how a client asks for TLS there; None: at once.
DOORS = {"HTTPS": None, "IMAPS": None, "POP3S": None, "SMTPS": None, "IMAP": "imap", "POP3": "pop3", "SIEVE": "sieve", "SUBMISSION": "smtp",
         "SMTP": "smtp"}
MAIL_DOORS = [door for door in DOORS if door != "HTTPS"]
# What a server says before STARTTLS, what is asked, and what it answers (RFC 3207, 9051, 2595, 5804).
STARTTLS = {"smtp": ((rb"^220 .*\n", b"EHLO client.test\r\n"), (rb"^250 .*\n", b"STARTTLS\r\n"), (rb"^220 .*\n", None)),
            "imap": ((rb"^\* OK.*\n", b"a STARTTLS\r\n"), (rb"^a OK.*\n", None)),
            "pop3": ((rb"^\+OK.*\n", b"STLS\r\n"), (rb"^\+OK.*\n", None)),
            "sieve": ((rb"^OK.*\n", b"STARTTLS\r\n"), (rb"^OK.*\n", None))}


def begin_tls(connection, protocol):
    for answer, command in STARTTLS[protocol]:
        text = b""
        while not re.search(answer, text, re.M):
            part = connection.recv(4096)
            assert part, f"the connection ended after {text!r}"
            text += part
        if command:
            connection.sendall(command)


class Certified:
    def __init__(self, pod, folder):
        self.pod, self.folder = pod, pathlib.Path(folder)
        self.network = Network.of(pod)
        self.authorities = {}
        # By job: how many attempts it had when it was last begun by us. Errors of those do not count.
        self.attempts = {}

    def stop(self):
        for authority in self.authorities.values():
            authority.stop()

    # Authorities and accounts.
    def authority(self, name="pebble", environment=None, configuration=None, **account):
        """An authority with an account of that name, made when it is first asked for."""
        if name not in self.authorities:
            self.authorities[name] = Authority(self.network, self.folder, environment, configuration)
            self.make_account(name, self.authorities[name], **account)
        return self.authorities[name]

    def make_account(self, name, authority, status=201, **more):
        wanted = {"name": name, "directory": authority.directory, "ca": authority.ca, "terms": authority.terms(), "contact": ["admin@example.test"]}
        _, account = self.pod.api("POST", "/api/acme/accounts", {**wanted, **more}, expect=status)
        assert status != 201 or account["state"] == "valid", account
        return account

    # Certificates.
    def get(self, name):
        return self.pod.api("GET", f"/api/certificates/{name}", expect=200)[1]

    def begun(self, answer):
        if answer.get("job"):
            self.attempts[answer["job"]["id"]] = answer["job"]["attempts"]
        return answer

    def change(self, name, **wanted):
        return self.begun(self.pod.api("PUT", f"/api/certificates/{name}", wanted, expect=200)[1])

    def create(self, name, **wanted):
        return self.begun(self.pod.api("POST", "/api/certificates", {"name": name, **wanted}, expect=201)[1])

    def order(self, name, force=True):
        """Now, although it is not due. Forced, since the tests order more than an authority allows in a week."""
        return self.begun(self.pod.api("POST", f"/api/certificates/{name}/order", {"force": force}, expect=202)[1])

    def go_on(self, name):
        """The waiting job of its order, now."""
        return self.begun({"job": self.pod.api("POST", f"/api/jobs/{self.get(name)['job']['id']}/run", expect=202)[1]})

    def failed(self, job):
        return job["state"] in ("waiting", "failed") and job["last_error"] and job["attempts"] > self.attempts.get(job["id"], 0)

    def wait(self, name, seconds=60, cut_off=False):
        """Until the certificate's order has ended well. Fails at once when an attempt failed; `cut_off`: not because its program ended."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.get(name)
            job = found["job"]
            excused = cut_off and job["last_error"] == "the program that ran it ended"
            assert not self.failed(job) or excused, f"{job}\n{self.logs()}"
            if job["state"] == "done":
                return found
            assert time.monotonic() < deadline, f"{name} was not ordered within {seconds} s: {job}\n{self.logs()}"
            self.pod.api("GET", f"/api/jobs/{job['id']}?wait=5", expect=200)

    def wait_for_failure(self, name, seconds=60):
        """Until an attempt has failed: the certificate, whose last_error says why."""
        def failed():
            found = self.get(name)
            assert found["job"]["state"] != "done", f"it did not fail: {found}"
            return found if self.failed(found["job"]) else None

        return self.pod.wait_for(failed, f"a failed attempt for {name}", seconds)

    def push_on(self, name, attempts=5):
        """Each attempt at once, until one ends well: the errors of the others."""
        errors = []

        def ended():
            found = self.get(name)["job"]
            return found if found["state"] == "done" or self.failed(found) else None

        while (job := self.pod.wait_for(ended, f"the end of an attempt for {name}"))["state"] != "done":
            errors.append(job["last_error"])
            assert len(errors) <= attempts, errors
            self.go_on(name)
        return errors

    def obtain(self, name, **wanted):
        """By a change of what is wanted, until it is proven; and shown to clients."""
        self.change(name, **{"force": True, **wanted})
        found = self.wait(name)
        self.check_shown(found)
        return found

    def new_domain(self, name, **wanted):
        self.pod.make_domain(name)
        return self.obtain(name, **wanted) if wanted else None

    def logs(self):
        words = self.pod.podman("logs", "--tail", "30", f"{self.pod.name}-api")
        return words.stdout + words.stderr

    def file(self, path):
        """A file of the volume with all certificates."""
        return self.pod.execute("api", "cat", f"/data/certificates/{path}").stdout

    def chain(self, name):
        """Of the version in use."""
        return read(self.file(f"{name}/fullchain.pem"))

    # What clients are shown.
    def shown(self, door, name, root=None):
        """The certificate for this name (SNI; "" for none). With a root, its chain must lead there and it must be for this name."""
        context = ssl.create_default_context(cadata=root) if root else self.pod.tls()
        with socket.create_connection(("127.0.0.1", self.pod.ports[door]), timeout=20) as connection:
            if DOORS[door]:
                begin_tls(connection, DOORS[door])
            with context.wrap_socket(connection, server_hostname=name or None) as secured:
                return x509.load_der_x509_certificate(secured.getpeercert(True))

    def asked_for(self, certificate):
        """(door, name) for each name that clients ask for: the web server's, and those of mail clients."""
        name = certificate["name"]
        # SNI has no addresses (RFC 6066 section 3).
        names = [one for one in certificate["version_names"] if not re.fullmatch(r"[\d.]+|[\da-f:]+", one)]
        domains = [one["name"] for one in self.pod.api("GET", "/api/domains?limit=500", expect=200)[1]["items"]]
        if name not in domains:
            return [(door, one.replace("*", "anything")) for one in names for door in MAIL_DOORS]
        wildcard = f"*.{name}" in names
        web = [one for one in (name, *(f"{host}.{name}" for host in ("www", "mail", "autoconfig", "autodiscover"))) if one in names or wildcard]
        mail = [one for one in (name, f"mail.{name}") if one in names or wildcard] + ([f"anything.{name}"] if wildcard else [])
        return [("HTTPS", one) for one in web] + [(door, one) for one in mail for door in MAIL_DOORS]

    def check_shown(self, certificate, root=None, doors=DOORS):
        """Every name is shown the version in use, at every door that serves it."""
        shown = {(door, name): fingerprint(self.shown(door, name, root)) for door, name in self.asked_for(certificate) if door in doors}
        assert shown, certificate
        wrong = {key: value for key, value in shown.items() if value != certificate["fingerprint"]}
        assert not wrong, f"{certificate['fingerprint']} is not shown: {wrong}"

    # What challenges leave behind.
    def txt(self, name):
        """TXT records below _acme-challenge, as named has them."""
        answer = dns.query.udp(dns.message.make_query(f"_acme-challenge.{name}", "TXT"), "127.0.0.1", port=self.pod.ports["DNS"], timeout=5)
        return sorted(str(item).strip('"') for rrset in answer.answer for item in rrset)

    def challenge_file(self, name, token):
        """Status and text of a challenge by HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.pod.ports["HTTP"], timeout=10)
        connection.request("GET", f"/.well-known/acme-challenge/{token}", headers={"Host": name})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def alpn_is_served(self, name):
        context = self.pod.tls()
        context.set_alpn_protocols(["acme-tls/1"])
        try:
            with socket.create_connection(("127.0.0.1", self.pod.ports["HTTPS"]), timeout=10) as connection:
                with context.wrap_socket(connection, server_hostname=name) as secured:
                    return secured.selected_alpn_protocol() == "acme-tls/1"
        except ssl.SSLError:
            return False

    def check_no_challenges(self, names, tokens):
        """Rows are gone when an order ends; named and Apache follow within moments."""
        bases = [name.removeprefix("*.") for name in names]
        rows = self.store("SELECT token, identifier FROM acme_challenges")
        assert not [identifier for token, identifier in rows if identifier in bases or token in tokens], rows

        def clean():
            left = [(name, self.txt(name)) for name in bases if self.txt(name)]
            left += [token for token in tokens if self.challenge_file("example.test", token)[0] != 404]
            left += [(name, "tls-alpn-01") for name in names if self.alpn_is_served(name)]
            assert not left, left
            return True

        with contextlib.suppress(dns.exception.DNSException):
            self.pod.wait_for(clean, "services without challenges", 10)

    # The control plane.
    def store(self, sql, *values):
        """In the control plane's database: what otherwise only time could do."""
        volume = self.pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{self.pod.name}-state").stdout.strip()
        with contextlib.closing(sqlite3.connect(f"{volume}/podplay.db", timeout=20)) as database, database:
            return [row[0] if len(row) == 1 else row for row in database.execute(sql, values).fetchall()]

    def kill_control_plane(self):
        """kill -9, and waits until it is back. Returns when it was killed."""
        old = self.pod.pid_of("api")
        os.kill(old, signal.SIGKILL)
        killed = time.monotonic()
        self.pod.wait_for(lambda: self.pod.pid_of("api") not in (0, old), "a new control plane", 60)
        self.pod.wait_ready()
        return killed

    def run_renewal(self):
        """The daily look, now: the words of its steps."""
        _, job = self.pod.api("POST", "/api/jobs/certificate_renewal/run", expect=202)

        def done():
            found = self.pod.api("GET", f"/api/jobs/{job['id']}?wait=10", expect=200)[1]
            assert not found["last_error"], found
            return found if found["state"] == "done" else None

        return {step["name"]: step for step in self.pod.wait_for(done, "the end of the renewal job", 60)["steps"]}
