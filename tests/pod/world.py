"""The pod in a world of its own: elsewhere.py in the network of the pod, and what a test makes it say."""
import contextlib
import json
import os
import pathlib
import subprocess

import own_certificates
from authority import Network

SOA = "ns1.example.test admin.example.test {serial} 3600 900 1209600 300"
SETTINGS = {"PODPLAY_MAIL_OUTBOUND": "relay", "PODPLAY_MAIL_RELAY": "relay.elsewhere.test:1587", "PODPLAY_MAIL_RELAY_TLS": "encrypt",
            "PODPLAY_DNS_FORWARDERS": "127.0.0.99", "PODPLAY_RESOLVERS": "127.0.0.97:5354", "PODPLAY_PUBLIC_IPV4": "192.0.2.25",
            "PODPLAY_DNS_SECONDARIES": "ns2.far.test=127.0.0.98", "PODPLAY_MAIL_HOURLY_MESSAGES": "60", "PODPLAY_LOGIN_LOCK": "12"}


class World:
    """elsewhere.py with its state, and the pod that lives in it."""

    def __init__(self, pod, folder):
        self.pod = pod
        self.path = pathlib.Path(folder) / "world.json"
        self.names = {
            "example.test NS": ["ns1.example.test", "ns2.far.test"],
            "ns1.example.test A": ["192.0.2.25"],
            "ns2.far.test A": ["127.0.0.98"],
            "25.2.0.192.in-addr.arpa PTR": ["mail.example.test"],
            "relay.elsewhere.test A": ["127.0.0.97"],
            # Zones that tests add are served by the same server.
            "* NS": ["ns1.example.test"],
            "example.test SOA": [SOA.format(serial=self.serial())],
        }
        self.say(relay="accept", dns=True, names=self.names)
        signer = own_certificates.Signer("CA of the relay")
        certificate, key = signer.sign(["relay.elsewhere.test"])
        for name, text in (("certificate.pem", certificate), ("key.pem", key)):
            (self.path.parent / name).write_text(text if isinstance(text, str) else text.decode())
        self.log = open(self.path.parent / "elsewhere.log", "w", encoding="utf-8")
        program = pathlib.Path(__file__).resolve().parent / "elsewhere.py"
        self.process = Network.of(pod).start("/usr/bin/python3", program, self.path, self.path.parent / "certificate.pem", self.path.parent / "key.pem",
                                             log=self.log)
        self.wait_until_heard()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def wait_until_heard(self):
        """A relay that was closed a moment ago still takes mail."""
        relay, heard = json.loads(self.path.read_text())["relay"], self.path.with_suffix(".heard")
        self.pod.wait_for(lambda: heard.exists() and heard.read_text() == relay, f"the relay that is told: {relay}", 10)

    def say(self, **state):
        known = json.loads(self.path.read_text()) if self.path.exists() else {}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(known | state))
        os.replace(beside, self.path)

    def serial(self):
        """The secondary has the zones that the pod has."""
        out = subprocess.run(["dig", "+short", "+time=2", "@127.0.0.1", "-p", str(self.pod.ports["DNS"]), "example.test", "SOA"], capture_output=True,
                             text=True).stdout
        return int(out.split()[2])

    @contextlib.contextmanager
    def told(self, **state):
        before = json.loads(self.path.read_text())
        self.say(**state)
        try:
            self.wait_until_heard()
            yield
        finally:
            self.say(**before)
            self.wait_until_heard()

    def flush(self):
        self.pod.execute("mail", "postqueue", "-f")

    def empty_queue(self):
        self.pod.execute("mail", "postsuper", "-d", "ALL")
