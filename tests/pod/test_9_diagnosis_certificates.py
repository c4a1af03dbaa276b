"""Causes of certificates, of the link between agents and control plane, of clocks and versions, each made in a real pod: as in
test_9_diagnosis.py, the cause must be the first finding within 10 s, and gone after the repair."""
import shutil
import time

import pytest

from authority import Network
from faults import diagnose, expect_cause, expect_none, in_mounts, repaired, shell, show
from in_container import OtherClock, replaced, restart
from own_certificates import DAY, Signer, read

LINK_PORT = "8601"
HOUR = 3600


@pytest.fixture
def pod(quiet_pod):
    return quiet_pod


@pytest.fixture(scope="module")
def company():
    """An authority of the test's own, and the one below it that signs."""
    root = Signer("Root of the test")
    return Signer("Issuing CA of the test", root)


def upload(pod, company, name, names=None):
    """A certificate for these names; otherwise for those that are wanted of it."""
    names = names or pod.api("GET", f"/api/certificates/{name}", expect=200)[1]["names"]
    certificate, key = company.sign(names)
    pod.api("POST", f"/api/certificates/{name}/upload?wait=30", {"certificate": certificate + company.pem, "key": key}, expect=200)


def version_of(pod, name):
    """The folder of the version in use."""
    _, found = pod.api("GET", f"/api/certificates/{name}", expect=200)
    return f"/data/certificates/{name}/versions/{found['fingerprint']}"


def order(pod, name):
    pod.api("POST", f"/api/certificates/{name}/order", {}, expect=202)


def overridden(pod, service, path, added):
    """Replaces a template by itself with these lines at its end. Returns the folder to remove."""
    folder = pod.overrides / service / path
    folder.parent.mkdir(parents=True)
    template = pod.root / "services" / service / "rootfs" / path
    folder.write_text(template.read_text() + added)
    return pod.overrides / service


# --- certificates ---

def test_a_chain_without_the_issuer(pod, company):
    pod.make_domain("chain.test")
    upload(pod, company, "chain.test")
    expect_none(pod)
    folder = version_of(pod, "chain.test")
    with repaired(pod, "api", f"cp {folder}/fullchain.pem /tmp/kept.pem; cat {folder}/cert.pem > {folder}/fullchain.pem",
                  f"cat /tmp/kept.pem > {folder}/fullchain.pem"):
        found = expect_cause(pod, "certificate-chain-incomplete", "api", line="no issuer")
        assert found["subject"] == "chain.test", found


def test_a_chain_of_another_issuer(pod, company):
    pod.make_domain("cross.test")
    upload(pod, company, "cross.test")
    folder = version_of(pod, "cross.test")
    other = Signer("Another CA").pem
    with repaired(pod, "api", f"cp {folder}/fullchain.pem /tmp/kept.pem; (cat {folder}/cert.pem; echo '{other}') > {folder}/fullchain.pem",
                  f"cat /tmp/kept.pem > {folder}/fullchain.pem"):
        assert expect_cause(pod, "certificate-chain-incomplete", "api")["subject"] == "cross.test"


def test_a_certificate_that_signed_itself_has_no_issuer_to_miss(pod):
    pod.make_domain("own.test")
    names = pod.api("GET", "/api/certificates/own.test", expect=200)[1]["names"]
    owner = Signer(names[0])
    certificate, key = owner.sign(names, key=owner.key)
    pod.api("POST", "/api/certificates/own.test/upload?wait=30", {"certificate": certificate, "key": key, "allow_weaker": True}, expect=200)
    expect_none(pod)


def test_names_that_the_certificate_does_not_hold(pod, company):
    """They were added after the upload, and nobody but the owner can get another certificate."""
    pod.make_domain("names.test")
    upload(pod, company, "names.test")
    expect_none(pod)
    _, before = pod.api("GET", "/api/certificates/names.test", expect=200)
    pod.api("PUT", "/api/certificates/names.test", {"names": [*before["names"], "shop.names.test"]}, expect=200)
    try:
        found = expect_cause(pod, "certificate-other-name", "api", line="shop.names.test")
        assert found["subject"] == "names.test" and "www.names.test" not in found["shown"][0], found
    finally:
        upload(pod, company, "names.test")
        expect_none(pod)


# Of each service: where its own certificate is configured, how the daemon reads it again, and the probe that tells.
SHOWN = {
    "mail": ("/data/service/current/etc/dovecot-login/dovecot.conf", "doveadm -c /etc/dovecot-login/dovecot.conf reload", "imaps-certificate"),
    "apache": ("/data/service/current/etc/apache2/apache2.conf", "pkill -USR1 -o -x apache2", "https-"),
}


@pytest.mark.parametrize("service", SHOWN)
def test_a_port_that_shows_another_certificate(pod, service):
    pod.make_domain(f"shown-{service}.test")
    conf, reload, probe = SHOWN[service]
    other = version_of(pod, f"shown-{service}.test")
    with repaired(pod, service, f"cp {conf} /tmp/kept.conf; sed -i 's#/data/certificates/[a-z.]*/versions/[0-9a-f]*/#{other}/#' {conf}; {reload}",
                  f"cat /tmp/kept.conf > {conf}; {reload}"):
        found = expect_cause(pod, "certificate-not-shown", service)
        assert found["shown"][0].startswith(probe) and "shows" in found["shown"][0], found


def test_a_certificate_that_dovecot_refuses(pod):
    """The lines for a certificate are a template's, and this one has a line that Dovecot does not know."""
    folder = overridden(pod, "mail", "etc/dovecot-login/certificate.conf.tmpl", "no_such_setting = yes\n")
    try:
        pod.api("POST", "/api/domains?wait=20", {"name": "unused.test"})
        found = expect_cause(pod, "certificate-refused", "mail", line="no_such_setting")
        assert found["subject"] == "unused.test", found
    finally:
        shutil.rmtree(folder)
        order(pod, "unused.test")
        expect_none(pod)


def test_a_site_without_a_certificate(pod):
    """Apache sees another volume than the control plane."""
    in_mounts(pod, "apache", "mount", "-t", "tmpfs", "none", "/data/certificates")
    try:
        pod.api("POST", "/api/domains?wait=20", {"name": "site.test"})
        found = expect_cause(pod, "site-certificate", "apache", line="/data/certificates/site.test")
        assert found["subject"] == "site.test", found
    finally:
        in_mounts(pod, "apache", "umount", "-l", "/data/certificates")
        order(pod, "site.test")
        expect_none(pod)


# --- the link ---

def test_agents_that_do_not_reach_the_control_plane(pod):
    network = Network.of(pod)
    rule = ["OUTPUT", "-p", "tcp", "--dport", LINK_PORT, "-j", "REJECT", "--reject-with", "tcp-reset"]
    assert network.run("iptables", "-I", *rule).returncode == 0
    try:
        # They wait for something to do, which comes to them; what they send then does not arrive.
        pod.api("POST", "/api/domains", {"name": "cut-off.test"}, expect=201)
        seen = []

        def ask(pod):
            seen.append(diagnose(pod))
            return seen[-1]

        expect_cause(pod, "agent-not-linked", line=LINK_PORT, ask=ask)
        assert {one["cause"] for one in seen[-1]} == {"agent-not-linked"}, show(seen[-1])
    finally:
        assert network.run("iptables", "-D", *rule).returncode == 0
        expect_none(pod, 90)


def test_a_certificate_of_the_link_that_has_expired(pod):
    """An agent that was away for longer than its certificate is valid enrols again. It cannot when the secret is no longer the same."""
    link, secret = "/run/podplay-link", "/data/state/enrolment"
    name = read(shell(pod, "bind", f"cat {link}/certificate.pem"))[0].subject.rfc4514_string().split("CN=")[1].split(",")[0]
    certificate, key = Signer("CA of last week").sign([name], begins=-2 * DAY, ends=-DAY)
    shell(pod, "api", f"cp {secret}/bind@main.hash /tmp/; chmod u+w {secret}/bind@main.hash; echo wrong > {secret}/bind@main.hash")
    try:
        shell(pod, "bind", f"echo '{key}' > {link}/key.pem; echo '{certificate}' > {link}/certificate.pem")
        restart(pod, "bind")
        expect_cause(pod, "link-certificate-expired", "bind", line="expired")
    finally:
        shell(pod, "api", f"cat /tmp/bind@main.hash > {secret}/bind@main.hash")
        expect_none(pod, 90)


def test_an_agent_of_another_version(pod):
    version = (pod.root / "VERSION").read_text().strip().encode()
    other = version[:-1] + bytes([version[-1] ^ 1])
    with replaced(pod, "bind", "usr/bin/podplay-agent", lambda program: program.replace(version + b"\0", other + b"\0")):
        expect_cause(pod, "versions-differ", "bind", line=other.decode())
    expect_none(pod, 90)


# --- clocks ---

@pytest.fixture(scope="module")
def clock_of_bind(quiet_pod, tmp_path_factory):
    """Of the agent and the daemons of bind."""
    clock = OtherClock(quiet_pod, "bind", tmp_path_factory.mktemp("clock"))
    yield clock
    clock.remove()


@pytest.fixture(scope="module")
def clock_of_api(quiet_pod, tmp_path_factory):
    """Of the control plane."""
    clock = OtherClock(quiet_pod, "api", tmp_path_factory.mktemp("clock"))
    yield clock
    clock.remove()


@pytest.mark.parametrize("seconds", [90, -90])
def test_a_machine_whose_clock_is_not_ours(pod, clock_of_bind, seconds):
    clock_of_bind.set(seconds)
    try:
        expect_cause(pod, "clock-skew", "bind", line=" s from the control plane's")
        assert [one["cause"] for one in diagnose(pod)] == ["clock-skew"]
    finally:
        clock_of_bind.set(0)
        expect_none(pod)


def test_a_clock_that_is_in_the_past(pod, clock_of_api):
    clock_of_api.set(-24 * HOUR)
    try:
        found = expect_cause(pod, "clock-wrong", "host", line="authority was made")
        assert time.strftime("%Y-%m-%d", time.gmtime(time.time() - 24 * HOUR)) in found["shown"][0], found
    finally:
        clock_of_api.set(0)
        expect_none(pod, 90)


def test_a_certificate_from_the_future(pod, clock_of_api):
    """The clock was wrong when it was made, and was set right since."""
    pod.make_domain("early.test")
    clock_of_api.set(2 * HOUR)
    try:
        order(pod, "early.test")
    finally:
        clock_of_api.set(0)
    found = expect_cause(pod, "certificate-not-yet-valid", "api", line="early.test")
    assert found["subject"] == "early.test" and len(diagnose(pod)) == 1, show(diagnose(pod))
    order(pod, "early.test")
    expect_none(pod)
