"""The pod of the tests, driven by the command line, the API, and real protocol clients."""
import base64
import http.client
import imaplib
import json
import poplib
import smtplib
import socket
import ssl
import subprocess
import time
import uuid

from answers import Description

# Of no known password.
SOME_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG0000000000w"


class Pod:
    def __init__(self, root, name, ports, environment, overrides):
        self.root, self.name, self.ports, self.environment, self.overrides = root, name, ports, environment, overrides
        self.admin_password = ""
        self.token = ""
        self.used_secrets = []
        # Every answer of the API is checked with it.
        self.description = None

    # The command line.
    def run(self, *arguments, input="", timeout=180):
        return subprocess.run([self.root / "bin/podplay", *arguments], capture_output=True, text=True, input=input, timeout=timeout,
                              env=self.environment)

    def cli(self, *arguments, input="", code=0, timeout=180):
        done = self.run(*arguments, input=input, timeout=timeout)
        assert done.returncode == code, f"podplay {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def up(self):
        return self.cli("up")

    def down(self):
        return self.run("down")

    def podman(self, *arguments, timeout=60, input=""):
        return subprocess.run([self.root / "bin/podplay", "podman", *arguments], capture_output=True, text=True, timeout=timeout, input=input,
                              env=self.environment)

    def pid_of(self, service):
        """The pid of process 1 of the service's container; 0 while it does not run."""
        return int(self.podman("inspect", "--format", "{{.State.Pid}}", f"{self.name}-{service}").stdout or 0)

    def execute(self, service, *command):
        return self.podman("exec", f"{self.name}-{service}", *command)

    # The API.
    def api(self, method, path, body=None, token=None, headers=None, port=None, expect=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.ports["API"], timeout=240)
        headers = dict(headers or {})
        if token is None:
            token = self.token
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            data = body if isinstance(body, (str, bytes)) else json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        result = json.loads(text) if text else None
        if port is None:
            self.description = self.description or Description(self.ports["API"])
            self.description.check(method, path, answer.status, answer.headers, result)
        if expect is not None:
            assert answer.status == expect, f"{method} {path}: {answer.status} {result}"
        return answer.status, result

    def login(self):
        _, answer = self.api("POST", "/api/login", {"email": "admin@example.test", "password": self.admin_password}, token="", expect=200)
        self.token = answer["token"]
        self.used_secrets += [self.token, self.admin_password]

    def make_user(self, email=None, password="correct horse 1", **more):
        email = email or f"u{uuid.uuid4().hex[:8]}@example.test"
        _, user = self.api("POST", "/api/users?wait=15", {"email": email, "password": password, **more}, expect=201)
        assert user["applied"]["state"] == "applied", user
        self.used_secrets.append(password)
        return email

    def import_users(self, emails):
        lines = "\n".join(json.dumps({"email": email, "password_hash": SOME_HASH}) for email in emails)
        _, answer = self.api("POST", "/api/users/import?wait=60", lines, headers={"Content-Type": "application/x-ndjson"}, expect=201)
        return answer

    def make_domain(self, name):
        _, domain = self.api("POST", "/api/domains?wait=30", {"name": name}, expect=201)
        assert domain["applied"]["state"] == "applied", domain

    # Mail.
    @staticmethod
    def tls():
        """Verifies nothing. Not the default context, which reads the system's CAs: 27 ms for each connection."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def imap_connection(self):
        return imaplib.IMAP4_SSL("127.0.0.1", self.ports["IMAPS"], ssl_context=self.tls(), timeout=20)

    def imap(self, email, password="correct horse 1"):
        client = self.imap_connection()
        # imaplib quotes only the password; a name may have characters that an atom may not (RFC 3501 section 9).
        client.login(f'"{email}"', password)
        return client

    def pop3(self, email, password="correct horse 1"):
        client = poplib.POP3_SSL("127.0.0.1", self.ports["POP3S"], context=self.tls(), timeout=20)
        client.user(email)
        client.pass_(password)
        return client

    def submission(self, email=None, password="correct horse 1"):
        client = smtplib.SMTP("127.0.0.1", self.ports["SUBMISSION"], local_hostname="client.test", timeout=20)
        client.starttls(context=self.tls())
        if email:
            client.login(email, password)
        return client

    def put_sieve(self, email, script, password="correct horse 1"):
        """Uploads and activates a script by ManageSieve (RFC 5804) under STARTTLS."""
        connection = socket.create_connection(("127.0.0.1", self.ports["SIEVE"]), timeout=20)

        def answer():
            while not (line := stream.readline()).startswith((b"OK", b"NO", b"BYE")):
                assert line, "the connection ended"
            assert line.startswith(b"OK"), line

        def command(data):
            connection.sendall(data + b"\r\n")
            answer()

        stream = connection.makefile("rb")
        answer()
        command(b"STARTTLS")
        connection = self.tls().wrap_socket(connection)
        stream = connection.makefile("rb")
        answer()
        command(b'AUTHENTICATE "PLAIN" "' + base64.b64encode(f"\0{email}\0{password}".encode()) + b'"')
        command(b'PUTSCRIPT "main" {%d+}\r\n%s' % (len(script), script.encode()))
        command(b'SETACTIVE "main"')
        connection.close()

    def smtp(self):
        return smtplib.SMTP("127.0.0.1", self.ports["SMTP"], local_hostname="stranger.test", timeout=20)

    def send(self, sender, recipients, subject, text="hello", password="correct horse 1"):
        with self.submission(sender, password) as client:
            return client.sendmail(sender, recipients, f"From: {sender}\r\nTo: {', '.join(recipients)}\r\nSubject: {subject}\r\n\r\n{text}\r\n")

    def wait_for_message(self, email, subject, password="correct horse 1", seconds=15):
        def look():
            client = self.imap(email, password)
            try:
                client.select("INBOX")
                _, found = client.search(None, "SUBJECT", f'"{subject}"')
                if not found[0]:
                    return None
                _, data = client.fetch(found[0].split()[0], "(RFC822)")
                return data[0][1].decode()
            finally:
                client.logout()

        return self.wait_for(look, f"a message '{subject}' in {email}", seconds)

    def wait_for(self, look, what, seconds=30):
        """Waits until look() returns something; fails with the last lines of the mail log."""
        deadline = time.monotonic() + seconds
        problem = None
        while time.monotonic() < deadline:
            try:
                found = look()
                if found:
                    return found
                problem = found
            except (OSError, imaplib.IMAP4.error, smtplib.SMTPException, poplib.error_proto, AssertionError, http.client.HTTPException) as error:
                problem = error
            time.sleep(0.1)
        words = self.podman("logs", "--tail", "20", f"{self.name}-mail")
        raise AssertionError(f"{what} did not come within {seconds} s ({problem!r})\n{words.stdout}{words.stderr}")

    def wait_ready(self, seconds=60):
        return self.wait_for(lambda: self.api("GET", "/readyz", token="")[0] == 200, "readiness", seconds)

    def container_ids(self):
        done = self.podman("ps", "--filter", f"pod={self.name}", "--format", "{{.ID}} {{.Names}}")
        assert done.returncode == 0, done.stderr
        return done.stdout
