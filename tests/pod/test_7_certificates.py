"""Certificates of authorities, from the order to what clients are shown, against Pebble, which refuses one nonce in twenty as usual. What goes
wrong on the way: test_7_certificates_faults.py."""
import base64
import http.client
import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from authority import Authority, NameServer, Uacme
from own_certificates import DAY, Signer, certificate_id, fingerprint, key_pem, names_of, new_key, read

HOSTS = ("", "autoconfig.", "autodiscover.", "mail.", "ns1.", "www.")
EXTERNAL_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


def names_of_domain(domain):
    return sorted(host + domain for host in HOSTS)


def web(certified, path):
    """From the control host."""
    pod = certified.pod
    connection = http.client.HTTPSConnection("127.0.0.1", pod.ports["HTTPS"], context=pod.tls(), timeout=10)
    connection.request("GET", path, headers={"Host": "control.example.test"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def common_name(name):
    return name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


@pytest.fixture(scope="module")
def pebble(certified):
    """The usual authority, with two more roots and an intermediate more than needed."""
    return certified.authority("pebble", {"PEBBLE_WFE_NONCEREJECT": "5", "PEBBLE_ALTERNATE_ROOTS": "2", "PEBBLE_CHAIN_LENGTH": "2"}, trusted=True)


# --- names and challenges ---

def test_a_domain_gets_a_certificate_by_dns(certified, pebble):
    mark = pebble.mark()
    found = certified.new_domain("dns.test", issuer="pebble")
    names = names_of_domain("dns.test")
    assert found["state"] == "valid" and found["version_issuer"] == "pebble" and found["version_names"] == names, found
    assert found["alert"] == "none" and found["last_error"] == "" and 80 < found["days_left"] < 91, found
    assert {one["type"] for one in pebble.challenges(mark)} == {"dns-01"} and len(pebble.challenges(mark)) == len(names)
    assert [one["payload"]["identifiers"] for one in pebble.requests("newOrder", mark) if one["status"] == 201] == [
        [{"type": "dns", "value": name} for name in names]]
    chain = certified.chain("dns.test")
    assert names_of(chain[0]) == names and isinstance(chain[0].public_key(), ec.EllipticCurvePublicKey)
    certified.check_shown(found, root=pebble.root())
    certified.check_no_challenges(names, [one["token"] for one in pebble.challenges(mark)])
    # The way is told, with times.
    job = found["job"]
    said = [step["name"] for step in job["steps"]]
    assert job["kind"] == "certificate_order" and all(step["state"] == "done" and step["at"] and step["took_ms"] >= 0 for step in job["steps"]), job
    wanted = ["order the certificate", "place the challenges", "look whether the challenges are shown", "tell the authority to look",
              "send the signing request", "take the challenges away", "download and check the certificate", "put it in use", "prove it on the wire"]
    assert [step for step in said if step in wanted] == wanted, said
    assert found["orders"][0]["state"] == "done" and found["orders"][0]["account"] == "pebble" and found["orders"][0]["ended"], found
    assert len(found["versions"]) == 2, "the version before is kept"
    assert found["not_before"] < found["renew_at"] < found["not_after"]
    events = [one["event"] for one in certified.pod.api("GET", "/api/audit?limit=50", expect=200)[1]["items"] if one["subject"] == "dns.test"]
    assert {"CERTIFICATE_CHANGED", "CERTIFICATE_INSTALLED"} <= set(events), events


def test_a_wildcard_and_its_domain_have_two_records_of_one_name(certified, pebble):
    certified.new_domain("wild.test")
    mark = pebble.mark()
    with pebble.rule("challenge", "hold") as rule:
        certified.change("wild.test", issuer="pebble", wildcard=True, force=True)
        rule.wait()
        values = certified.txt("wild.test")
        offered = pebble.offered(mark)
        assert len(values) == 2 and len({one["token"] for one in offered if one["type"] == "dns-01"}) == 2
        rule.release()
    found = certified.wait("wild.test")
    assert found["version_names"] == ["*.wild.test", "wild.test"]
    certified.check_shown(found, root=pebble.root())
    certified.check_no_challenges(["wild.test"], [])
    # Back to the names of the domain.
    assert certified.obtain("wild.test", names=[])["version_names"] == names_of_domain("wild.test")


def test_http_01_is_answered_on_every_name_and_gone_afterwards(certified, pebble):
    certified.new_domain("http.test")
    mark = pebble.mark()
    with pebble.rule("challenge", "hold") as rule:
        certified.change("http.test", issuer="pebble", challenge="http-01", force=True)
        rule.wait()
        offered = pebble.offered(mark)
        answered = pebble.requests("challenge", mark)[0]["path"]
        token = next(one["token"] for one in offered if one["path"] == answered)
        for name in ("http.test", "www.http.test", "elsewhere.test", "127.0.0.1"):
            status, text = certified.challenge_file(name, token)
            assert status == 200 and re.fullmatch(re.escape(token) + r"\.[\w-]{43}", text.strip()), (name, status, text)
        assert certified.challenge_file("http.test", "A" * 43)[0] == 404
        assert certified.txt("http.test") == []
        rule.release()
    found = certified.wait("http.test")
    assert {one["type"] for one in pebble.challenges(mark)} == {"http-01"}
    certified.check_shown(found, root=pebble.root())
    certified.check_no_challenges(names_of_domain("http.test"), [one["token"] for one in offered])


def test_tls_alpn_01_disturbs_no_other_client(certified, pebble):
    certified.new_domain("alpn.test")
    before = certified.get("alpn.test")
    mark = pebble.mark()
    with pebble.rule("challenge", "hold") as rule:
        certified.change("alpn.test", issuer="pebble", challenge="tls-alpn-01", force=True)
        rule.wait()
        assert certified.alpn_is_served("www.alpn.test") and not certified.alpn_is_served("dns.test")
        certified.check_shown(before, doors=["HTTPS"])
        rule.release()
    found = certified.wait("alpn.test")
    assert {one["type"] for one in pebble.challenges(mark)} == {"tls-alpn-01"}
    certified.check_shown(found, root=pebble.root())
    certified.check_no_challenges(names_of_domain("alpn.test"), [])


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_the_host_has_its_address_in_its_certificate(certified, pebble, challenge):
    host = "mail.example.test"
    try:
        mark = pebble.mark()
        certified.change(host, issuer="pebble", names=[host, "127.0.0.1"], challenge=challenge, force=True)
        found = certified.wait(host)
        assert found["version_names"] == ["127.0.0.1", host]
        assert {"type": "ip", "value": "127.0.0.1"} in pebble.orders(mark)[-1]["identifiers"]
        assert names_of(certified.chain(host)[0]) == ["127.0.0.1", host]
        # Whoever asks for no name, or one that nobody has, is shown the host's.
        for door in ("IMAPS", "POP3S", "SMTPS", "SUBMISSION", "SMTP", "IMAP", "POP3", "SIEVE"):
            for name in ("", host, "nobody.elsewhere.test"):
                assert fingerprint(certified.shown(door, name)) == found["fingerprint"], (door, name)
        # Python compares an address with the certificate, too.
        context = ssl.create_default_context(cadata=pebble.root())
        with socket.create_connection(("127.0.0.1", certified.pod.ports["IMAPS"]), timeout=10) as connection:
            context.wrap_socket(connection, server_hostname="127.0.0.1").close()
    finally:
        certified.change(host, issuer="internal", names=[], challenge="any", allow_weaker=True)
    _, refused = certified.pod.api("PUT", f"/api/certificates/{host}", {"names": [host, "127.0.0.1"], "challenge": "dns-01"}, expect=400)
    assert refused["errors"][0]["code"] == "challenge_impossible", refused


def test_further_names_have_a_certificate_of_their_own(certified, pebble):
    certified.new_domain("further.test")
    made = certified.create("shop.further.test", names=["shop.further.test", "pay.further.test"], issuer="pebble", force=True)
    assert made["job"], made
    found = certified.wait("shop.further.test")
    certified.check_shown(found, root=pebble.root())
    _, refused = certified.pod.api("DELETE", "/api/certificates/further.test", expect=409)
    assert refused["code"] == "certificate_needed", refused
    certified.pod.api("DELETE", "/api/certificates/shop.further.test?wait=30", expect=200)
    assert certified.pod.api("GET", "/api/certificates/shop.further.test")[0] == 404
    assert fingerprint(certified.shown("IMAPS", "shop.further.test")) != found["fingerprint"]


def test_the_administrators_program_sets_records_in_zones_of_others(certified, tmp_path):
    """The zone is at another named, which the authority asks. The program is what an administrator would write."""
    pod = certified.pod
    hook = pod.overrides / "api" / "dns-hook"
    server = NameServer(certified.network, tmp_path, "hooked.test")
    try:
        certified.make_account("hooked", authority := Authority(certified.network, tmp_path, resolver=f"127.0.0.1:{server.PORT}"))
        certified.authorities["hooked"] = authority
        made = certified.create("hooked.test", names=["hooked.test", "*.hooked.test"], issuer="hooked", challenge="dns-01", force=True)
        assert "does not exist" in certified.wait_for_failure("hooked.test")["last_error"], made
        hook.write_text("#!/bin/sh\necho 'the key of the provider is wrong'; exit 3\n")
        hook.chmod(0o755)
        certified.go_on("hooked.test")
        assert "the key of the provider is wrong" in certified.wait_for_failure("hooked.test")["last_error"]
        hook.write_text(f"""#!/bin/sh
verb=add; [ "$1" = present ] || verb=delete
[ $verb = add ] && life=60
printf 'server 127.0.0.1 {server.PORT}\\nupdate %s %s %s TXT "%s"\\nsend\\n' $verb "$2" "$life" "$3" | nsupdate
""")
        certified.go_on("hooked.test")
        found = certified.wait("hooked.test")
        assert found["version_names"] == ["*.hooked.test", "hooked.test"], found
        certified.check_shown(found, root=authority.root())
        updates = re.findall(r"(adding|deleting) an RR at '?_acme-challenge.hooked.test'? TXT", server.log())
        assert updates.count("adding") == 2 and updates.count("deleting") == 2, server.log()
        assert not certified.store("SELECT token FROM acme_challenges")
        pod.api("DELETE", "/api/certificates/hooked.test?wait=30", expect=200)
    finally:
        server.stop()
        hook.unlink(missing_ok=True)


# --- kinds of keys, chains, profiles ---

def test_rsa_for_those_who_ask(certified, pebble):
    found = certified.new_domain("rsa.test", issuer="pebble", key_type="rsa")
    public = certified.chain("rsa.test")[0].public_key()
    assert isinstance(public, rsa.RSAPublicKey) and public.key_size == 2048
    certified.obtain("rsa.test", key_type="ecdsa")
    assert certified.get("rsa.test")["fingerprint"] != found["fingerprint"]


def test_the_chain_ends_in_the_root_that_was_asked_for(certified, pebble):
    roots = [pebble.root(number) for number in range(3)]
    subjects = [common_name(read(root)[0].subject) for root in roots]
    assert len(set(subjects)) == 3
    certified.new_domain("chain.test")
    for number in (0, 2):
        found = certified.obtain("chain.test", issuer="pebble", root=subjects[number])
        chain = certified.chain("chain.test")
        assert len(chain) == 3 and common_name(chain[-1].issuer) == subjects[number]
        certified.check_shown(found, root=roots[number])
        with pytest.raises(ssl.SSLError):
            certified.shown("IMAPS", "chain.test", root=roots[1])
    # A root that the authority does not have: its own choice, and the log says so.
    found = certified.obtain("chain.test", root="No Such Root")
    certified.check_shown(found, root=roots[0])


def test_a_profile_is_asked_for_by_name(certified, pebble):
    certified.new_domain("profile.test")
    pebble.offer_profiles(classic="90 days", shortlived="6 days")
    try:
        mark = pebble.mark()
        certified.obtain("profile.test", issuer="pebble", profile="shortlived")
        assert pebble.orders(mark)[-1]["profile"] == "shortlived"
        certified.change("profile.test", profile="nosuch", force=True)
        failed = certified.wait_for_failure("profile.test")
        assert "nosuch" in failed["last_error"] and "shortlived" in failed["last_error"], failed["last_error"]
        mark = pebble.mark()
        certified.obtain("profile.test", profile="any")
        assert "profile" not in pebble.orders(mark)[-1]
    finally:
        pebble.offer_profiles()


def test_a_short_life_is_renewed_in_its_own_rhythm(certified):
    certified.authority("short", configuration={"certificateValidityPeriod": 6 * 86400}, trusted=True)
    found = certified.new_domain("short.test", issuer="short")
    assert found["days_left"] == 5 and found["alert"] == "none", found
    left = (found["not_before"][:10], found["renew_at"][:10], found["not_after"][:10])
    assert left[0] < left[1] < left[2], left


# --- accounts ---

def test_an_external_account_is_bound(certified):
    settings = {"externalAccountBindingRequired": True, "externalAccountMACKeys": {"kid-1": EXTERNAL_KEY}}
    authority = certified.authority("external", configuration=settings, external_id="kid-1", external_key=EXTERNAL_KEY)
    assert authority.requests("newAccount")[-1]["payload"]["externalAccountBinding"]["protected"]
    _, account = certified.pod.api("GET", "/api/acme/accounts/external", expect=200)
    assert account["external_id"] == "kid-1" and account["trusted"] is True, account
    certified.new_domain("external.test", issuer="external")
    refused = certified.make_account("without", authority, status=400)
    assert refused["code"] == "external_account_missing" and "HMAC" in refused["errors"][0]["remedy"], refused
    wrong = base64.urlsafe_b64encode(b"w" * 48).decode()
    refused = certified.make_account("wrong", authority, status=403, external_id="kid-1", external_key=wrong)
    words = certified.pod.podman("logs", f"{certified.pod.name}-api")
    assert EXTERNAL_KEY not in words.stdout + words.stderr + json.dumps(account), "a secret is in the log"
    assert EXTERNAL_KEY not in "".join(map(str, certified.store("SELECT * FROM acme_accounts")))


def test_terms_are_accepted_by_a_person(certified, pebble):
    for terms in ("", "https://other.test/terms"):
        refused = certified.make_account("careless", pebble, status=400, terms=terms)
        assert refused["errors"][0]["field"] == "terms" and pebble.terms() in json.dumps(refused), refused
    assert certified.pod.api("GET", "/api/acme/accounts/careless")[0] == 404


def test_an_account_gets_a_new_key_and_its_certificates_go_on(certified, pebble):
    certified.new_domain("key.test", issuer="pebble")
    mark = pebble.mark()
    with pebble.rule("challenge", "hold") as rule:
        certified.order("key.test")
        rule.wait()
        status, refused = certified.pod.api("POST", "/api/acme/accounts/pebble/key")
        assert status == 409 and refused["code"] == "acme_orders_open", refused
        rule.release()
    certified.wait("key.test")
    certified.pod.api("POST", "/api/acme/accounts/pebble/key", expect=200)
    assert [one["status"] for one in pebble.requests("keyChange", mark) if one["status"] != 400] == [200]
    certified.order("key.test")
    certified.check_shown(certified.wait("key.test"))
    # Cut off after the authority has taken the key: asking again finds that out.
    with pebble.rule("keyChange", "drop"):
        assert certified.pod.api("POST", "/api/acme/accounts/pebble/key")[0] >= 500
    certified.pod.api("POST", "/api/acme/accounts/pebble/key", expect=200)
    certified.order("key.test")
    certified.check_shown(certified.wait("key.test"))


def test_an_account_changes_its_contact_and_ends(certified, pebble):
    certified.make_account("leaving", pebble)
    _, changed = certified.pod.api("PUT", "/api/acme/accounts/leaving", {"contact": ["other@example.test"]}, expect=200)
    assert changed["contact"] == ["other@example.test"]
    assert pebble.requests("account")[-1]["payload"]["contact"] == ["mailto:other@example.test"]
    certified.new_domain("leaving.test", issuer="leaving")
    status, refused = certified.pod.api("POST", "/api/acme/accounts/leaving/deactivate")
    assert status == 409 and refused["code"] == "acme_account_used" and "--issuer" in refused["remedy"], refused
    assert certified.pod.api("DELETE", "/api/acme/accounts/leaving")[0] == 409
    certified.obtain("leaving.test", issuer="pebble", allow_weaker=True)
    _, ended = certified.pod.api("POST", "/api/acme/accounts/leaving/deactivate", expect=200)
    assert ended["state"] == "deactivated"
    assert certified.pod.api("PUT", "/api/certificates/leaving.test", {"issuer": "leaving"})[0] == 400
    certified.pod.api("DELETE", "/api/acme/accounts/leaving", expect=200)
    assert certified.pod.api("GET", "/api/acme/accounts/leaving")[0] == 404


# --- how authorities differ ---

def test_half_of_all_nonces_are_refused(certified):
    authority = certified.authority("nonces", {"PEBBLE_WFE_NONCEREJECT": "50"})
    certified.new_domain("nonces.test", issuer="nonces")
    assert any(one["status"] == 400 for one in authority.requests()), "none was refused"
    assert len(authority.orders()) == 1


def test_authorizations_are_used_again(certified):
    authority = certified.authority("reusing", {"PEBBLE_AUTHZREUSE": "100"})
    certified.new_domain("reuse.test", issuer="reusing")
    mark = authority.mark()
    certified.order("reuse.test")
    certified.check_shown(certified.wait("reuse.test"))
    assert authority.challenges(mark) == [], "all names were valid already"


def test_a_slow_validation_is_waited_for(certified):
    authority = certified.authority("slow", {"PEBBLE_VA_NOSLEEP": "0", "PEBBLE_VA_SLEEPTIME": "4"}, {"retryAfter": {"authz": 2, "order": 2}})
    certified.new_domain("slow.test", issuer="slow")
    looks = [one["time"] for one in authority.requests("authorization") if one["path"] == authority.requests("authorization")[-1]["path"]]
    assert all(later - earlier > 1.9 for earlier, later in zip(looks[1:], looks[2:])), "asked faster than Retry-After allows"


# --- renewal and revocation ---

def test_a_moved_window_renews_at_once(certified, pebble):
    first = certified.new_domain("window.test", issuer="pebble")
    leaf = certified.chain("window.test")[0]
    assert any(one["path"].endswith(certificate_id(leaf)) for one in pebble.requests("renewalInfo")), "it is asked for after each order"
    pebble.move_window(leaf, -7200, -3600)
    certified.store("UPDATE certificates SET ask_at = 1 WHERE name = ?", "window.test")
    mark = pebble.mark()
    steps = certified.run_renewal()
    assert "1 ordered" in steps["issue certificates that are due"]["words"], steps
    found = certified.wait("window.test")
    certified.check_shown(found)
    assert found["fingerprint"] != first["fingerprint"]
    assert [one.get("replaces") for one in pebble.orders(mark)] == [certificate_id(leaf)]
    # The new one's window is the authority's own: nothing is due any more.
    assert "0 ordered" in certified.run_renewal()["issue certificates that are due"]["words"]


def test_what_is_due_is_renewed_by_the_daily_look(certified, pebble):
    first = certified.new_domain("due.test", issuer="pebble")
    certified.store("UPDATE certificates SET renew_at = 1, ask_at = 0 WHERE name = ?", "due.test")
    certified.run_renewal()
    found = certified.wait("due.test")
    certified.check_shown(found)
    assert found["fingerprint"] != first["fingerprint"] and found["renew_at"] > first["not_before"]


@pytest.mark.parametrize("signed_by", ["account", "key"])
def test_revocation_brings_a_new_certificate(certified, pebble, signed_by):
    domain = f"revoked-by-{signed_by}.test"
    first = certified.new_domain(domain, issuer="pebble")
    leaf = certified.chain(domain)[0]
    mark = pebble.mark()
    _, asked = certified.pod.api("POST", f"/api/certificates/{domain}/revoke", {"reason": "superseded", "signed_by": signed_by}, expect=202)
    assert asked["job"], asked
    found = certified.wait(domain)
    certified.check_shown(found, root=pebble.root())
    assert found["fingerprint"] != first["fingerprint"]
    revoked = json.loads(pebble.control("ask", port="management", path=f"/cert-status-by-serial/{leaf.serial_number:x}"))
    assert revoked["Status"] == "Revoked" and revoked["Reason"] == 4, revoked
    assert len(pebble.orders(mark)) == 1
    status, refused = certified.pod.api("POST", "/api/certificates/example.test/revoke", {})
    assert status == 409 and refused["code"] == "not_revocable", refused


# --- certificates of one's own ---

@pytest.fixture(scope="module")
def company():
    root = Signer("Root of a company")
    return root, Signer("Issuing authority of a company", issuer=root)


def upload(certified, name, certificate, key, **more):
    return certified.pod.api("POST", f"/api/certificates/{name}/upload?wait=60", {"certificate": certificate, "key": key, **more})


@pytest.mark.parametrize("bits", [0, 2048])
def test_an_uploaded_certificate_is_served(certified, company, bits):
    root, issuing = company
    domain = f"upload{bits}.test"
    certified.new_domain(domain)
    names = names_of_domain(domain)
    leaf, key = issuing.sign(names, key=new_key(bits))
    status, found = upload(certified, domain, leaf + issuing.pem, key)
    assert status == 200 and found["issuer"] == found["version_issuer"] == "file" and found["renew_at"] is None, found
    assert found["fingerprint"] == fingerprint(read(leaf)[0])
    certified.check_shown(certified.get(domain), root=root.pem)
    # In another order, and with the root: put right.
    leaf, key = issuing.sign(names, key=new_key(bits))
    status, found = upload(certified, domain, root.pem + issuing.pem + leaf, key)
    assert status == 200 and found["fingerprint"] == fingerprint(read(leaf)[0]), found
    assert len(certified.chain(domain)) == 2
    certified.check_shown(certified.get(domain), root=root.pem)
    status, refused = certified.pod.api("POST", f"/api/certificates/{domain}/order", {})
    assert status == 409 and "upload" in refused["remedy"], refused
    key_text = re.sub(r"\s|-----.*?-----", "", key)[:60]
    words = certified.pod.podman("logs", f"{certified.pod.name}-api")
    assert key_text not in words.stdout + words.stderr, "a key is in the log"


def bad_uploads(root, issuing, names):
    leaf, key = issuing.sign(names)
    other_key = key_pem(new_key())
    chain = leaf + issuing.pem
    yield "no_certificate", "certificate", "hello", key
    yield "no_key", "key", chain, "hello"
    yield "key_mismatch", "key", chain, other_key
    yield "issuer_missing", "certificate", leaf, key
    yield "not_in_chain", "certificate", leaf + issuing.pem + Signer("Stranger", issuer=Signer("Root of a stranger")).pem, key
    for code, more in (("expired", {"begins": -9 * DAY, "ends": -DAY}), ("not_yet_valid", {"begins": DAY}), ("must_staple", {"must_staple": True}),
                       ("weak_key", {"key": new_key(1024)})):
        leaf, key = issuing.sign(names, **more)
        yield code, "certificate", leaf + issuing.pem, key
    leaf, key = issuing.sign(names[1:])
    yield "name_missing", "certificate", leaf + issuing.pem, key
    yield "no_certificate", "certificate", "", key


def test_a_bad_upload_is_refused_with_every_fault(certified, company):
    certified.new_domain("bad-upload.test")
    before = certified.get("bad-upload.test")
    for code, field, certificate, key in bad_uploads(*company, names_of_domain("bad-upload.test")):
        status, refused = upload(certified, "bad-upload.test", certificate, key)
        assert status == 400, (code, refused)
        faults = {(one["field"], one["code"]) for one in refused["errors"]}
        assert (field, code) in faults or (code == "no_certificate" and not certificate and field in {one[0] for one in faults}), (code, refused)
        assert all(one["message"] and one["remedy"] for one in refused["errors"]), refused
    after = certified.get("bad-upload.test")
    assert after["fingerprint"] == before["fingerprint"] and after["issuer"] == "internal" and len(after["versions"]) == 1
    certified.check_shown(after)


def put_files(certified, name, files):
    """As root of the host does it, by hand, in the volume."""
    volume = certified.pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{certified.pod.name}-certs").stdout.strip()
    for file, text in files.items():
        path = pathlib.Path(volume) / name / file
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o644)


def close_key(certified, name):
    """A key that everybody may read is an exposure, which makes the pod not ready."""
    volume = certified.pod.podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{certified.pod.name}-certs").stdout.strip()
    path = pathlib.Path(volume) / name / "privkey.pem"
    folder = path.parent.stat()
    os.chown(path, folder.st_uid, folder.st_gid)
    path.chmod(0o600)


def test_files_that_are_put_there_by_hand_are_adopted(certified, company):
    root, issuing = company
    certified.new_domain("hand.test")
    leaf, key = issuing.sign(names_of_domain("hand.test"))
    wanted = fingerprint(read(leaf)[0])
    put_files(certified, "hand.test", {"privkey.pem": key, "fullchain.pem": leaf + issuing.pem})
    certified.pod.wait_for(lambda: certified.get("hand.test")["fingerprint"] == wanted, "the certificate of the files", 10)
    found = certified.get("hand.test")
    certified.pod.wait_for(lambda: certified.check_shown(found) is None, "it on every port", 20)
    certified.check_shown(found, root=root.pem)
    assert found["issuer"] == "file"
    # A broken pair never gets to a daemon, and is told.
    put_files(certified, "hand.test", {"privkey.pem": key_pem(new_key())})
    told = certified.pod.wait_for(lambda: (one := certified.get("hand.test"))["last_error"] and one, "the complaint", 10)
    assert "key" in told["last_error"] and told["fingerprint"] == wanted, told
    certified.check_shown(told)
    close_key(certified, "hand.test")


# --- from weak to strong ---

def test_from_self_signed_by_staging_to_production_and_never_back(certified, pebble):
    staging = certified.authority("staging", trusted=False)
    domain = "escalated.test"
    certified.new_domain(domain)
    assert certified.get(domain)["version_issuer"] == "internal"
    before = certified.pod.container_ids()
    shown = []
    for issuer, root in (("staging", staging.root()), ("pebble", pebble.root())):
        found = certified.obtain(domain, issuer=issuer)
        certified.check_shown(found, root=root)
        shown.append(found["fingerprint"])
    for weaker in ("staging", "internal"):
        status, refused = certified.pod.api("PUT", f"/api/certificates/{domain}", {"issuer": weaker})
        assert status == 409 and refused["code"] == "weaker_issuer" and "allow_weaker" in refused["remedy"], refused
    root = Signer("Root of a stranger")
    leaf, key = root.sign(names_of_domain(domain))
    status, refused = upload(certified, domain, leaf + root.pem, key)
    assert status == 409 and refused["code"] == "weaker_certificate", refused
    found = certified.get(domain)
    assert found["fingerprint"] == shown[-1] and found["issuer"] == "pebble"
    certified.check_shown(found)
    found = certified.obtain(domain, issuer="staging", allow_weaker=True)
    certified.check_shown(found, root=staging.root())
    certified.change(domain, issuer="internal", allow_weaker=True)
    certified.pod.wait_for(lambda: certified.get(domain)["version_issuer"] == "internal", "the pod's own certificate")
    assert certified.pod.container_ids() == before, "nothing was restarted"


def test_the_command_line_does_the_same(certified, pebble):
    certified.authority("staging", trusted=False)
    pod = certified.pod
    certified.new_domain("cli.test")
    said = pod.cli("certificates", "list")
    assert "cli.test" in said and "internal" in said, said
    said = pod.cli("certificates", "change", "cli.test", "--issuer", "pebble", "--force")
    for words in ("order the certificate", "download and check the certificate", "prove it on the wire"):
        assert words in said, said
    found = certified.get("cli.test")
    assert found["version_issuer"] == "pebble"
    said = pod.cli("certificates", "show", "cli.test")
    assert found["fingerprint"][:16] in said and "prove it on the wire" in said, said
    said = pod.cli("certificates", "renew", "cli.test", "--force")
    assert certified.get("cli.test")["fingerprint"] != found["fingerprint"], said
    said = pod.cli("certificates", "check", "cli.test")
    said = pod.cli("certificates", "revoke", "cli.test", "--reason", "superseded")
    assert "revoked" in said, said
    assert json.loads(pod.cli("certificates", "show", "cli.test", "--json"))["state"] == "valid"
    assert "pebble" in pod.cli("acme", "list")
    assert "pebble" in pod.cli("acme", "show", "pebble")
    certified.new_domain("cli-upload.test")
    root = Signer("Root of the command line")
    leaf, key = root.sign(names_of_domain("cli-upload.test"))
    folder = pathlib.Path(certified.folder)
    (folder / "upload.pem").write_text(leaf + root.pem)
    (folder / "upload.key").write_text(key)
    pod.cli("certificates", "upload", "cli-upload.test", "--certificate", str(folder / "upload.pem"), "--key", str(folder / "upload.key"))
    certified.check_shown(certified.get("cli-upload.test"), root=root.pem)


def test_a_lab_can_be_trusted(certified):
    """Whoever installs the pod's own root has no warnings."""
    own = certified.pod.execute("api", "cat", "/data/certificates/pod-ca/ca.pem").stdout
    status, headers, text = web(certified, "/ca.pem")
    assert status == 200 and text.strip() == own.strip() and headers["Content-Type"] == "application/x-x509-ca-cert", (status, text)
    status, _, page = web(certified, "/trust")
    number = fingerprint(read(own)[0]).upper()
    assert status == 200 and number in re.sub(r"[:\s]|<wbr>", "", page).upper(), page
    assert "BEGIN PRIVATE" not in page
    certified.new_domain("lab.test")
    certified.check_shown(certified.get("lab.test"), root=own)


# --- many, and others ---

def test_openssl_agrees_on_every_port(certified, pebble):
    """Asked by a client that is neither ours nor Python."""
    found = certified.new_domain("openssl.test", issuer="pebble")
    root = certified.folder / "root.pem"
    root.write_text(pebble.root())
    ports = {"HTTPS": [], "IMAPS": [], "POP3S": [], "SMTPS": [], "IMAP": ["imap"], "POP3": ["pop3"], "SIEVE": ["sieve"], "SUBMISSION": ["smtp"],
             "SMTP": ["smtp"]}
    for door, protocol in ports.items():
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{certified.pod.ports[door]}", "-servername", "mail.openssl.test",
                               "-verify_hostname", "mail.openssl.test", "-CAfile", root, "-verify_return_error",
                               *(["-starttls", protocol[0]] if protocol else [])], input="", capture_output=True, text=True, timeout=30)
        assert "Verify return code: 0 (ok)" in done.stdout, (door, done.stdout[-1500:], done.stderr)
        assert fingerprint(read(done.stdout)[0]) == found["fingerprint"], door


def test_200_names_of_50_domains_at_once(certified, pebble):
    domains = [f"many{number:02}.test" for number in range(50)]
    status, answer = certified.pod.api("POST", "/api/domains/import?wait=60", {"names": domains})
    assert status == 201, answer
    mark = pebble.mark()
    for domain in domains:
        certified.change(domain, issuer="pebble", names=[domain, f"www.{domain}", f"mail.{domain}", f"autoconfig.{domain}"], force=True)
    for domain in domains:
        found = certified.wait(domain, 300)
        assert found["version_issuer"] == "pebble" and len(found["version_names"]) == 4, found
    for domain in domains[::7]:
        certified.check_shown(certified.get(domain), root=pebble.root())
    assert len(pebble.orders(mark)) == 50, "each was ordered once"
    certified.check_no_challenges(domains, [one["token"] for one in pebble.challenges(mark)][:20])
    listed = certified.pod.api("GET", "/api/certificates?limit=500&issuer=pebble", expect=200)[1]["items"]
    assert {one["name"] for one in listed} >= set(domains)


HOOK = """#!/bin/sh
# uacme calls: METHOD TYPE IDENTIFIER TOKEN AUTHORIZATION
[ "$2" = dns-01 ] || exit 1
case $1 in begin) word=add ;; *) word=delete ;; esac
zone=$(echo "$3" | grep -o '[a-z0-9-]*\\.test$')
printf 'server 127.0.0.1\\nzone %s\\nupdate %s _acme-challenge.%s 60 TXT "%s"\\nsend\\n' "$zone" $word "$3" "$5" | nsupdate -k KEY
"""


def test_another_client_gets_what_we_get(certified, pebble, tmp_path):
    """uacme with the same authority and our BIND. What it can do, we can."""
    certified.new_domain("both.test")
    key = tmp_path / "local.key"
    key.write_text(certified.pod.execute("bind", "cat", "/run/named/local.key").stdout)
    client = Uacme(certified.network, pebble, tmp_path, HOOK.replace("KEY", str(key)))
    client.new()
    for names in (["both.test", "www.both.test"], ["*.both.test"]):
        theirs = read(client.issue(*names))
        ours = certified.obtain("both.test", issuer="pebble", names=names)
        assert names_of(theirs[0]) == ours["version_names"] == sorted(names)
        assert len(theirs) == len(certified.chain("both.test"))


def test_apache_staples_what_the_responder_says(certified):
    responder_port = 14990
    authority = certified.authority("stapling", configuration={"ocspResponderURL": f"http://127.0.0.1:{responder_port}"})
    found = certified.new_domain("staple.test", issuer="stapling")
    leaf = certified.chain("staple.test")[0]
    issuer, issuer_key = authority.intermediate()
    folder = certified.folder / f"responder-{uuid.uuid4().hex[:6]}"
    folder.mkdir()
    (folder / "issuer.pem").write_text(issuer)
    (folder / "issuer.key").write_text(issuer_key)
    serial = f"{leaf.serial_number:X}"
    # As `openssl ca` writes it: an even number of digits.
    (folder / "index").write_text(f"V\t{leaf.not_valid_after:%y%m%d%H%M%SZ}\t\t{serial.zfill(len(serial) + len(serial) % 2)}\tunknown\t/CN=x\n")
    with open(folder / "log", "wb") as log:
        responder = certified.network.start("openssl", "ocsp", "-index", folder / "index", "-port", responder_port, "-rsigner", folder / "issuer.pem",
                                            "-rkey", folder / "issuer.key", "-CA", folder / "issuer.pem", "-ndays", "1", log=log)
    try:
        def stapled():
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{certified.pod.ports['HTTPS']}", "-servername", "staple.test",
                                   "-status"], input="", capture_output=True, text=True, timeout=30)
            return "Cert Status: good" in done.stdout

        certified.pod.wait_for(stapled, "a stapled answer", 30)
    finally:
        responder.kill()
        responder.wait()
    certified.check_shown(found)
