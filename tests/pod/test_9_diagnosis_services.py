"""Causes of DNS, certificates, the web and logins, each made in a real pod: the cause must be the first finding within 10 s of asking,
and it must be gone after the repair. The world outside is elsewhere.py, in the network of the pod."""
import pathlib
import time

import own_certificates
import pytest
from authority import Network
from faults import diagnose, expect_cause, shell, wait_until_gone
from world import SOA


# --- DNS ---

def test_a_world_that_does_not_answer(world):
    with world.told(dns=False):
        found = expect_cause(world.pod, "dns-forwarder-unreachable", "bind")
        assert found["subject"] == "127.0.0.99", found
    wait_until_gone(world.pod, "dns-forwarder-unreachable")


def test_resolvers_that_say_nothing(world):
    """The forwarder answers, but not the resolver that tells what the world sees."""
    with world.told(dns=["127.0.0.98", "127.0.0.99"]):
        found = expect_cause(world.pod, "dns-resolvers-silent", "bind")
        assert any("PODPLAY_RESOLVERS" in line for line in found["shown"]), found
    wait_until_gone(world.pod, "dns-resolvers-silent")


@pytest.mark.parametrize(("key", "records", "cause", "subject"), [
    ("example.test NS", ["ns.other.test"], "dns-delegation", "example.test"),
    ("ns1.example.test A", ["192.0.2.99"], "dns-glue", "ns1.example.test"),
    ("25.2.0.192.in-addr.arpa PTR", ["host-25.provider.test"], "dns-reverse-name", "192.0.2.25"),
])
def test_what_the_world_sees(world, key, records, cause, subject):
    with world.told(names=world.names | {key: records}):
        found = expect_cause(world.pod, cause, "bind")
        assert found["subject"] == subject, found
    wait_until_gone(world.pod, cause)


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
        found = expect_cause(pod, "certificate-key-mode")
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
        found = expect_cause(pod, "certificate-unreadable")
        assert found["subject"] == "files.test", found
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
        found = expect_cause(pod, "certificate-key-mismatch")
        assert found["subject"] == "pair.test", found
    finally:
        shell(pod, "api", f"cat /tmp/kept.key > {path}; rm /tmp/kept.key")
    wait_until_gone(pod, "certificate-key-mismatch")


def test_files_that_somebody_put_there(world):
    pod = world.pod
    pod.make_domain("put.test")
    shell(pod, "api", "cd /data/certificates/put.test && rm privkey.pem && echo nonsense > privkey.pem")
    found = expect_cause(pod, "certificate-files-refused")
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
        found = expect_cause(pod, "api-proxy-failing")
        assert any("503" in line for line in found["shown"]), found
    finally:
        shell(pod, "apache", f"cat /tmp/kept.conf > {conf}; pkill -USR1 -o -x apache2")
    wait_until_gone(pod, "api-proxy-failing", 30)


# --- zones that are old: only a minute after a change ---

def test_a_secondary_that_is_behind(world):
    pod = world.pod
    pod.wait_for(lambda: time.time() - world.serial() > 65, "a zone that has not just changed", 90)
    with world.told(names=world.names | {"example.test SOA": [SOA.format(serial=world.serial() - 5)]}):
        found = expect_cause(pod, "dns-secondary-behind", "bind")
        assert found["subject"] == "127.0.0.98", found
    wait_until_gone(pod, "dns-secondary-behind")


def test_a_zone_that_bind_does_not_serve(world):
    pod = world.pod
    pod.wait_for(lambda: time.time() - world.serial() > 65, "a zone that has not just changed", 90)
    shell(pod, "bind", "rndc -k /run/named/rndc.key delzone example.test")
    found = expect_cause(pod, "zone-serial-behind")
    assert found["subject"] == "example.test", found
    # It is repaired by itself: zones are compared in turn.
    wait_until_gone(pod, "zone-serial-behind", 240)


# --- logins, and what leaves traces of some minutes ---

def test_an_address_that_is_locked(world):
    """A client with an address of its own, since those of port forwards are never locked."""
    pod = world.pod
    network = Network.of(pod)
    address = "198.51.100.9"
    guess = ("import http.client, json\n"
             f"for number in range(11):\n"
             f"    client = http.client.HTTPConnection('127.0.0.1', 8600, source_address=('{address}', 0), timeout=20)\n"
             "    client.request('POST', '/api/login', json.dumps({'email': f'any{number}@example.test', 'password': 'wrong'}), "
             "{'Content-Type': 'application/json'})\n"
             "    print(client.getresponse().status)\n")
    assert network.run("ip", "address", "add", f"{address}/32", "dev", "lo").returncode == 0
    try:
        done = network.run("python3", "-c", guess)
        assert done.stdout.split()[-1] == "429", done
        assert expect_cause(pod, "address-locked", "api")["subject"] == address
    finally:
        network.run("ip", "address", "del", f"{address}/32", "dev", "lo")
    # PODPLAY_LOGIN_LOCK
    wait_until_gone(pod, "address-locked")


def test_guessing_in_bulk(world):
    pod = world.pod
    for number in range(105):
        pod.api("POST", "/api/login", {"email": f"guess{number % 30}@example.test", "password": f"wrong {number}"}, token="")
    found = expect_cause(pod, "password-guessing")
    assert any("wrong passwords" in line for line in found["shown"]), found


def test_mail_that_goes_round(world):
    """Servers that send it to each other without end have put 60 lines into it. Here, since in the world of mail bounces count still."""
    pod = world.pod
    person = pod.make_user()
    hops = "".join(f"Received: from a{number}.far.test by b.far.test; Thu, 26 Nov 2026 12:00:00 +0000\n" for number in range(60))
    done = pod.podman("exec", "-i", f"{pod.name}-mail", "sendmail", "-f", "admin@example.test", person, input=f"{hops}Subject: round\n\nx\n")
    assert done.returncode == 0, done.stderr
    found = expect_cause(pod, "mail-loop", "mail")
    assert found["subject"] == person, found


# --- certificates of an authority ---

def test_a_renewal_that_fails(quiet_certified):
    pod = quiet_certified.pod
    quiet_certified.authority("strict", configuration={"domainBlocklist": ["refused.test"]})
    quiet_certified.new_domain("refused.test")
    quiet_certified.change("refused.test", issuer="strict", force=True)
    quiet_certified.wait_for_failure("refused.test")
    found = expect_cause(pod, "certificate-renewal-failing")
    assert found["subject"] == "refused.test" and any("refused.test" in line for line in found["shown"]), found
    quiet_certified.change("refused.test", issuer="internal")
    wait_until_gone(pod, "certificate-renewal-failing")


def test_a_certificate_that_has_expired(quiet_certified):
    """It is valid for half a minute, and its authority is away when it must be renewed."""
    pod = quiet_certified.pod
    life = {"validityPeriod": 30}
    authority = quiet_certified.authority("brief", configuration={"certificateValidityPeriod": 30, "profiles": {"default": {"description": "brief", **life}}})
    quiet_certified.new_domain("brief.test")
    quiet_certified.change("brief.test", issuer="brief", force=True)
    quiet_certified.pod.wait_for(lambda: quiet_certified.get("brief.test")["version_issuer"] == "brief", "a brief certificate", 60)
    authority.stop()
    pod.wait_for(lambda: any(one["cause"] == "certificate-expired" for one in diagnose(pod)), "a certificate that has expired", 60)
    found = expect_cause(pod, "certificate-expired")
    assert found["subject"] == "brief.test", found
    quiet_certified.change("brief.test", issuer="internal", allow_weaker=True)
    wait_until_gone(pod, "certificate-expired", 60)
