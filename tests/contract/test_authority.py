"""The certificate authority of the tests (tests/pod/authority.py) against uacme, a client that is not ours, in a network of its own: what the
tests of certificates rely on. Names and challenges are those of Pebble's own helper pebble-challtestsrv."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pod"))

import own_certificates  # noqa: E402
from authority import PEBBLE, Authority, Network, Uacme  # noqa: E402

HOOK = """#!/bin/sh
# uacme calls: METHOD TYPE IDENTIFIER TOKEN AUTHORIZATION
[ "$2" = "${CHALLENGE:-http-01}" ] || exit 1
tell() { curl -sf -d "$2" "http://127.0.0.1:8055/$1" >/dev/null; }
case $1-$2 in
  begin-http-01) tell add-http01 "{\\"token\\":\\"$4\\",\\"content\\":\\"$5\\"}" ;;
  *-http-01) tell del-http01 "{\\"token\\":\\"$4\\"}" ;;
  begin-dns-01) tell set-txt "{\\"host\\":\\"_acme-challenge.$3.\\",\\"value\\":\\"$5\\"}" ;;
  *-dns-01) tell clear-txt "{\\"host\\":\\"_acme-challenge.$3.\\"}" ;;
esac
"""


@pytest.fixture(scope="module")
def network():
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    holder = subprocess.Popen(["unshare", "--net", *user, "sh", "-c", "ip link set lo up && echo && exec sleep infinity"], stdout=subprocess.PIPE)
    holder.stdout.readline()
    network = Network(f"/proc/{holder.pid}/ns/net", f"/proc/{holder.pid}/ns/user" if user else None)
    names = network.start(PEBBLE.with_name("pebble-challtestsrv"), "-dns01", "127.0.0.1:53", "-http01", "127.0.0.1:80", "-https01", "",
                          "-tlsalpn01", "", "-doh", "", "-defaultIPv6", "", "-management", "127.0.0.1:8055", log=subprocess.DEVNULL)
    yield network
    for process in (names, holder):
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def authority(network, tmp_path_factory):
    one = Authority(network, tmp_path_factory.mktemp("authority"), {"PEBBLE_ALTERNATE_ROOTS": "1"})
    yield one
    one.stop()


@pytest.fixture
def client(network, authority, tmp_path):
    one = Uacme(network, authority, tmp_path, HOOK)
    one.new()
    return one


def test_another_client_gets_certificates_through_the_proxy(authority, client):
    chain = own_certificates.read(client.issue("www.a.test", "a.test"))
    assert own_certificates.names_of(chain[0]) == ["a.test", "www.a.test"] and len(chain) == 2
    assert chain[1].issuer == own_certificates.read(authority.root())[0].subject
    chain = own_certificates.read(client.issue("*.b.test", environment={"CHALLENGE": "dns-01"}))
    assert own_certificates.names_of(chain[0]) == ["*.b.test"]
    kinds = [one["kind"] for one in authority.requests()]
    assert None not in kinds and {"directory", "newAccount", "newOrder", "authorization", "challenge", "finalize", "certificate"} <= set(kinds)
    assert authority.orders()[0]["identifiers"][0] == {"type": "dns", "value": "www.a.test"}
    assert [one["type"] for one in authority.challenges()] == ["http-01", "http-01", "dns-01"]
    assert len(authority.orders()) == 2 and all(one["authority_ms"] > 0 for one in authority.requests())


def test_the_roots_are_different(authority):
    assert authority.root(0) != authority.root(1)
    assert own_certificates.read(authority.root(1))


def test_answers_and_requests_go_wrong_as_the_rule_says(authority, client):
    with authority.rule("newOrder", "answer", status=429, type="rateLimited", headers={"Retry-After": "7"}) as rule:
        done = client.run("issue", "c.test")
        assert done.returncode != 0 and "rateLimited" in done.stderr and rule.reached() == 1, done.stderr
    mark = authority.mark()
    with authority.rule("newOrder", "drop", times=1), authority.rule("directory", "lose", times=1):
        assert client.run("issue", "c.test").returncode != 0
    assert [one["status"] for one in authority.requests("directory", mark)] == [None, 200]
    # The authority made the order. uacme asks once more and is refused.
    first, second = (one["status"] for one in authority.requests("newOrder", mark))
    assert first == 201 and second >= 400
    with authority.rule("newOrder", "twice", times=1), authority.rule("certificate", "issuers", pem=authority.root(1)):
        chain = client.issue("d.test")
        assert chain.endswith(authority.root(1))
    client.issue("e.test")


def test_a_request_can_be_held(authority, network, client):
    with authority.rule("finalize", "hold") as rule:
        running = network.start("unshare", "--mount", *(["--map-root-user"] if os.geteuid() else []), "sh", "-c",
                                'mount --bind "$0" /etc/ssl/certs/ca-certificates.crt && exec uacme "$@"', authority.path("ca.pem"),
                                *client.options, "issue", "held.test", log=subprocess.DEVNULL)
        rule.wait()
        assert authority.requests("finalize")[-1]["status"] is None and running.poll() is None
        rule.release()
        assert running.wait(30) == 0


def test_profiles_and_windows(authority, network, client):
    authority.offer_profiles(shortlived="six days")
    ask = network.run("curl", "-sS", "--cacert", authority.path("ca.pem"), authority.directory)
    assert json.loads(ask.stdout)["meta"]["profiles"] == {"shortlived": "six days"}, ask
    leaf = own_certificates.read(client.issue("f.test"))[0]
    where = json.loads(ask.stdout)["renewalInfo"] + "/" + own_certificates.certificate_id(leaf)
    asked = network.run("curl", "-sSi", "--cacert", authority.path("ca.pem"), where)
    assert "suggestedWindow" in asked.stdout, asked
    authority.move_window(leaf, -7200, -3600, retry_after=60)
    asked = network.run("curl", "-sSi", "--cacert", authority.path("ca.pem"), where)
    assert "suggestedWindow" in asked.stdout, asked
    ends = json.loads(asked.stdout.split("\n\n")[1])["suggestedWindow"]["end"]
    assert ends < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) and "Retry-After: 60" in asked.stdout


def test_the_authority_can_be_away(authority, network, client):
    ask = ["curl", "-sS", "--cacert", authority.path("ca.pem"), authority.directory]
    with authority.away():
        # 7: nobody listens.
        assert network.run(*ask).returncode == 7
    assert network.run(*ask).returncode == 0
    client.issue("g.test")


def test_an_external_account_is_required(network, tmp_path):
    external = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
    one = Authority(network, tmp_path, {},
                    {"externalAccountBindingRequired": True, "externalAccountMACKeys": {"kid-1": external}})
    try:
        (tmp_path / "without").mkdir()
        assert "requires external credentials" in Uacme(network, one, tmp_path / "without", HOOK).run("new").stderr
        Uacme(network, one, tmp_path, HOOK, f"kid-1:{external}").new()
    finally:
        one.stop()
