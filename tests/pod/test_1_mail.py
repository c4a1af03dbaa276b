"""Mail, from making an account over HTTP to reading a message by IMAP; and all mail that must be refused."""
import imaplib
import poplib
import re
import smtplib
import socket
import subprocess
import time
import uuid

import pytest


def test_account_over_http_sends_and_receives_between_two_domains(pod):
    pod.make_domain("other.test")
    alice = pod.make_user("alice@example.test")
    bob = pod.make_user("bob@other.test")
    subject = uuid.uuid4().hex
    pod.send(alice, [bob], subject)
    message = pod.wait_for_message(bob, subject)
    assert "hello" in message and "alice@example.test" in message
    subject = uuid.uuid4().hex
    pod.send(bob, [alice], subject)
    pod.wait_for_message(alice, subject)


def test_the_command_line_as_written(pod):
    said = pod.cli("users", "create", "--email", "test@example.test", "--password", "password123")
    assert "applied by mail" in said
    pod.used_secrets.append("password123")
    pod.imap("test@example.test", "password123").logout()


def test_every_name_that_the_api_takes_has_mail(pod):
    """RFC 5322 section 3.2.3: all characters of an atom, except + and /. More in test_6_mail_rules.py."""
    inside = [f"a{character}b" for character in "#$&*=?^_{|}~.-"]
    around = [f"{character}{character}" for character in "#$&*=?^_{|}~"]
    for name in inside + around:
        email = pod.make_user(f"{name}@example.test")
        subject = uuid.uuid4().hex
        with pod.smtp() as stranger:
            stranger.ehlo()
            stranger.mail("someone@elsewhere.test")
            assert stranger.rcpt(email)[0] == 250, email
            assert stranger.data(f"Subject: {subject}\r\n\r\nhello\r\n")[0] == 250, email
        pod.wait_for_message(email, subject)
        # With SMTP AUTH, from the user's own address.
        pod.send(email, [email], "own " + subject)
        pod.wait_for_message(email, "own " + subject)
        pop3 = pod.pop3(email)
        assert pop3.stat()[0] == 2, email
        pop3.quit()
    for refused in ("a+b", "a/b", 'a"b'):
        assert pod.api("POST", "/api/users", {"email": f"{refused}@example.test", "password": "correct horse 1"})[0] == 400, refused


def test_pop3_and_managesieve(pod):
    email = pod.make_user()
    subject = uuid.uuid4().hex
    pod.send(email, [email], subject)
    pod.wait_for_message(email, subject)
    client = pod.pop3(email)
    assert client.stat()[0] == 1
    client.quit()
    with socket.create_connection(("127.0.0.1", pod.ports["SIEVE"]), timeout=10) as connection:
        greeting = connection.makefile("rb")
        lines = [greeting.readline()]
        while not lines[-1].startswith(b"OK"):
            lines.append(greeting.readline())
        assert any(line.startswith(b'"STARTTLS"') for line in lines), lines


def test_sieve_files_redirects_and_answers(pod):
    pod.make_domain("sieve.test")
    away, deputy, sender = (pod.make_user(f"{name}@sieve.test") for name in ("away", "deputy", "sender"))
    pod.put_sieve(away, 'require ["fileinto", "mailbox", "copy", "vacation"];\n'
                        'if header :contains "subject" "file me" { fileinto :create "Lists"; stop; }\n'
                        f'redirect :copy "{deputy}";\nvacation "I am at the sea";\n')
    pod.send(sender, [away], "hello there")
    pod.wait_for_message(away, "hello there")
    assert "hello there" in pod.wait_for_message(deputy, "hello there")
    # The body of an answer may be encoded; its header is what RFC 5230 section 5.4 says.
    assert "auto-replied" in pod.wait_for_message(sender, "hello there")
    pod.send(sender, [away], "file me")
    with pod.imap(away) as client:
        pod.wait_for(lambda: client.select("Lists")[0] == "OK" and client.search(None, "SUBJECT", '"file me"')[1][0], "the filed message")
    _, queue = pod.api("GET", "/api/mail/queue", expect=200)
    assert "sieve.test" not in str(queue)


def test_sessions_end_with_the_right_to_log_in(pod):
    email = pod.make_user()
    client = pod.imap(email)
    client.select("INBOX")
    pod.cli("users", "password", email, "--password-stdin", input="another horse 3\n")

    def ended():
        try:
            client.noop()
        except imaplib.IMAP4.abort:
            return True

    pod.wait_for(ended, "the end of a session whose password is not the account's any more")
    pod.imap(email, "another horse 3").logout()


def test_a_new_domain_ends_no_session(pod):
    """Dovecot reloads for the domain's certificate. Sessions from before go on, and still end when the user may no longer log in."""
    email = pod.make_user()
    for number in range(2):
        pod.send(email, [email], f"survivor {number}")
        pod.wait_for_message(email, f"survivor {number}")
    idle, reading = pod.imap(email), pod.imap(email)
    starttls = imaplib.IMAP4("127.0.0.1", pod.ports["IMAP"], timeout=20)
    starttls.starttls(ssl_context=pod.tls())
    starttls.login(email, "correct horse 1")
    for client in (idle, reading, starttls):
        client.select("INBOX")
    tag = idle._new_tag()
    idle.send(tag + b" IDLE\r\n")
    assert idle.readline().startswith(b"+")
    pop3 = pod.pop3(email)
    pop3.dele(1)

    def reloads():
        done = pod.podman("logs", f"{pod.name}-mail")
        return (done.stdout + done.stderr).count("SIGHUP received - reloading configuration")

    before = reloads()
    pod.make_domain("reload.test")
    assert reloads() > before, "this test needs a reload"
    # If Dovecot ended sessions at a reload, they would end within 6 s.
    time.sleep(9)
    assert reading.noop()[0] == "OK" and starttls.noop()[0] == "OK"
    assert reading.search(None, "SUBJECT", '"survivor"')[1] == [b"1 2"]
    idle.send(b"DONE\r\n")
    while not (line := idle.readline()).startswith(tag):
        assert line and b"BYE" not in line, line
    assert b"OK" in line, line
    assert pop3.quit().startswith(b"+OK")
    again = pod.pop3(email)
    assert again.stat()[0] == 1, "QUIT deletes what was marked before the reload"
    again.quit()
    pod.cli("users", "password", email, "--password-stdin", input="another horse 4\n")

    def ended():
        try:
            reading.noop()
        except imaplib.IMAP4.abort:
            return True

    pod.wait_for(ended, "the end of a session from before the reload, whose password is not the account's any more")


def test_a_new_owner_of_an_address_does_not_find_the_mail_of_the_one_before(pod):
    email = pod.make_user("shared@example.test")
    subject = uuid.uuid4().hex
    pod.send(email, [email], subject)
    pod.wait_for_message(email, subject)
    # Deleted and made again while the mail agent cannot see it: the deletion never reaches it.
    pod.podman("pause", f"{pod.name}-mail")
    try:
        pod.api("DELETE", f"/api/users/{email}", expect=200)
        pod.api("POST", "/api/users", {"email": email, "password": "correct horse 1"}, expect=201)
    finally:
        pod.podman("unpause", f"{pod.name}-mail")
    _, revisions = pod.api("GET", "/api/revisions?limit=1", expect=200)
    pod.api("GET", f"/api/revisions/{revisions['items'][0]['revision']}?wait=30", expect=200)
    with pytest.raises(AssertionError):
        pod.wait_for_message(email, subject, seconds=2)


def test_users_of_a_disabled_domain_cannot_use_mail(pod):
    pod.make_domain("asleep.test")
    email = pod.make_user("who@asleep.test")
    pod.imap(email).logout()
    pod.api("PUT", "/api/domains/asleep.test?wait=30", {"enabled": False}, expect=200)
    with pytest.raises(imaplib.IMAP4.error):
        pod.imap(email)
    _, changed = pod.api("PUT", f"/api/users/{email}?wait=15", {"quota": 1000000}, expect=200)
    assert changed["applied"]["state"] == "applied", "a change in a disabled domain is applied, too"
    pod.api("PUT", "/api/domains/asleep.test?wait=30", {"enabled": True}, expect=200)
    pod.imap(email).logout()


def test_strangers_may_not_use_our_names(pod):
    pod.make_domain("catch.test")
    email = pod.make_user()
    pod.api("POST", "/api/aliases?wait=15", {"address": "@catch.test", "targets": [email]}, expect=201)
    pod.api("POST", "/api/aliases?wait=15", {"address": "desk@catch.test", "targets": [email]}, expect=201)
    ours = [email, email.replace("@", "+detail@"), "nobody-like-that@example.test", "desk@catch.test", "ceo@catch.test"]
    for name in ("example.test", "catch.test", "mail.example.test"):
        ours += [f"postmaster@{name}", f"Abuse@{name.upper()}"]
    with pod.smtp() as stranger:
        stranger.ehlo()
        for sender in ours:
            stranger.rset()
            stranger.mail(sender)
            code, words = stranger.rcpt(email)
            assert code in (550, 553), (sender, code, words)
        # Names of others, also one below ours, and bounces (RFC 5321 section 4.5.5).
        for sender in ("someone@elsewhere.test", "someone@below.example.test", ""):
            stranger.rset()
            stranger.mail(sender)
            assert stranger.rcpt(email)[0] == 250, sender


def test_aliases_with_several_targets_and_catch_all(pod):
    pod.make_domain("alias.test")
    one, two = pod.make_user("one@alias.test"), pod.make_user("two@alias.test")
    pod.api("POST", "/api/aliases?wait=15", {"address": "both@alias.test", "targets": [one, two]}, expect=201)
    pod.api("POST", "/api/aliases?wait=15", {"address": "@alias.test", "targets": [one]}, expect=201)
    subject = uuid.uuid4().hex
    pod.send(one, ["both@alias.test"], subject)
    pod.wait_for_message(one, subject)
    pod.wait_for_message(two, subject)
    for recipient, owner, other in (("anything@alias.test", one, two), (two, two, one)):
        subject = uuid.uuid4().hex
        pod.send(one, [recipient], subject)
        pod.wait_for_message(owner, subject)
        with pytest.raises(AssertionError):
            pod.wait_for_message(other, subject, seconds=1)


def test_quota_at_smtp_time_and_in_imap(pod):
    email = pod.make_user(quota=20000)
    client = pod.imap(email)
    with pytest.raises(imaplib.IMAP4.error):
        status, words = client.append("INBOX", None, None, b"Subject: big\r\n\r\n" + b"x" * 40000)
        if status != "OK":
            raise imaplib.IMAP4.error(words)
    assert client.append("INBOX", None, None, b"Subject: fits\r\n\r\n" + b"x" * 15000)[0] == "OK"
    client.logout()
    with pod.smtp() as stranger:
        stranger.ehlo()
        stranger.mail("someone@elsewhere.test", ["SIZE=15000"])
        code, words = stranger.rcpt(email)
        assert code in (452, 552), (code, words)


def test_dovecot_tells_which_mailboxes_are_nearly_full(pod):
    """Postfix asks Dovecot at RCPT only for nearly full mailboxes and for small quotas."""
    full, emptied, large = pod.make_user(quota=20000), pod.make_user(quota=20000), pod.make_user(quota=300 << 20)

    def asked(email):
        return pod.execute("mail", "postmap", "-q", email, "socketmap:unix:/run/podplay/lookups:recipients/262144000").stdout.strip()

    assert asked(full) == "ask_quota", "a small quota may be exceeded by one message"
    assert asked(large) == "OK"
    for email in (full, emptied):
        with pod.imap(email) as client:
            assert client.append("INBOX", None, None, b"Subject: nine tenths\r\n\r\n" + b"x" * 18500)[0] == "OK"
    with pod.imap(emptied) as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"\Deleted")
        client.expunge()
    # With a large quota only Dovecot's warning counts.
    for email in (full, emptied):
        pod.api("PUT", f"/api/users/{email}?wait=15", {"quota": 300 << 20}, expect=200)
    pod.wait_for(lambda: asked(full) == "ask_quota", "the mark of a nearly full mailbox")
    pod.wait_for(lambda: asked(emptied) == "OK", "the end of the mark")


def test_a_burst_to_one_mailbox_does_not_wait(pod):
    email = pod.make_user()
    pod.execute("mail", "smtp-source", "-d", "-s", "10", "-m", "400", "-l", "2000", "-f", "s@elsewhere.test", "-t", email, "127.0.0.1:25")
    with pod.imap(email) as client:
        pod.wait_for(lambda: client.select("INBOX")[1][0] == b"400", "400 messages", seconds=30)


def test_wrong_password_and_disabled_users(pod):
    email = pod.make_user()
    with pytest.raises(imaplib.IMAP4.error):
        pod.imap(email, "wrong password")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        pod.submission(email, "wrong password")
    pod.imap(email).logout()
    pod.api("PUT", f"/api/users/{email}?wait=15", {"enabled": False}, expect=200)
    with pytest.raises(imaplib.IMAP4.error):
        pod.imap(email)
    with pod.smtp() as stranger:
        stranger.ehlo()
        stranger.mail("someone@elsewhere.test")
        assert stranger.rcpt(email)[0] == 550


def test_a_new_password_works_at_once_and_the_old_no_more(pod):
    email = pod.make_user()
    pod.imap(email).logout()
    pod.cli("users", "password", email, "--password-stdin", input="another horse 2\n")
    pod.imap(email, "another horse 2").logout()
    with pytest.raises(imaplib.IMAP4.error):
        pod.imap(email)


def test_no_relay_for_anybody_unauthenticated(pod):
    with pod.smtp() as stranger:
        stranger.ehlo()
        stranger.mail("someone@elsewhere.test")
        code, words = stranger.rcpt("victim@far.test")
        assert code in (454, 550, 554), (code, words)
    # From inside the pod, too, since all containers share its network.
    said = pod.execute("api", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/25; for line in 'EHLO x' 'MAIL FROM:<a@elsewhere.test>' "
                       "'RCPT TO:<victim@far.test>' QUIT; do sleep 0.3; printf '%s\\r\\n' \"$line\" >&3; done; cat <&3").stdout
    assert "554" in said or "454" in said or "550" in said, said
    with pod.submission() as nobody:
        nobody.ehlo()
        code, words = nobody.mail("alice@example.test")
        refused = code >= 500 or nobody.rcpt("victim@far.test")[0] >= 500
        assert refused


def test_authentication_only_under_tls(pod):
    for port in ("SMTP", "SUBMISSION"):
        with smtplib.SMTP("127.0.0.1", pod.ports[port], timeout=20) as client:
            client.ehlo()
            assert not client.has_extn("auth"), port
            assert client.has_extn("starttls"), port
    with smtplib.SMTP("127.0.0.1", pod.ports["SUBMISSION"], timeout=20) as client:
        client.ehlo()
        assert client.mail("alice@example.test")[0] == 530


# Each port of mail, with what openssl s_client needs to begin TLS there.
TLS_PORTS = {"SMTP": "smtp", "SUBMISSION": "smtp", "SMTPS": "", "IMAP": "imap", "IMAPS": "", "POP3": "pop3", "POP3S": "", "SIEVE": "sieve"}


def handshake(pod, port, offered):
    """Offers only these ciphers by TLS 1.2. Returns the one that the port takes, and the bits of its key exchange by DH (0: another kind);
    None when the port refuses all of them."""
    start = ["-starttls", TLS_PORTS[port]] if TLS_PORTS[port] else []
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{pod.ports[port]}", *start, "-tls1_2", "-cipher", f"{offered}:@SECLEVEL=0"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=20)
    cipher = re.search(r"Cipher is (\S+)", done.stdout)
    assert cipher, f"{port}: {done.stdout}\n{done.stderr}"
    bits = re.search(r"Temp Key: DH, (\d+) bits", done.stdout)
    return None if cipher.group(1) == "(NONE)" else (cipher.group(1), int(bits.group(1)) if bits else 0)


@pytest.mark.parametrize("port", TLS_PORTS)
def test_no_port_takes_a_weak_cipher(pod, port):
    assert handshake(pod, port, "ECDHE+AESGCM"), "what clients use"
    assert not handshake(pod, port, "aNULL"), "without a certificate anybody could answer"
    if port == "SMTP":
        # A sending server without a common cipher would send in clear text, so port 25 takes older ones; but no key of 1024 bits.
        taken = handshake(pod, port, "kDHE")
        assert not taken or taken[1] >= 2048, taken
        return
    for weak in ("SHA1", "SHA256:SHA384", "kRSA", "kDHE"):
        assert not handshake(pod, port, weak + ":!aNULL"), weak


def test_senders_use_only_their_own_addresses(pod):
    pod.make_domain("spoof.test")
    me, boss = pod.make_user("me@spoof.test"), pod.make_user("boss@spoof.test")
    pod.api("POST", "/api/aliases?wait=15", {"address": "mine@spoof.test", "targets": [me]}, expect=201)
    with pod.submission(me) as client:
        client.mail("mine@spoof.test")
        assert client.rcpt(boss)[0] == 250
    with pod.submission(me) as client:
        client.mail(boss)
        assert client.rcpt(me)[0] in (550, 553)


def test_unknown_recipients_and_large_messages(pod):
    email = pod.make_user()
    with pod.smtp() as stranger:
        stranger.ehlo()
        assert int(stranger.esmtp_features["size"]) == 25 * 1024 * 1024
        stranger.mail("someone@elsewhere.test")
        assert stranger.rcpt("nobody@example.test")[0] == 550
        assert stranger.rcpt(email)[0] == 250
        stranger.rset()
        assert stranger.mail("someone@elsewhere.test", ["SIZE=27262976"])[0] == 552


def test_postmaster_and_abuse_reach_the_administrator(pod):
    """RFC 5321 section 4.5.1: both at each name that mail is taken for, and postmaster without a name. An alias of that name comes first."""
    pod.make_domain("masters.test")
    own = pod.make_user("chief@masters.test")
    pod.cli("aliases", "create", "--address", "abuse@masters.test", "--target", own)
    subject = uuid.uuid4().hex
    with pod.smtp() as stranger:
        stranger.ehlo("elsewhere.test")
        assert not stranger.has_extn("smtputf8"), "Dovecot does not take it"
        for name in ("postmaster", "postmaster@mail.example.test", "abuse@mail.example.test", "postmaster@masters.test", "abuse@masters.test"):
            stranger.mail("someone@elsewhere.test")
            assert stranger.rcpt(name)[0] == 250, name
            stranger.data(f"Subject: {subject}-{name}\r\n\r\nhello\r\n")
        stranger.mail("someone@elsewhere.test")
        assert stranger.rcpt("root@mail.example.test")[0] == 550
    for name in ("postmaster", "postmaster@mail.example.test", "abuse@mail.example.test", "postmaster@masters.test"):
        pod.wait_for_message("admin@example.test", f"{subject}-{name}", password=pod.admin_password)
    pod.wait_for_message(own, f"{subject}-abuse@masters.test")


def test_a_message_larger_than_the_mailbox_is_refused_at_once(pod):
    email = pod.make_user(quota=1_000_000)
    with pod.smtp() as stranger:
        stranger.ehlo("elsewhere.test")
        stranger.mail("someone@elsewhere.test", ["SIZE=2000000"])
        code, words = stranger.rcpt(email)
        assert code == 552, words
        stranger.rset()
        stranger.mail("someone@elsewhere.test", ["SIZE=2000"])
        assert stranger.rcpt(email)[0] == 250


def test_mail_for_others_stays_in_the_queue_with_a_reason(pod):
    email = pod.make_user()
    pod.send(email, ["friend@far.test"], "outbound")

    def look():
        _, queue = pod.api("GET", "/api/mail/queue", expect=200)
        for message in queue["items"]:
            if "friend@far.test" in str(message) and "PODPLAY_MAIL_OUTBOUND" in str(message):
                return message
        return None

    assert pod.wait_for(look, "the message in the queue with its reason")
    assert "friend@far.test" in pod.cli("mail", "queue", "list")


def test_mail_send_and_mail_test(pod):
    email = pod.make_user()
    subject = uuid.uuid4().hex
    pod.api("POST", "/api/mail/send", {"to": [email], "subject": subject, "text": "Grüße"}, expect=202)
    assert "utf-8" in pod.wait_for_message(email, subject).lower()
    _, tested = pod.api("POST", "/api/mail/test", {"to": email}, expect=200)
    assert tested["delivered_ms"] >= 0
    status, refused = pod.api("POST", "/api/mail/test", {"to": "nobody@example.test"})
    assert status == 422, refused
    user_token = pod.api("POST", "/api/login", {"email": email, "password": "correct horse 1"}, token="", expect=200)[1]["token"]
    status, refused = pod.api("POST", "/api/mail/send", {"from": "admin@example.test", "to": [email], "subject": "x", "text": "y"}, token=user_token)
    assert status == 403 and refused["code"] == "not_your_address"


def test_deleted_users_mail_is_moved_aside(pod):
    email = pod.make_user()
    subject = uuid.uuid4().hex
    pod.send(email, [email], subject)
    pod.wait_for_message(email, subject)
    pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    with pytest.raises(imaplib.IMAP4.error):
        pod.imap(email)
    pod.make_user(email)
    client = pod.imap(email)
    client.select("INBOX")
    assert client.search(None, "ALL")[1] == [b""], "a new owner must not see the old one's mail"
    client.logout()
    assert email in pod.execute("mail", "ls", "/data/user-data/deleted").stdout
