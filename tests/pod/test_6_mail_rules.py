"""Which addresses there are, where their mail goes, who sends as them, and what is sent on to others."""
import json
import re
import smtplib
import uuid

import pytest

DOMAIN = "rules.test"
STRANGER = "someone@elsewhere.test"
# RFC 5322 section 3.2.3. "+" begins a subaddress, and "/" separates folders.
ATEXT = "!#$%&'*=?^_`{|}~-"


@pytest.fixture(scope="module")
def rules(pod):
    """A domain with a catch-all domain beside it, and users and aliases in many states."""
    pod.make_domain(DOMAIN)
    pod.make_domain("catch-rules.test")
    for name in ("ann", "ben", "off", "gone"):
        pod.make_user(f"{name}@{DOMAIN}")
    pod.make_user(f"small@{DOMAIN}", quota=20000)
    pod.make_user("dee@catch-rules.test")
    for address, targets in {
            f"info@{DOMAIN}": [f"ann@{DOMAIN}"], f"sales@{DOMAIN}": [f"info@{DOMAIN}"], f"work@{DOMAIN}": [f"ann+work@{DOMAIN}"],
            f"ext@{DOMAIN}": ["friend@far.test"], f"mixed@{DOMAIN}": [f"ben@{DOMAIN}", "friend@far.test"],
            f"tooff@{DOMAIN}": [f"off@{DOMAIN}"], f"tooff2@{DOMAIN}": [f"tooff@{DOMAIN}"], f"tooff-detail@{DOMAIN}": [f"off+x@{DOMAIN}"],
            f"togone@{DOMAIN}": [f"gone@{DOMAIN}"], f"tosmall@{DOMAIN}": [f"small@{DOMAIN}"],
            f"tosmall2@{DOMAIN}": [f"tosmall@{DOMAIN}"], f"some@{DOMAIN}": [f"off@{DOMAIN}", f"ben@{DOMAIN}"],
            f"smalls@{DOMAIN}": [f"small@{DOMAIN}", f"ben@{DOMAIN}"], "@catch-rules.test": ["dee@catch-rules.test"]}.items():
        make_alias(pod, address, targets)
    pod.api("PUT", f"/api/users/off@{DOMAIN}?wait=15", {"enabled": False}, expect=200)
    pod.api("DELETE", f"/api/users/gone@{DOMAIN}?wait=15", expect=200)
    return pod


def make_alias(pod, address, targets, **more):
    _, alias = pod.api("POST", "/api/aliases?wait=30", {"address": address, "targets": targets, **more}, expect=201)
    assert alias["applied"]["state"] == "applied", alias
    return alias


def rcpt(pod, recipient, sender=STRANGER, options=()):
    with pod.smtp() as client:
        client.ehlo()
        client.mail(sender, list(options))
        return client.rcpt(recipient)


def deliver(pod, recipient, subject, sender=STRANGER, header=""):
    with pod.smtp() as client:
        client.ehlo()
        client.mail(sender)
        code, words = client.rcpt(recipient)
        assert code == 250, (recipient, code, words)
        assert client.data(f"{header}Subject: {subject}\r\n\r\nhello\r\n")[0] == 250, recipient


def queue_to(pod, recipient, seconds=20):
    """The queued message to this recipient. In maildrop it has another id for a moment than later (pickup(8))."""

    def look():
        _, queue = pod.api("GET", "/api/mail/queue", expect=200)
        for message in queue["items"]:
            if message["queue_name"] != "maildrop" and any(one["address"] == recipient for one in message["recipients"]):
                return message
        return None

    return pod.wait_for(look, f"a message to {recipient} in the queue", seconds)


def empty_queue(pod):
    pod.execute("mail", "postsuper", "-d", "ALL")


def test_field_case_01_every_name_works_at_every_door(rules):
    pod = rules
    cases = ["a&b", "o=x", "j{q}", "h#h", "d$d", "s*t", "q?q", "c^c", "p|p", "~tilde", "=eq", "#hash", "*"]
    names = cases + ["o'brien", "a`b", "a%b", "a!b", "!%'`", "%{user}", ATEXT]
    _, made = pod.api("POST", "/api/users/import?wait=60", "\n".join(
        json.dumps({"email": f"{name}@{DOMAIN}", "password": "correct horse 1"}) for name in names),
        headers={"Content-Type": "application/x-ndjson"}, expect=201)
    assert made["applied"]["state"] == "applied", made
    for name in names:
        email = f"{name}@{DOMAIN}"
        subject = uuid.uuid4().hex
        deliver(pod, email, subject)
        pod.put_sieve(email, 'require "fileinto";\nif header :contains "subject" "file me" { fileinto "Archive"; }\n')
        # SMTP AUTH, from the user's own address with a detail.
        with pod.submission(email) as client:
            client.sendmail(f"{name}+x@{DOMAIN}", [email], f"Subject: own {subject}\r\n\r\nhello\r\n")
        pod.wait_for_message(email, f"own {subject}")
        with pod.imap_connection() as client:
            client.authenticate("PLAIN", lambda _: f"\0{email}\0correct horse 1".encode())
            client.select("INBOX")
            assert client.search(None, "ALL")[1] == [b"1 2"], email
        pop3 = pod.pop3(email)
        assert pop3.stat()[0] == 2, email
        pop3.quit()


def test_field_case_01_names_as_alias_target_and_recipient(rules):
    pod = rules
    make_alias(pod, f"o'{ATEXT}@{DOMAIN}", [f"ann@{DOMAIN}", "d/e'f!g%h@far.test"])
    subject = uuid.uuid4().hex
    deliver(pod, f"o'{ATEXT}@{DOMAIN}", subject)
    pod.wait_for_message(f"ann@{DOMAIN}", subject)
    queue_to(pod, "d/e'f!g%h@far.test")
    pod.api("POST", "/api/mail/send", {"to": ["o'brien/x@far.test"], "subject": "x", "text": "y"}, expect=202)
    queue_to(pod, "o'brien/x@far.test")
    empty_queue(pod)


@pytest.mark.parametrize("name, reason", {
    "a+b": "+ begins a subaddress", "a/b": "/ separates folders", "-a": "begins with -", 'a"b': 'the character " is not allowed',
    "a b": "the character   is not allowed", "a..b": "a dot stands only between", "ü": "not all ASCII", "a" * 65: "65 octets"}.items())
def test_a_name_that_is_refused_says_why(pod, name, reason):
    status, problem = pod.api("POST", "/api/users", {"email": f"{name}@example.test", "password": "correct horse 1"})
    assert status == 400 and reason in str(problem), problem


def test_routing_characters_do_not_relay(rules):
    """With ! and % in names, no form of an address is a way to others."""
    for recipient in (f"user%far.test@{DOMAIN}", f"far.test!user@{DOMAIN}", f'"user@far.test"@{DOMAIN}', "user%far.test@far.test",
                      f"far.test!user@mail.example.test", "x=far.test/ext=rules.test@forward.podplay.invalid"):
        code, words = rcpt(rules, recipient)
        assert code >= 500, (recipient, code, words)


def test_field_case_04_long_addresses_are_deleted_made_again_and_restored(pod):
    domain = ".".join(["d" * 61] * 3) + ".test"
    email = "l" * (254 - 1 - len(domain)) + "@" + domain
    pod.make_domain(domain)
    local = email.split("@")[0]
    assert len(email) == 254 and len(local) <= 64, (len(email), len(local))
    for number in range(2):
        pod.make_user(email)
        subject = f"long {number}"
        pod.send(email, [email], subject)
        pod.wait_for_message(email, subject)
        pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    # Made again beside another user, in one batch.
    pod.make_user(email)
    with pod.imap(email) as client:
        assert client.select("INBOX")[1] == [b"0"], "a new owner must not see the old one's mail"
    _, deleted = pod.api("GET", "/api/mail/deleted", expect=200)
    folders = [item for item in deleted["items"] if item["name"] == email]
    assert len(folders) >= 2, deleted
    _, job = pod.api("POST", f"/api/mail/deleted/{folders[0]['id']}/restore", {"mailbox": email}, expect=202)
    pod.wait_for(lambda: pod.api("GET", f"/api/jobs/{job['id']}")[1]["state"] == "done", "the restored mail")
    pod.wait_for_message(email, "long 1")


def test_a_write_logs_what_it_proved(pod):
    email = pod.make_user()
    log = pod.podman("logs", "--tail", "200", f"{pod.name}-mail")
    line = re.search(rf"proved a row kind=mailbox key={re.escape(email)} .*", log.stdout + log.stderr)
    assert line and "rcpt=" in line.group() and "250" in line.group() and "userdb=USER" in line.group(), line


@pytest.mark.parametrize("bad", ["tab\tinside", "line\ninside", "cr\rinside", "\x01 control", "\x7f delete", "\u0085 next line"])
def test_field_case_09_control_characters_in_passwords_are_refused(pod, bad):
    status, problem = pod.api("POST", "/api/users", {"email": f"u{uuid.uuid4().hex[:8]}@example.test", "password": "password " + bad})
    assert status == 400 and "control character" in str(problem) and problem["errors"][0]["field"] == "password", problem


def test_field_case_06_strangers_do_not_send_as_us(rules):
    senders = [f"{role}@{name}" for role in ("postmaster", "abuse", "Abuse") for name in (DOMAIN, "catch-rules.test", "mail.example.test")]
    for sender in senders + ["ceo@catch-rules.test", f"info@{DOMAIN}", f"off@{DOMAIN}", f"nobody@{DOMAIN}", f"ann+x@{DOMAIN}"]:
        code, words = rcpt(rules, f"ann@{DOMAIN}", sender)
        assert code == 553 and b"5.7.1" in words, (sender, code, words)


def test_a_domain_that_comes_or_goes_counts_at_once(rules):
    """smtpd remembers what an address resolved to. That must not decide about its domain, which may have come or gone since."""
    address = "first@moved-rules.test"

    def asked(client, sender, recipient):
        client.rset()
        client.mail(sender)
        return client.rcpt(recipient)

    # One process of smtpd serves each of these sessions from its beginning to its end.
    with rules.smtp() as port25, rules.smtp() as later, rules.submission(f"ann@{DOMAIN}") as submission:
        for client in (port25, later):
            client.ehlo()
        code, words = asked(port25, STRANGER, address)
        assert code == 554 and b"Relay access denied" in words, (code, words)
        assert asked(submission, f"ann@{DOMAIN}", address)[0] == 250
        rules.make_domain("moved-rules.test")
        rules.make_user(address)
        for client, sender in ((port25, STRANGER), (later, STRANGER), (submission, f"ann@{DOMAIN}")):
            assert asked(client, sender, address)[0] == 250, sender
            code, words = asked(client, sender, "nobody@moved-rules.test")
            assert code == 550 and b"5.1.1" in words, (sender, code, words)
        assert asked(port25, address, f"ann@{DOMAIN}")[0] == 553
        rules.api("DELETE", f"/api/users/{address}?wait=15", expect=200)
        rules.api("DELETE", "/api/domains/moved-rules.test?wait=30", expect=200)
        for client in (port25, later):
            code, words = asked(client, STRANGER, address)
            assert code == 554 and b"5.7.1" in words, (code, words)
            # Its new server sends to us.
            assert asked(client, address, f"ann@{DOMAIN}")[0] == 250
        assert asked(submission, f"ann@{DOMAIN}", address)[0] == 250


@pytest.mark.parametrize("port", ["SUBMISSION", "SMTPS"])
def test_before_login_mail_is_answered_by_530(pod, port):
    """RFC 6409 section 4.3."""
    if port == "SUBMISSION":
        client = smtplib.SMTP("127.0.0.1", pod.ports[port], timeout=20)
        client.starttls(context=pod.tls())
    else:
        client = smtplib.SMTP_SSL("127.0.0.1", pod.ports[port], context=pod.tls(), timeout=20)
    with client:
        client.ehlo()
        for sender in ("admin@example.test", "someone@elsewhere.test", ""):
            code, words = client.mail(sender)
            assert code == 530 and words.startswith(b"5.7.0"), (sender, code, words)


def test_field_case_18_aliases_are_refused_like_their_mailboxes(rules):
    for recipient in ("off", "tooff", "tooff2", "tooff-detail", "tooff+x"):
        code, words = rcpt(rules, f"{recipient}@{DOMAIN}")
        assert code == 550 and b"5.2.1" in words, (recipient, code, words)
    for recipient in ("togone", "gone"):
        code, words = rcpt(rules, f"{recipient}@{DOMAIN}")
        assert code == 550 and b"5.1.1" in words, (recipient, code, words)
    for recipient in ("small", "tosmall", "tosmall2", "tosmall+x"):
        code, words = rcpt(rules, f"{recipient}@{DOMAIN}", options=["SIZE=30000"])
        assert code == 552, (recipient, code, words)
        assert rcpt(rules, f"{recipient}@{DOMAIN}", options=["SIZE=300"])[0] == 250
        # Without SIZE, at the end of the message.
        with rules.smtp() as client:
            client.ehlo()
            client.mail(STRANGER)
            client.rcpt(f"{recipient}@{DOMAIN}")
            code, words = client.data("Subject: large\r\n\r\n" + ("x" * 70 + "\r\n") * 500)
            assert code == 552, (recipient, code, words)
    # One target that takes mail is enough. What the others cannot take does not bounce.
    assert rcpt(rules, f"smalls@{DOMAIN}", options=["SIZE=30000"])[0] == 250
    subject = uuid.uuid4().hex
    deliver(rules, f"some@{DOMAIN}", subject)
    rules.wait_for_message(f"ben@{DOMAIN}", subject)
    assert STRANGER not in str(rules.api("GET", "/api/mail/queue", expect=200)[1])


def test_field_case_18_targets_that_get_no_mail_are_named(rules):
    alias = make_alias(rules, f"early@{DOMAIN}", [f"later@{DOMAIN}", f"tooff@{DOMAIN}", f"ann@{DOMAIN}"])
    assert len(alias["warnings"]) == 2 and f"later@{DOMAIN} does not exist here" in alias["warnings"][0], alias
    said = rules.cli("aliases", "create", "--address", f"early2@{DOMAIN}", "--target", f"later@{DOMAIN}")
    assert f"warning: later@{DOMAIN} does not exist here" in said, said
    assert rcpt(rules, f"early2@{DOMAIN}")[0] == 550
    rules.make_user(f"later@{DOMAIN}")
    assert rcpt(rules, f"early2@{DOMAIN}")[0] == 250
    assert "warnings" not in make_alias(rules, f"early3@{DOMAIN}", [f"later@{DOMAIN}"])


def test_what_is_deleted_closes_no_circle(pod):
    """catch-all -> a -> u: without the mailbox u, its mail goes to the catch-all again."""
    pod.make_domain("circle.test")
    for change, target in (("DELETE", "u1"), ("disable", "u2")):
        pod.make_user(f"{target}@circle.test")
        make_alias(pod, f"a{target}@circle.test", [f"{target}@circle.test"])
    make_alias(pod, "@circle.test", ["au1@circle.test"])
    assert rcpt(pod, "anybody@circle.test")[0] == 250
    pod.api("DELETE", "/api/users/u1@circle.test?wait=15", expect=200)
    pod.api("PUT", "/api/users/u2@circle.test?wait=15", {"enabled": False}, expect=200)
    for recipient in ("anybody", "au1", "u1"):
        code, words = rcpt(pod, f"{recipient}@circle.test")
        assert code == 550 and b"5.4.6" in words, (recipient, code, words)
    assert rcpt(pod, "au2@circle.test")[0] == 550
    # A disabled alias counts as none: enabling it is checked, too.
    pod.api("POST", "/api/aliases?wait=15", {"address": "u1@circle.test", "targets": ["au1@circle.test"], "enabled": False}, expect=201)
    status, problem = pod.api("PUT", "/api/aliases/u1@circle.test", {"enabled": True})
    assert status == 400 and problem["code"] == "alias_loop", problem


@pytest.mark.parametrize("login, sender, fine", [
    ("ann@rules.test", "ann+shop@rules.test", True), ("ann@rules.test", "info@rules.test", True),
    ("ann@rules.test", "sales@rules.test", True),
    ("ann@rules.test", "work@rules.test", True), ("ann@rules.test", "sales+x@rules.test", True),
    ("dee@catch-rules.test", "anything@catch-rules.test", True), ("ann@rules.test", "anything@catch-rules.test", False),
    ("ann@rules.test", "ben@rules.test", False), ("ann@rules.test", "ext@rules.test", False),
    ("ann@rules.test", "postmaster@rules.test", False),
    ("ann@rules.test", "nobody@rules.test", False), ("ann@rules.test", "ann@elsewhere.test", False)])
def test_field_cases_12_and_25_one_rule_for_senders(rules, login, sender, fine):
    with rules.submission(login) as client:
        client.mail(sender)
        code, words = client.rcpt(f"ben@{DOMAIN}")
        assert (code == 250) == fine, (sender, code, words)
    token = rules.api("POST", "/api/login", {"email": login, "password": "correct horse 1"}, token="", expect=200)[1]["token"]
    status, answer = rules.api("POST", "/api/mail/send", {"from": sender, "to": [f"ben@{DOMAIN}"], "subject": "x", "text": "y"}, token=token)
    assert status == (202 if fine else 403), answer


def test_field_case_10_the_test_follows_aliases_and_removes_its_message(rules):
    def count(name):
        with rules.imap(f"{name}@{DOMAIN}") as client:
            return int(client.select("INBOX")[1][0])

    make_alias(rules, f"both@{DOMAIN}", [f"sales@{DOMAIN}", f"ben+y@{DOMAIN}"])
    before = count("ann"), count("ben")
    for to in (f"info@{DOMAIN}", f"ben+x@{DOMAIN}", f"both@{DOMAIN}", "anything@catch-rules.test", f"s*t@{DOMAIN}"):
        _, tested = rules.api("POST", "/api/mail/test", {"to": to}, expect=200)
        names = [stage["name"] for stage in tested["stages"]]
        assert names == ["accepted"] + ["delivered"] * (2 if to.startswith("both") else 1) + ["removed"], tested
        assert tested["stages"][-1]["words"] == "", tested
    assert (count("ann"), count("ben")) == before
    status, problem = rules.api("POST", "/api/mail/test", {"to": f"mixed@{DOMAIN}"})
    assert status == 400 and problem["code"] == "leads_outside", problem
    assert rules.api("POST", "/api/mail/test", {"to": f"tooff@{DOMAIN}"})[0] == 422


def test_field_case_19_vacation_answers_for_an_alias_that_the_script_names(rules):
    """Pigeonhole is told only the mailbox's own address. docs/addresses.md says what a script must have for an alias."""
    rules.make_user(f"away@{DOMAIN}")
    make_alias(rules, f"desk@{DOMAIN}", [f"away@{DOMAIN}"])
    rules.put_sieve(f"away@{DOMAIN}", f'require "vacation";\nvacation :addresses ["desk@{DOMAIN}"] "I am at the sea";\n')
    rules.send(f"ann@{DOMAIN}", [f"desk@{DOMAIN}"], "are you there")
    assert "auto-replied" in rules.wait_for_message(f"ann@{DOMAIN}", "are you there")


def test_field_case_20_forwards_leave_with_a_sender_of_ours(rules):
    empty_queue(rules)
    subject = uuid.uuid4().hex
    body = "From: x@y.example\r\nDKIM-Signature: v=1; b=abc\r\nTo: ext@rules.test\r\n"
    deliver(rules, f"ext@{DOMAIN}", subject, "x@y.example", body)
    message = queue_to(rules, "friend@far.test")
    assert message["sender"] == f"postmaster+ext@{DOMAIN}", message
    # Between two queues, it is in neither for a moment.
    text = rules.wait_for(lambda: rules.execute("mail", "postcat", "-qhb", message["queue_id"]).stdout, "the text of the message")
    assert f"Delivered-To: ext@{DOMAIN}" in text and "DKIM-Signature: v=1; b=abc" in text and text.endswith("\nhello\n"), text
    empty_queue(rules)
    # A bounce keeps its null sender.
    deliver(rules, f"ext@{DOMAIN}", subject, "")
    assert queue_to(rules, "friend@far.test")["sender"] in ("", "MAILER-DAEMON"), "null sender"
    empty_queue(rules)
    # Local and outside targets; a sender of ours stays.
    rules.send(f"ann@{DOMAIN}", [f"mixed@{DOMAIN}"], "mixed " + subject)
    rules.wait_for_message(f"ben@{DOMAIN}", "mixed " + subject)
    assert queue_to(rules, "friend@far.test")["sender"] == f"ann@{DOMAIN}"
    empty_queue(rules)


def test_field_case_20_bounces_of_forwards_reach_the_postmaster_and_do_not_go_round(rules):
    empty_queue(rules)
    subject = uuid.uuid4().hex
    deliver(rules, f"postmaster+ext@{DOMAIN}", subject, "")
    rules.wait_for_message("admin@example.test", subject, password=rules.admin_password)
    # What was sent on comes back: it is not sent on again, and the postmaster is told.
    looped = uuid.uuid4().hex
    deliver(rules, f"ext@{DOMAIN}", looped, "x@y.example", f"Delivered-To: ext@{DOMAIN}\r\n")
    rules.wait_for(lambda: "goes round" in str(rules.podman("logs", "--tail", "300", f"{rules.name}-mail")), "the refusal")
    assert "friend@far.test" not in str(rules.api("GET", "/api/mail/queue", expect=200)[1]["items"])
    empty_queue(rules)


def test_field_case_20_sieve_redirects_leave_with_the_users_address(rules):
    rules.make_user(f"mover@{DOMAIN}")
    rules.put_sieve(f"mover@{DOMAIN}", 'require "copy";\nredirect :copy "pal@far.test";\n')
    deliver(rules, f"mover@{DOMAIN}", "moving", "x@y.example")
    assert queue_to(rules, "pal@far.test")["sender"] == f"mover@{DOMAIN}"
    empty_queue(rules)
    deliver(rules, f"mover@{DOMAIN}", "bounce", "")
    assert queue_to(rules, "pal@far.test")["sender"] in ("", "MAILER-DAEMON")
    empty_queue(rules)


def test_field_case_21_own_mail_comes_back_only_with_another_envelope_sender(rules):
    """A forwarder that keeps our sender is refused, as SPF would; a list, which sends as itself, is not."""
    code, words = rcpt(rules, f"ben@{DOMAIN}", f"ann@{DOMAIN}")
    assert code == 553 and b"log in" in words
    subject = uuid.uuid4().hex
    deliver(rules, f"ben@{DOMAIN}", subject, "list-bounces@lists.test", f"From: ann@{DOMAIN}\r\n")
    assert f"ann@{DOMAIN}" in rules.wait_for_message(f"ben@{DOMAIN}", subject)
