"""What goes wrong between an order and the wire: authorities that refuse, lose and repeat, kill -9 at each step, daemons that do not take a
certificate. Whatever it is, the version before is shown on every port, nothing is left behind, and nothing is ordered twice."""
import datetime
import json
import time

import pytest

from own_certificates import Signer, read


@pytest.fixture(scope="module")
def steady(certified):
    """It refuses no nonce, so that each request is there once."""
    return certified.authority("steady", configuration={"domainBlocklist": ["blocked.test"]})


def seconds_until(time_text):
    then = datetime.datetime.fromisoformat(time_text.replace("Z", "+00:00"))
    return (then - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def ordered_once(certified, authority, mark, name, orders=1):
    """The order is done, what it brought is shown, and nothing is left of it."""
    found = certified.get(name)
    assert found["state"] == "valid" and found["last_error"] == "" and found["orders"][0]["state"] == "done", found
    certified.check_shown(found)
    made = [order for order in authority.orders(mark) if any(one["value"] == name for one in order["identifiers"])]
    assert len(made) == orders, made
    certified.check_no_challenges(found["version_names"], [one["token"] for one in authority.challenges(mark)])
    assert certified.store("SELECT id FROM acme_orders WHERE certificate = ? AND state = 'open'", name) == []
    return found


# --- refusals ---

def test_a_name_that_the_authority_refuses(certified, steady):
    certified.new_domain("blocked.test")
    before = certified.get("blocked.test")
    certified.change("blocked.test", issuer="steady", force=True)
    found = certified.wait_for_failure("blocked.test")
    assert found["state"] == "failed" and "blocked.test" in found["last_error"] and "use another name or authority" in found["last_error"], found
    assert found["orders"][0]["state"] == "failed" and found["orders"][0]["error"], found["orders"]
    assert found["fingerprint"] == before["fingerprint"] and "tried again at" in found["next_step"], found
    assert 30 < seconds_until(found["job"]["due"]) < 90, "the first try again is after a minute"
    certified.check_shown(before)
    status = certified.pod.api("GET", "/api/system/status", expect=200)[1]
    assert any(one["name"] == "blocked.test" and one["last_error"] for one in status["certificates"]), status["certificates"]
    assert "blocked.test" in certified.pod.cli("status")
    listed = certified.pod.api("GET", "/api/certificates?state=failed", expect=200)[1]["items"]
    assert "blocked.test" in [one["name"] for one in listed]
    certified.change("blocked.test", issuer="internal")
    assert certified.get("blocked.test")["last_error"] == ""


def test_a_name_that_leads_elsewhere(certified, steady):
    """Nobody here serves the name's zone, and the authority does not find it."""
    mark = steady.mark()
    certified.create("elsewhere.invalid", names=["elsewhere.invalid"], issuer="steady", challenge="http-01", force=True)
    found = certified.wait_for_failure("elsewhere.invalid", 60)
    assert "elsewhere.invalid" in found["last_error"] and found["orders"][0]["failed_names"] == ["elsewhere.invalid"], found
    assert found["alert"] == "error" and found["fingerprint"] == "" and found["days_left"] is None, found
    certified.check_no_challenges([], [one["token"] for one in steady.challenges(mark)])
    # Another order is made for each attempt: the authority has ended the one before.
    certified.go_on("elsewhere.invalid")
    certified.pod.wait_for(lambda: len(steady.orders(mark)) == 2, "a second order")
    certified.wait_for_failure("elsewhere.invalid")
    certified.pod.api("DELETE", "/api/certificates/elsewhere.invalid?wait=30", expect=200)


def test_a_preflight_says_what_would_fail(certified, steady):
    certified.new_domain("preflight.test")
    mark = steady.mark()
    answer = certified.pod.api("PUT", "/api/certificates/preflight.test?dry_run=1", {"issuer": "steady"}, expect=200)[1]
    assert answer["dry_run"] and [one for one in answer["findings"] if one["fatal"]] == [], answer
    assert certified.get("preflight.test")["issuer"] == "internal" and len(steady.orders(mark)) == 0
    # A disabled domain has no zone.
    certified.pod.api("PUT", "/api/domains/preflight.test?wait=30", {"enabled": False}, expect=200)
    answer = certified.pod.api("PUT", "/api/certificates/preflight.test?dry_run=1", {"issuer": "steady", "challenge": "dns-01"}, expect=200)[1]
    fatal = [one for one in answer["findings"] if one["fatal"]]
    assert fatal and all(one["message"] and one["remedy"] and one["code"] for one in fatal), answer
    certified.change("preflight.test", issuer="steady", challenge="dns-01")
    found = certified.wait_for_failure("preflight.test")
    assert fatal[0]["message"] in found["last_error"] and len(steady.orders(mark)) == 0, found
    certified.pod.api("PUT", "/api/domains/preflight.test?wait=30", {"enabled": True}, expect=200)
    certified.go_on("preflight.test")
    certified.wait("preflight.test")
    ordered_once(certified, steady, mark, "preflight.test")


@pytest.mark.parametrize(("kind", "status", "wait"), [("newOrder", 429, 120), ("newOrder", 503, 100), ("finalize", 503, 100), ("certificate", 429, 100)])
def test_a_refusal_for_now_is_waited_for(certified, steady, kind, status, wait):
    domain = f"later-{kind.lower()}-{status}.test"
    certified.new_domain(domain)
    before = certified.get(domain)
    mark = steady.mark()
    said = {"status": status, "type": "rateLimited" if status == 429 else "serverInternal", "detail": "come back later",
            "headers": {"Retry-After": str(wait)}}
    with steady.rule(kind, "answer", times=1, **said):
        certified.change(domain, issuer="steady", force=True)
        found = certified.wait_for_failure(domain)
    assert "come back later" in found["last_error"], found
    assert wait - 10 < seconds_until(found["job"]["due"]) < wait + 60, "not before Retry-After"
    certified.check_shown(before)
    certified.go_on(domain)
    certified.wait(domain)
    ordered_once(certified, steady, mark, domain)


def test_an_order_that_names_a_replaced_certificate_is_made_without(certified, steady):
    certified.new_domain("replaced.test", issuer="steady")
    mark = steady.mark()
    with steady.rule("newOrder", "answer", times=1, has="replaces", status=409, type="alreadyReplaced") as rule:
        certified.order("replaced.test")
        certified.wait("replaced.test")
        assert rule.reached() == 1
    assert "replaces" not in steady.orders(mark)[0]
    ordered_once(certified, steady, mark, "replaced.test")


def test_an_authority_that_forgot_everything(certified):
    authority = certified.authority("forgetful")
    first = certified.new_domain("forgotten.test", issuer="forgetful")
    authority.forget()
    certified.order("forgotten.test")
    found = certified.wait_for_failure("forgotten.test")
    assert "account" in found["last_error"] and found["fingerprint"] == first["fingerprint"], found
    certified.check_shown(first)
    certified.change("forgotten.test", issuer="internal", allow_weaker=True)


# --- answers that get lost ---

@pytest.mark.parametrize("kind", ["newOrder", "order", "authorization", "challenge", "finalize", "certificate", "renewalInfo"])
def test_an_answer_is_lost(certified, steady, kind):
    domain = f"lost-{kind.lower()}.test"
    certified.new_domain(domain)
    mark = steady.mark()
    with steady.rule(kind, "drop", times=1) as rule:
        certified.change(domain, issuer="steady", force=True)
        certified.push_on(domain)
        assert rule.reached() == 1
    # Only of a lost newOrder we cannot know that there is an order.
    ordered_once(certified, steady, mark, domain, 2 if kind == "newOrder" else 1)


def test_every_request_comes_twice(certified, steady):
    certified.new_domain("twice.test")
    mark = steady.mark()
    with steady.rule("any", "twice"):
        certified.change("twice.test", issuer="steady", force=True)
        certified.wait("twice.test")
    ordered_once(certified, steady, mark, "twice.test")


def test_the_authority_is_away_and_comes_back(certified, steady):
    certified.new_domain("away.test")
    before = certified.get("away.test")
    mark = steady.mark()
    with steady.away():
        certified.change("away.test", issuer="steady", force=True)
        for _ in range(2):
            certified.wait_for_failure("away.test")
            certified.check_shown(before)
            certified.go_on("away.test")
        found = certified.wait_for_failure("away.test")
        assert "127.0.0.1" in found["last_error"], found
        # Everything else goes on.
        certified.run_renewal()
        certified.new_domain("meanwhile.test")
    certified.go_on("away.test")
    certified.wait("away.test")
    ordered_once(certified, steady, mark, "away.test")
    # In the middle of an order.
    mark = steady.mark()
    with steady.rule("finalize", "hold", times=1) as rule:
        certified.order("away.test")
        rule.wait()
        with steady.away():
            rule.release("lose")
            certified.wait_for_failure("away.test")
    certified.go_on("away.test")
    certified.wait("away.test")
    ordered_once(certified, steady, mark, "away.test")


# --- certificates that must not be used ---

@pytest.fixture(scope="module")
def bad_chain(certified):
    """A domain with a good certificate, whose next ones are bad."""
    authority = certified.authority("careless", {"PEBBLE_CHAIN_LENGTH": "2"})
    return authority, certified.new_domain("careless.test", issuer="careless")


def foreign_intermediate(authority, _):
    """Of the right name, with another key."""
    name = read(authority.intermediate()[0])[0].subject.rfc4514_string().removeprefix("CN=")
    return "issuers", {"pem": Signer(name).pem}


def missing_intermediate(*_):
    return "issuers", {"pem": ""}


def other_order(authority, _):
    """The intermediates in the wrong order."""
    return "issuers", {"pem": authority.root() + authority.intermediate()[0]}


def other_key(authority, found):
    signer = Signer("Careless")
    return "body", {"body": signer.sign(found["version_names"])[0] + signer.pem}


def other_names(*_):
    signer = Signer("Careless")
    return "body", {"body": signer.sign(["stranger.test"])[0] + signer.pem}


def no_certificate(*_):
    return "body", {"body": "<html>It works!</html>"}


@pytest.mark.parametrize("fault", [foreign_intermediate, missing_intermediate, other_order, other_key, other_names, no_certificate],
                         ids=lambda one: one.__name__)
def test_a_bad_certificate_never_gets_to_a_daemon(certified, bad_chain, fault):
    authority, before = bad_chain
    before = certified.get(before["name"])
    do, more = fault(authority, before)
    revisions = certified.pod.api("GET", "/api/revisions?limit=1", expect=200)[1]["items"][0]["revision"]
    with authority.rule("certificate", do, **more):
        certified.order("careless.test")
        found = certified.wait_for_failure("careless.test")
    assert found["state"] == "failed" and found["last_error"], found
    assert found["fingerprint"] == before["fingerprint"] and found["versions"] == before["versions"], "no version was made"
    certified.check_shown(before)
    summaries = [one["summary"] for one in certified.pod.api("GET", "/api/revisions?limit=50", expect=200)[1]["items"] if one["revision"] > revisions]
    assert not any("in use" in one for one in summaries), summaries
    certified.go_on("careless.test")
    assert certified.wait("careless.test")["fingerprint"] != before["fingerprint"]


# --- kill -9 ---

HELD = [("newOrder", "hold", 1), ("newOrder", "hold_answer", 2), ("order", "hold", 1), ("authorization", "hold", 1), ("challenge", "hold", 1),
        ("challenge", "hold_answer", 1), ("finalize", "hold", 1), ("finalize", "hold_answer", 1), ("certificate", "hold", 1),
        ("certificate", "hold_answer", 1)]


@pytest.mark.parametrize(("kind", "do", "orders"), HELD, ids=lambda one: str(one))
def test_kill_at_each_request(certified, steady, kind, do, orders):
    """`hold`: the authority has not got the request; `hold_answer`: it has, and we have no answer. Of a new order we cannot know the second, so
    there the authority has one that nobody goes on with."""
    domain = f"kill-{kind.lower()}-{do.replace('_', '-')}.test"
    certified.new_domain(domain)
    before = certified.get(domain)
    mark = steady.mark()
    with steady.rule(kind, do, times=1) as rule:
        certified.change(domain, issuer="steady", force=True, challenge="http-01" if do == "hold" else "dns-01")
        rule.wait()
        certified.kill_control_plane()
    assert certified.wait(domain, cut_off=True)["fingerprint"] != before["fingerprint"]
    ordered_once(certified, steady, mark, domain, orders)
    assert len(certified.get(domain)["versions"]) == 2


@pytest.mark.parametrize("step", ["place the challenges", "look whether the challenges are shown", "wait for the authority's validation",
                                  "take the challenges away", "put it in use", "prove it on the wire"])
def test_kill_at_our_own_steps(certified, steady, step):
    domain = f"kill-{step.split()[0]}-{len(step)}.test"
    certified.new_domain(domain)
    before = certified.get(domain)
    mark = steady.mark()
    job = certified.change(domain, issuer="steady", force=True)["job"]["id"]
    deadline = time.monotonic() + 60
    while (steps := certified.pod.api("GET", f"/api/jobs/{job}")[1]["steps"]) is not None:
        if any(one["name"] == step for one in steps):
            break
        assert time.monotonic() < deadline, steps
    certified.kill_control_plane()
    assert certified.wait(domain, cut_off=True)["fingerprint"] != before["fingerprint"]
    ordered_once(certified, steady, mark, domain)
    assert len(certified.get(domain)["versions"]) == 2


def test_kill_during_a_renewal_keeps_what_is_replaced(certified, steady):
    certified.new_domain("kill-renewal.test", issuer="steady")
    mark = steady.mark()
    with steady.rule("finalize", "hold_answer", times=1) as rule:
        certified.order("kill-renewal.test")
        rule.wait()
        certified.kill_control_plane()
    certified.wait("kill-renewal.test", cut_off=True)
    ordered_once(certified, steady, mark, "kill-renewal.test")
    assert steady.orders(mark)[0]["replaces"]


# --- people who change their mind ---

def test_a_domain_is_deleted_during_its_order(certified, steady):
    certified.new_domain("deleted.test")
    mark = steady.mark()
    with steady.rule("challenge", "hold") as rule:
        job = certified.change("deleted.test", issuer="steady", force=True)["job"]["id"]
        rule.wait()
        certified.pod.api("DELETE", "/api/domains/deleted.test?wait=30", expect=200)
        rule.release()
    ended = certified.pod.wait_for(lambda: (one := certified.pod.api("GET", f"/api/jobs/{job}", expect=200)[1])["state"] == "done" and one,
                                   "the end of the job", 90)
    assert certified.pod.api("GET", "/api/certificates/deleted.test")[0] == 404
    assert certified.store("SELECT token FROM acme_challenges WHERE identifier LIKE '%deleted.test'") == []
    assert certified.store("SELECT state FROM acme_orders WHERE certificate = 'deleted.test'") in (["abandoned"], ["failed"]), ended
    tokens = [one["token"] for one in steady.challenges(mark)]
    assert [certified.challenge_file("example.test", token)[0] for token in tokens] == [404] * len(tokens)
    assert certified.run_renewal() and len(steady.orders(mark)) == 1, "it is not renewed"
    # The same name again, with an order of its own.
    certified.new_domain("deleted.test", issuer="steady")


def test_something_else_is_wanted_during_the_order(certified, steady):
    certified.new_domain("changed.test")
    mark = steady.mark()
    with steady.rule("challenge", "hold") as rule:
        certified.change("changed.test", issuer="steady", force=True)
        rule.wait()
        certified.change("changed.test", names=["changed.test", "www.changed.test"], force=True)
        rule.release()
    found = certified.pod.wait_for(lambda: (one := certified.get("changed.test"))["version_names"] == ["changed.test", "www.changed.test"] and one,
                                   "the certificate that is wanted now", 90)
    found = certified.wait("changed.test")
    certified.check_shown(found)
    assert len(steady.orders(mark)) == 2
    certified.check_no_challenges(["changed.test", "www.changed.test"], [one["token"] for one in steady.challenges(mark)])


# --- daemons that do not take it ---

def pinned(template, old):
    """A template that goes on with the version before, whatever the row says."""
    changed = template.replace("versions/{{certificate.version}}", f"versions/{old}")
    assert changed != template
    return changed


def broken(template, _):
    return template + "\nno_such_directive_of_anyone = on {\n"


OVERRIDES = [("mail", "etc/dovecot-login/certificate.conf.tmpl", pinned, "IMAPS"), ("mail", "etc/dovecot-login/certificate.conf.tmpl", broken, "dovecot"),
             ("apache", "etc/apache2/site.conf.tmpl", pinned, "HTTPS"), ("apache", "etc/apache2/site.conf.tmpl", broken, "apache")]


@pytest.mark.parametrize(("service", "path", "how", "word"), OVERRIDES, ids=lambda one: getattr(one, "__name__", None))
def test_a_certificate_that_one_daemon_does_not_show_is_taken_back(certified, steady, service, path, how, word):
    domain = f"{how.__name__}-{service}.test"
    certified.new_domain(domain, issuer="steady")
    before = certified.get(domain)
    mark = steady.mark()
    template = (certified.pod.root / "services" / service / "rootfs" / path).read_text()
    override = certified.pod.overrides / service / path
    override.parent.mkdir(parents=True, exist_ok=True)
    override.write_text(how(template, before["fingerprint"]))
    try:
        certified.order(domain)
        found = certified.wait_for_failure(domain, 120)
        assert word.lower() in found["last_error"].lower(), found["last_error"]
        if how is pinned:
            assert before["fingerprint"][:16] in found["last_error"], "what is shown there is named"
        assert found["fingerprint"] == before["fingerprint"] and found["version_issuer"] == "steady", found
        certified.pod.wait_for(lambda: certified.check_shown(before) is None, "the version before on every port", 20)
    finally:
        override.unlink()
    certified.go_on(domain)
    certified.wait(domain, 120)
    assert ordered_once(certified, steady, mark, domain)["fingerprint"] != before["fingerprint"], "the same order goes on"
    status = certified.pod.api("GET", "/api/system/status", expect=200)[1]
    certified.pod.wait_for(lambda: not any(one["set_aside_count"] for one in certified.pod.api("GET", "/api/system/status", expect=200)[1]["services"]),
                           f"a status without rows set aside; it was {json.dumps(status)[:500]}", 20)


# --- time ---

@pytest.mark.parametrize(("left", "alert"), [(29, "notice"), (14, "warning"), (2, "error"), (-1, "error")])
def test_little_time_left_is_told(certified, left, alert):
    certified.new_domain(f"left-{left + 1}.test")
    name = f"left-{left + 1}.test"
    not_after = int((time.time() + left * 86400) * 1000) + 3600_000
    certified.store("UPDATE certificates SET not_after = ?, not_before = ? WHERE name = ?", not_after, not_after - 90 * 86400_000, name)
    found = certified.get(name)
    assert found["alert"] == alert and found["days_left"] == left, found
    listed = certified.pod.api("GET", f"/api/certificates?alert={alert}&limit=500", expect=200)[1]["items"]
    assert name in [one["name"] for one in listed]
    if alert in ("warning", "error"):
        status = certified.pod.api("GET", "/api/system/status", expect=200)[1]
        assert name in [one["name"] for one in status["certificates"]], status["certificates"]
        assert name in certified.pod.cli("status")
    certified.run_renewal()


def test_results_are_told_in_the_log(certified):
    words = certified.pod.podman("logs", f"{certified.pod.name}-api")
    lines = [line for line in (words.stdout + words.stderr).splitlines() if "[api.certs]" in line]
    assert any("proven on the wire" in line and "name=" in line and "INFO" in line for line in lines)
    assert any("DEBUG" in line and "challenge" in line for line in lines)
    secrets = ("BEGIN PRIVATE KEY", "BEGIN EC PRIVATE KEY", "-----BEGIN")
    assert not any(secret in words.stdout + words.stderr for secret in secrets)
