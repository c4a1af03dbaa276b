"""Causes of mail, each made in a real pod: the cause must be the first finding within 10 s of asking, and it must be gone after the repair.
The world outside is elsewhere.py, in the network of the pod."""
import smtplib
import sqlite3
import time

import pytest
from faults import diagnose, expect_cause, expect_none, repaired, running, shell, wait_until_gone

PASSWORD = "correct horse 1"


def send(pod, sender, recipient, count=1):
    with pod.submission(sender, PASSWORD) as client:
        for number in range(count):
            client.sendmail(sender, [recipient], f"From: {sender}\r\nTo: {recipient}\r\nSubject: {number}\r\n\r\nhello\r\n")


def test_a_pod_in_a_world_that_is_well_has_no_finding(world):
    expect_none(world.pod, 20)


# --- mail for others ---

@pytest.mark.parametrize(("relay", "cause"), [("closed", "mail-deferred-refused"), ("greylist", "mail-deferred-greylisted"),
                                              ("policy", "mail-deferred-policy"), ("plain", "mail-deferred-tls"),
                                              ("452 4.2.2 The mailbox is full", "mail-deferred-quota"),
                                              ("451 4.3.5 The moon is in the wrong place", "mail-deferred-other")])
def test_mail_that_the_relay_does_not_take(world, relay, cause):
    pod = world.pod
    person = pod.make_user()
    recipient = f"{cause}@far.test"
    with world.told(relay=relay):
        send(pod, person, recipient)
        found = expect_cause(pod, cause, "mail")
        assert any(recipient in line for line in found["shown"]), found
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
        pod.wait_for(lambda: any("the queue of mail grows" in text for one in diagnose(pod)[:1] for text in one["follows"]), "a queue that grows", 30)
        assert found
    world.flush()
    wait_until_gone(pod, "mail-deferred-refused", 40)
    world.empty_queue()
    expect_none(pod)


def test_sending_that_is_turned_off(quiet_pod):
    pod = quiet_pod
    person = pod.make_user()
    send(pod, person, "later@far.test")
    found = expect_cause(pod, "mail-outbound-off", "mail")
    assert any("later@far.test" in line for line in found["shown"]), found
    pod.execute("mail", "postsuper", "-d", "ALL")
    wait_until_gone(pod, "mail-outbound-off")


# --- mailboxes ---

def test_a_queue_that_grows_and_nobody_knows_why(quiet_pod):
    """Delivery opens, greets, and closes again: the reason is none that a rule knows, so only the growth is seen."""
    pod = quiet_pod
    person = pod.make_user()
    path = "/run/dovecot/lmtp"
    closes = (f'use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Local => "{path}", Listen => 50); chmod 0666, "{path}"; '
              'while (my $c = $s->accept) { print $c "220 ready\r\n"; $c->flush; my $line = <$c>; close $c }')
    diagnose(pod)
    with repaired(pod, "mail", f"mv {path} {path}.kept", f"mv {path}.kept {path}; postqueue -f"):
        with running(pod, "mail", "perl", "-e", closes):
            pod.wait_for(lambda: pod.execute("mail", "test", "-S", path).returncode == 0, "the other listener")
            with pod.smtp() as client:
                for number in range(110):
                    client.sendmail("x@far.test", [person], f"Subject: {number}\r\n\r\nhello\r\n")
            pod.wait_for(lambda: pod.execute("mail", "sh", "-c", "find /data/service/spool/deferred -type f | wc -l").stdout.strip() >= "110", "deferrals")
            found = expect_cause(pod, "mail-queue-growing", "mail")
            assert any("lmtp: " in line for line in found["shown"]), found


def test_a_mailbox_that_dovecot_refuses(quiet_pod):
    """A restore as root has left a file that Dovecot may not open; the folders are right."""
    pod = quiet_pod
    person = pod.make_user()
    with pod.smtp() as client:
        client.sendmail("x@far.test", [person], "Subject: first\r\n\r\nhello\r\n")
    pod.wait_for_message(person, "first")
    files = f"/data/user-data/users/{person}/mail/dovecot*"
    with repaired(pod, "mail", f"chown root:root {files}; chmod 0600 {files}", f"chown vmail:vmail {files}; postqueue -f"):
        with pod.smtp() as client:
            client.sendmail("x@far.test", [person], "Subject: second\r\n\r\nhello\r\n")
        found = expect_cause(pod, "mail-mailbox-refused", "mail")
        assert any(person in line for line in found["shown"]), found
    pod.wait_for_message(person, "second")


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


def test_a_directory_that_does_not_go_on(world):
    """Somebody holds the lock of the copy, so that its agent cannot write it."""
    pod = world.pod
    # Not by /proc/PID/root, which SQLite would resolve to the host's own root.
    done = pod.podman("inspect", "--format", '{{range .Mounts}}{{if eq .Destination "/data/service"}}{{.Source}}{{end}}{{end}}', f"{pod.name}-mail")
    copy = sqlite3.connect(f"{done.stdout.strip()}/replica/replica.db", isolation_level=None)
    copy.execute("BEGIN IMMEDIATE")
    try:
        pod.api("POST", "/api/users", {"email": "late@example.test", "password": PASSWORD}, expect=201)
        expect_cause(pod, "directory-stale", "mail")
    finally:
        copy.rollback()
        copy.close()
    wait_until_gone(pod, "directory-stale", 40)


# --- what leaves traces: lines of the last 15 minutes count ---

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
