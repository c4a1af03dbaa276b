"""Causes of mail, logins, certificates, DNS and the web, each made in a real pod: the cause must be the first finding within 10 s of asking,
and it must be gone after the repair. The world outside is elsewhere.py, in the network of the pod."""
import contextlib
import json
import os
import pathlib
import smtplib
import sqlite3
import subprocess
import time

import own_certificates
import pytest
from authority import Network
from conftest import PREFIX, remove_leftovers, started_pod
from faults import diagnose, expect_cause, expect_none, shell, show

PASSWORD = "correct horse 1"
SOA = "ns1.example.test admin.example.test {serial} 3600 900 1209600 300"


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
        }
        self.say(relay="accept", dns=True, names=self.names)
        signer = own_certificates.Signer("CA of the relay")
        certificate, key = signer.sign(["relay.elsewhere.test"])
        for name, text in (("certificate.pem", certificate), ("key.pem", key)):
            (self.path.parent / name).write_text(text if isinstance(text, str) else text.decode())
        self.log = open(self.path.parent / "elsewhere.log", "w", encoding="utf-8")
        program = pathlib.Path(__file__).resolve().parent / "elsewhere.py"
        self.process = Network.of(pod).start("/usr/bin/python3", program, self.path, self.path.parent / "certificate.pem", self.path.parent / "key.pem", log=self.log)

    def say(self, **state):
        known = json.loads(self.path.read_text()) if self.path.exists() else {}
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(known | state))
        os.replace(beside, self.path)

    def serial(self):
        """The secondary has the zones that the pod has."""
        answer = self.pod.execute("api", "sh", "-c", "true")
        assert answer.returncode == 0
        out = subprocess.run(["dig", "+short", "+time=2", "@127.0.0.1", "-p", str(self.pod.ports["DNS"]), "example.test", "SOA"], capture_output=True, text=True).stdout
        return int(out.split()[2])

    @contextlib.contextmanager
    def told(self, **state):
        before = json.loads(self.path.read_text())
        self.say(**state)
        try:
            yield
        finally:
            self.say(**before)

    def flush(self):
        self.pod.execute("mail", "postqueue", "-f")

    def empty_queue(self):
        self.pod.execute("mail", "postsuper", "-d", "ALL")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    remove_leftovers()
    settings = {"PODPLAY_MAIL_OUTBOUND": "relay", "PODPLAY_MAIL_RELAY": "relay.elsewhere.test:1587", "PODPLAY_MAIL_RELAY_TLS": "encrypt",
                "PODPLAY_DNS_FORWARDERS": "127.0.0.99", "PODPLAY_RESOLVERS": "127.0.0.97:5354", "PODPLAY_PUBLIC_IPV4": "192.0.2.25",
                "PODPLAY_DNS_SECONDARIES": "ns2.far.test=127.0.0.98", "PODPLAY_MAIL_HOURLY_MESSAGES": "60"}
    with started_pod(f"{PREFIX}{os.getpid()}-world", settings) as one:
        there = World(one, tmp_path_factory.mktemp("world"))
        there.names["example.test SOA"] = [SOA.format(serial=there.serial())]
        there.say(names=there.names)
        try:
            yield there
        finally:
            there.process.kill()
            there.process.wait()


def wait_until_gone(pod, cause, seconds=20):
    pod.wait_for(lambda: all(one["cause"] != cause for one in diagnose(pod)), f"the end of {cause}", seconds)


def send(pod, sender, recipient, count=1):
    with pod.submission(sender, PASSWORD) as client:
        for number in range(count):
            client.sendmail(sender, [recipient], f"From: {sender}\r\nTo: {recipient}\r\nSubject: {number}\r\n\r\nhello\r\n")


def test_a_pod_in_a_world_that_is_well_has_no_finding(world):
    expect_none(world.pod, 20)


# --- mail for others ---

@pytest.mark.parametrize(("relay", "cause"), [("closed", "mail-deferred-refused"), ("greylist", "mail-deferred-greylisted"),
                                              ("policy", "mail-deferred-policy"), ("plain", "mail-deferred-tls")])
def test_mail_that_the_relay_does_not_take(world, relay, cause):
    pod = world.pod
    person = pod.make_user()
    with world.told(relay=relay):
        send(pod, person, f"{relay}@far.test")
        found = expect_cause(pod, cause, "mail")
        assert any(f"{relay}@far.test" in line for line in found["shown"]), found
    time.sleep(0.5)
    world.flush()
    wait_until_gone(pod, cause)
    world.empty_queue()
    expect_none(pod)


def test_a_relay_whose_name_cannot_be_looked_up(world):
    pod = world.pod
    person = pod.make_user()
    time.sleep(2)
    with world.told(names=world.names | {"relay.elsewhere.test A": "servfail", "relay.elsewhere.test AAAA": "servfail"}):
        send(pod, person, "lost@far.test")
        found = expect_cause(pod, "mail-deferred-dns", "mail")
        assert any("relay.elsewhere.test" in line for line in found["shown"]), found
    time.sleep(2)
    world.flush()
    wait_until_gone(pod, "mail-deferred-dns", 40)
    world.empty_queue()
    expect_none(pod)


def test_a_queue_that_grows(world):
    pod = world.pod
    with world.told(relay="closed"):
        diagnose(pod)
        shell(pod, "mail", "for i in $(seq 160); do printf 'From: a@example.test\\nSubject: x\\n\\nx\\n' | sendmail -f admin@example.test many$i@far.test; done")
        found = expect_cause(pod, "mail-deferred-refused", "mail")
        pod.wait_for(lambda: "the queue of mail grows" in " ".join(diagnose(pod)[0]["follows"]), "a queue that grows", 30)
        assert found
    time.sleep(0.5)
    world.flush()
    wait_until_gone(pod, "mail-deferred-refused", 40)
    world.empty_queue()
    expect_none(pod)


def test_sending_that_is_turned_off(pod):
    person = pod.make_user()
    send(pod, person, "later@far.test")
    found = expect_cause(pod, "mail-outbound-off", "mail")
    assert any("later@far.test" in line for line in found["shown"]), found
    pod.execute("mail", "postsuper", "-d", "ALL")
    wait_until_gone(pod, "mail-outbound-off")


def test_a_directory_that_does_not_go_on(world):
    """Somebody holds the lock of the copy, so that its agent cannot write it."""
    pod = world.pod
    # Not by /proc/PID/root, which SQLite would resolve to the host's own root.
    done = pod.podman("inspect", "--format", '{{range .Mounts}}{{if eq .Destination "/data/service"}}{{.Source}}{{end}}{{end}}', f"{pod.name}-mail")
    copy = sqlite3.connect(f"{done.stdout.strip()}/replica/replica.db", isolation_level=None)
    copy.execute("BEGIN IMMEDIATE")
    try:
        pod.api("POST", "/api/users", {"email": "late@example.test", "password": PASSWORD}, expect=201)
        assert [one for one in expect_any(pod, "directory-stale") if one["cause"] == "directory-stale"]
    finally:
        copy.rollback()
        copy.close()
    wait_until_gone(pod, "directory-stale", 40)


# --- people ---

def test_a_mailbox_that_is_full(world):
    pod = world.pod
    person = pod.make_user(quota=20480)
    with pod.smtp() as client:
        client.sendmail("x@far.test", [person], b"Subject: large\r\n\r\n" + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 235)
    pod.wait_for_message(person, "large")
    found = expect_cause(pod, "mail-mailbox-full", "mail")
    assert found["subject"] == person, found
    pod.api("PUT", f"/api/users/{person}?wait=15", {"quota": 1 << 20}, expect=200)
    wait_until_gone(pod, "mail-mailbox-full")
    expect_none(pod)


def test_bounces_and_an_account_that_sends_too_much(world):
    pod = world.pod
    person = pod.make_user()
    with world.told(relay="bounce"):
        send(pod, person, "nobody@far.test", 30)
        found = expect_cause(pod, "mail-bounce-burst", "mail")
        assert any("nobody@far.test" in line for line in found["shown"]), found
    with pytest.raises(smtplib.SMTPException):
        send(pod, person, "nobody@far.test", 40)
    found = expect_cause(pod, "mail-account-sends-spam", "mail")
    assert found["subject"] == person and any("bounces" in line for line in found["follows"]), found


def test_mail_that_goes_round(world):
    """Servers that send it to each other without end have put 60 lines into it."""
    pod = world.pod
    person = pod.make_user()
    hops = "".join(f"Received: from a{number}.far.test by b.far.test; Thu, 26 Nov 2026 12:00:00 +0000\n" for number in range(60))
    done = pod.podman("exec", "-i", f"{pod.name}-mail", "sendmail", "-f", "admin@example.test", person, input=f"{hops}Subject: round\n\nx\n")
    assert done.returncode == 0, done.stderr
    found = [one for one in expect_any(pod, "mail-loop") if one["cause"] == "mail-loop"][0]
    assert found["subject"] == person, found


def expect_any(pod, cause):
    """The cause among the findings: those of earlier tests count lines of the last 15 minutes."""
    deadline = time.monotonic() + 10
    while True:
        findings = diagnose(pod)
        if any(one["cause"] == cause for one in findings):
            return findings
        assert time.monotonic() < deadline, show(findings)
        time.sleep(0.3)


def test_guessing_in_bulk(world):
    pod = world.pod
    for number in range(105):
        pod.api("POST", "/api/login", {"email": f"guess{number % 30}@example.test", "password": f"wrong {number}"}, token="")
    found = [one for one in expect_any(pod, "password-guessing") if one["cause"] == "password-guessing"][0]
    assert any("wrong passwords" in line for line in found["shown"]), found


# --- DNS ---

def first_of_dns(pod, cause):
    """The first finding that is not a warning of an earlier test."""
    findings = [one for one in expect_any(pod, cause) if one["service"] == "bind"]
    assert findings[0]["cause"] == cause, show(findings)
    return findings[0]


def test_a_world_that_does_not_answer(world):
    with world.told(dns=False):
        found = first_of_dns(world.pod, "dns-forwarder-unreachable")
        assert found["subject"] == "127.0.0.99", found
    wait_until_gone(world.pod, "dns-forwarder-unreachable")


@pytest.mark.parametrize(("key", "records", "cause", "subject"), [
    ("example.test NS", ["ns.other.test"], "dns-delegation", "example.test"),
    ("ns1.example.test A", ["192.0.2.99"], "dns-glue", "ns1.example.test"),
    ("25.2.0.192.in-addr.arpa PTR", ["host-25.provider.test"], "dns-reverse-name", "192.0.2.25"),
])
def test_what_the_world_sees(world, key, records, cause, subject):
    with world.told(names=world.names | {key: records}):
        found = [one for one in expect_any(world.pod, cause) if one["cause"] == cause][0]
        assert found["subject"] == subject, found
    wait_until_gone(world.pod, cause)


def test_a_secondary_that_is_behind(world):
    pod = world.pod
    pod.wait_for(lambda: time.time() - world.serial() > 65, "a zone that has not just changed", 90)
    with world.told(names=world.names | {"example.test SOA": [SOA.format(serial=world.serial() - 5)]}):
        found = first_of_dns(pod, "dns-secondary-behind")
        assert found["subject"] == "127.0.0.98", found
    wait_until_gone(pod, "dns-secondary-behind")


def test_a_zone_that_bind_does_not_serve(world):
    pod = world.pod
    pod.wait_for(lambda: time.time() - world.serial() > 65, "a zone that has not just changed", 90)
    shell(pod, "bind", "rndc -k /run/named/rndc.key delzone example.test")
    found = [one for one in expect_any(pod, "zone-serial-behind") if one["cause"] == "zone-serial-behind"][0]
    assert found["subject"] == "example.test", found
    # It is repaired by itself: zones are compared in turn.
    wait_until_gone(pod, "zone-serial-behind", 240)


# --- certificates ---

def key_of(pod, name):
    _, found = pod.api("GET", f"/api/certificates/{name}", expect=200)
    return f"/data/certificates/{name}/versions/{found['fingerprint']}/privkey.pem"


def test_a_key_of_a_wrong_mode(world):
    pod = world.pod
    pod.make_domain("mode.test")
    path = key_of(pod, "mode.test")
    shell(pod, "api", f"chmod 0600 {path}")
    try:
        found = [one for one in expect_any(pod, "certificate-key-mode") if one["cause"] == "certificate-key-mode"][0]
        assert found["subject"] == "mode.test" and any(path in line for line in found["shown"]), found
    finally:
        shell(pod, "api", f"chmod 0640 {path}")
    wait_until_gone(pod, "certificate-key-mode")


def test_a_certificate_whose_files_are_gone(world):
    pod = world.pod
    pod.make_domain("files.test")
    folder = pathlib.PurePath(key_of(pod, "files.test")).parent
    shell(pod, "api", f"mv {folder} {folder}.kept")
    try:
        found = expect_any(pod, "certificate-unreadable")
        assert found[0]["cause"] == "certificate-unreadable" and found[0]["subject"] == "files.test", show(found)
    finally:
        shell(pod, "api", f"rm -rf {folder}; mv {folder}.kept {folder}")
    wait_until_gone(pod, "certificate-unreadable")


def test_a_key_that_is_another_ones(world):
    pod = world.pod
    pod.make_domain("pair.test")
    path = key_of(pod, "pair.test")
    shell(pod, "api", f"cat {path} > /tmp/kept.key")
    done = pod.podman("exec", "-i", f"{pod.name}-api", "sh", "-c", f"cat > {path}", input=own_certificates.key_pem(own_certificates.new_key()))
    assert done.returncode == 0, done.stderr
    try:
        found = expect_any(pod, "certificate-key-mismatch")
        assert found[0]["cause"] == "certificate-key-mismatch" and found[0]["subject"] == "pair.test", show(found)
    finally:
        shell(pod, "api", f"cat /tmp/kept.key > {path}; rm /tmp/kept.key")
    wait_until_gone(pod, "certificate-key-mismatch")


def test_files_that_somebody_put_there(world):
    pod = world.pod
    pod.make_domain("put.test")
    shell(pod, "api", "cd /data/certificates/put.test && rm privkey.pem && echo nonsense > privkey.pem")
    found = [one for one in expect_any(pod, "certificate-files-refused") if one["cause"] == "certificate-files-refused"][0]
    assert found["subject"] == "put.test", found
    shell(pod, "api", "rm /data/certificates/put.test/privkey.pem")
    wait_until_gone(pod, "certificate-files-refused", 30)


# --- the web ---

def test_apache_does_not_reach_the_control_plane(world):
    """The rewritten configuration sends the API to a port where nobody listens."""
    pod = world.pod
    conf = "/data/service/current/etc/apache2/apache2.conf"
    shell(pod, "apache", f"cp {conf} /tmp/kept.conf; sed -i 's#http://127.0.0.1:[0-9]*/#http://127.0.0.1:9/#' {conf}; pkill -USR1 -o -x apache2")
    try:
        found = [one for one in expect_any(pod, "api-proxy-failing") if one["cause"] == "api-proxy-failing"][0]
        assert any("503" in line for line in found["shown"]), found
    finally:
        shell(pod, "apache", f"cat /tmp/kept.conf > {conf}; pkill -USR1 -o -x apache2")
    wait_until_gone(pod, "api-proxy-failing", 30)


# --- certificates of an authority ---

def test_a_renewal_that_fails(certified):
    pod = certified.pod
    certified.authority("strict", configuration={"domainBlocklist": ["refused.test"]})
    certified.new_domain("refused.test")
    certified.change("refused.test", issuer="strict", force=True)
    certified.wait_for_failure("refused.test")
    found = expect_cause(pod, "certificate-renewal-failing")
    assert found["subject"] == "refused.test" and any("refused.test" in line for line in found["shown"]), found
    certified.change("refused.test", issuer="internal")
    wait_until_gone(pod, "certificate-renewal-failing")


def test_a_certificate_that_has_expired(certified):
    """It is valid for half a minute, and its authority is away when it must be renewed."""
    pod = certified.pod
    life = {"validityPeriod": 30}
    authority = certified.authority("brief", configuration={"certificateValidityPeriod": 30, "profiles": {"default": {"description": "brief", **life}}})
    certified.new_domain("brief.test")
    certified.change("brief.test", issuer="brief", force=True)
    certified.pod.wait_for(lambda: certified.get("brief.test")["version_issuer"] == "brief", "a brief certificate", 60)
    authority.stop()
    pod.wait_for(lambda: any(one["cause"] == "certificate-expired" for one in diagnose(pod)), "a certificate that has expired", 60)
    found = expect_cause(pod, "certificate-expired")
    assert found["subject"] == "brief.test", found
    certified.change("brief.test", issuer="internal", allow_weaker=True)
    wait_until_gone(pod, "certificate-expired", 60)
