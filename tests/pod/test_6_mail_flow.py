"""Mail keeps flowing while the pod changes: reloads cut nobody off, what waited for Dovecot is delivered at once, and who loses the right
to log in loses what is open."""
import base64
import email as email_parser
import imaplib
import poplib
import re
import smtplib
import socket
import threading
import time
import uuid

import pytest

PASSWORD = "correct horse 1"


def has_ended(client):
    """Whether the server has closed this session: IMAP, POP3, ManageSieve (a stream) or SMTP."""
    try:
        client.noop()
    except (imaplib.IMAP4.abort, poplib.error_proto, smtplib.SMTPServerDisconnected, OSError, EOFError):
        return True
    return False


class Sieve:
    """A ManageSieve session with a login (RFC 5804)."""

    def __init__(self, pod, email, password=PASSWORD):
        connection = socket.create_connection(("127.0.0.1", pod.ports["SIEVE"]), timeout=20)
        self.stream = connection.makefile("rwb")
        self.answer()
        self.command(b"STARTTLS")
        self.stream = pod.tls().wrap_socket(connection).makefile("rwb")
        self.answer()
        self.command(b'AUTHENTICATE "PLAIN" "' + base64.b64encode(f"\0{email}\0{password}".encode()) + b'"')

    def answer(self):
        while not (line := self.stream.readline()).startswith((b"OK", b"NO", b"BYE")):
            if not line:
                raise EOFError("the server closed the connection")
        if not line.startswith(b"OK"):
            raise EOFError(line)

    def command(self, line):
        self.stream.write(line + b"\r\n")
        self.stream.flush()
        self.answer()

    def noop(self):
        self.command(b"NOOP")


def idle(client):
    tag = client._new_tag()
    client.send(tag + b" IDLE\r\n")
    while not (line := client.readline()).startswith(b"+"):
        assert line, "the connection ended"
    return tag


def end_idle(client, tag):
    client.send(b"DONE\r\n")
    while not (line := client.readline()).startswith(tag):
        assert line and b"BYE" not in line, line
    assert b"OK" in line, line


def test_field_case_02_and_03_domain_changes_end_no_session_and_fail_no_login(pod):
    users = [pod.make_user() for _ in range(3)]
    for number in range(2):
        pod.send(users[0], [users[0]], f"marked {number}")
        pod.wait_for_message(users[0], f"marked {number}")
    sleeping = []
    for number in range(10):
        client = pod.imap(users[number % 3])
        client.select("INBOX")
        sleeping.append((client, idle(client)))
    pop3 = pod.pop3(users[0])
    pop3.dele(1)
    submission = pod.submission(users[1], PASSWORD)
    problems, logins, stop = [], [0], threading.Event()

    def log_in():
        while not stop.is_set():
            try:
                pod.imap(users[2]).logout()
                logins[0] += 1
            except Exception as error:  # Everything that a client may meet counts.
                problems.append(error)

    threads = [threading.Thread(target=log_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(5):
            pod.make_domain(f"flow{number}.test")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not problems and logins[0] > 0, f"{len(problems)} of {logins[0] + len(problems)} logins failed: {problems[:3]}"
    for client, tag in sleeping:
        end_idle(client, tag)
        client.logout()
    submission.sendmail(users[1], [users[1]], "Subject: from before\r\n\r\nx\r\n")
    pod.wait_for_message(users[1], "from before")
    assert pop3.quit().startswith(b"+OK")
    again = pod.pop3(users[0])
    assert again.stat()[0] == 1, "QUIT deletes what was marked before the changes"
    again.quit()


def submission_is_refused(client, sender):
    """Whether the session may send no more, and was closed."""
    code, words = client.mail(sender)
    return code == 421 and b"login has ended" in words and has_ended(client)


def change(pod, how, email):
    domain = email.partition("@")[2]
    if how == "password":
        pod.api("PUT", f"/api/users/{email}?wait=15", {"password": "another horse 5"}, expect=200)
    elif how == "disabled":
        pod.api("PUT", f"/api/users/{email}?wait=15", {"enabled": False}, expect=200)
    elif how == "deleted":
        pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    else:
        pod.api("PUT", f"/api/domains/{domain}?wait=30", {"enabled": False}, expect=200)


@pytest.mark.parametrize("how", ["password", "disabled", "deleted", "domain"])
def test_every_open_session_ends_with_the_right_to_log_in(pod, how):
    pod.make_domain(f"{how}.test")
    # Names of mailboxes may have the characters of wildcards; sxxt is not meant.
    email, other = pod.make_user(f"s*t@{how}.test"), pod.make_user("sxxt@example.test" if how == "domain" else f"sxxt@{how}.test")
    sessions = {"IMAP": pod.imap(email), "POP3": pod.pop3(email), "ManageSieve": Sieve(pod, email)}
    others = {"IMAP": pod.imap(other), "POP3": pod.pop3(other), "ManageSieve": Sieve(pod, other)}
    submission, other_submission = pod.submission(email, PASSWORD), pod.submission(other, PASSWORD)
    used = pod.submission(email, PASSWORD)
    used.sendmail(email, [other], "Subject: before\r\n\r\nx\r\n")
    half = pod.submission(email, PASSWORD)
    half.mail(email)
    half.rcpt(other)
    token = pod.api("POST", "/api/login", {"email": email, "password": PASSWORD}, token="", expect=200)[1]["token"]
    change(pod, how, email)
    for door, client in sessions.items():
        pod.wait_for(lambda client=client: has_ended(client), f"the end of a session of {door}", 5)
    assert submission_is_refused(submission, email)
    assert submission_is_refused(used, email)
    assert half.docmd("DATA")[0] == 421, "a message that was begun before is not taken either"
    assert pod.api("GET", "/api/session", token=token)[0] == 401
    for door, client in others.items():
        assert not has_ended(client), f"another user's session of {door}"
    other_submission.sendmail(other, [other], "Subject: mine\r\n\r\nx\r\n")
    pod.api("DELETE", f"/api/users/{other}", expect=200)


def test_who_loses_a_login_among_many_loses_the_session(pod):
    """One change for a whole domain, with logins of the API among them."""
    pod.make_domain("many.test")
    last = pod.make_user("u-last@many.test")
    pod.import_users([f"u{number}@many.test" for number in range(500)])
    client = pod.imap(last)
    pod.api("PUT", "/api/domains/many.test?wait=30", {"enabled": False}, expect=200)
    pod.wait_for(lambda: has_ended(client), "the end of a session of a disabled domain", 5)
    assert pod.api("POST", "/api/login", {"email": last, "password": PASSWORD}, token="")[0] == 401
    pod.api("PUT", "/api/domains/many.test?wait=30", {"enabled": True}, expect=200)
    pod.imap(last).logout()


def test_mail_that_waited_for_dovecot_is_delivered_when_it_is_back(pod):
    email = pod.make_user()
    pod.send(email, ["friend@far.test"], "for others")

    def retries():
        """When mail for another server is tried next, as Postfix's files say."""
        found = pod.execute("mail", "find", "/data/service/spool/deferred", "-type", "f", "-printf", "%f %T@\n").stdout.split("\n")
        return {line.partition(" ")[0]: line for line in found if line}

    pod.wait_for(lambda: "friend@far.test" in str(pod.api("GET", "/api/mail/queue", expect=200)[1]), "the message for others")
    pod.wait_for(retries, "a deferred message")
    before = retries()
    subjects = [uuid.uuid4().hex for _ in range(5)]
    pod.execute("mail", "sh", "-c", "rm /run/dovecot/lmtp")
    with pod.smtp() as stranger:
        for subject in subjects:
            stranger.sendmail("someone@elsewhere.test", [email], f"Subject: {subject}\r\n\r\nx\r\n")
    pod.wait_for(lambda: str(pod.api("GET", "/api/mail/queue", expect=200)[1]).count("/run/dovecot/lmtp") >= 5, "mail that waits for Dovecot")
    pod.cli("system", "restart", "mail", "--daemon", "dovecot")
    for subject in subjects:
        pod.wait_for_message(email, subject, seconds=10)
    after = retries()
    assert all(after.get(name) == line for name, line in before.items()), "mail for other servers keeps its time"


def test_mail_survives_kill_9_of_dovecot(pod):
    email = pod.make_user()
    subjects = [uuid.uuid4().hex for _ in range(8)]
    for number, subject in enumerate(subjects):
        if number in (2, 5):
            pod.execute("mail", "sh", "-c", "kill -9 $(cat /run/dovecot/master.pid)")
        with pod.smtp() as stranger:
            stranger.sendmail("someone@elsewhere.test", [email], f"Subject: {subject}\r\n\r\nx\r\n")
    pod.wait_for(lambda: pod.imap(email).logout(), "a login after the kills")
    for subject in subjects:
        pod.wait_for_message(email, subject, seconds=12)


def test_field_case_08_submission_adds_what_a_message_must_have(pod):
    """RFC 6409 sections 8.2 and 8.3; RFC 5322 section 3.6 requires Date and From."""
    email = pod.make_user()
    with pod.submission(email, PASSWORD) as client:
        client.sendmail(email, [email], "Subject: bare\r\n\r\nx\r\n")
        client.sendmail(email, [email], f"Subject: complete\r\nFrom: Me <{email}>\r\nDate: Mon, 5 Jan 2026 07:00:00 +0000\r\n"
                                        "Message-ID: <mine@client.test>\r\n\r\nx\r\n")
    bare = email_parser.message_from_string(pod.wait_for_message(email, "bare"))
    assert bare["Date"] and bare["Message-ID"].startswith("<") and email in bare["From"], bare.items()
    complete = email_parser.message_from_string(pod.wait_for_message(email, "complete"))
    assert complete.get_all("Date") == ["Mon, 5 Jan 2026 07:00:00 +0000"] and complete.get_all("Message-ID") == ["<mine@client.test>"]
    assert complete.get_all("From") == [f"Me <{email}>"]
    # What other servers send is theirs.
    with pod.smtp() as stranger:
        stranger.sendmail("someone@elsewhere.test", [email], "Subject: foreign\r\n\r\nx\r\n")
    foreign = email_parser.message_from_string(pod.wait_for_message(email, "foreign"))
    assert not foreign["Message-ID"] and not foreign["Date"], foreign.items()


def test_field_case_13_text_of_the_api_has_crlf(pod):
    email = pod.make_user()
    for number, (text, wanted) in enumerate([("one\ntwo", b"one\r\ntwo"), ("a\r\nb\rc\n", b"a\r\nb\r\nc\r\n"), ("\n\r\n\r\r", b"\r\n" * 4)]):
        subject = f"lines {number} {uuid.uuid4().hex}"
        pod.api("POST", "/api/mail/send", {"to": [email], "subject": subject, "text": text}, expect=202)
        assert email_parser.message_from_string(pod.wait_for_message(email, subject)).get_payload(decode=True) == wanted


def test_field_case_22_long_lines_arrive_as_they_were_sent(pod):
    email = pod.make_user()
    line = "x" * 2000
    with pod.smtp() as stranger:
        stranger.sendmail("someone@elsewhere.test", [email], f"Subject: long line\r\n\r\n{line}\r\nend\r\n")
    assert f"{line}\r\nend" in pod.wait_for_message(email, "long line")


def test_field_case_07_folders_may_have_dots(pod):
    email = pod.make_user()
    client = pod.imap(email)
    for name in ("Plain/Sub", "v1.2/sub.x", "~home", ".hidden", "a..b", "x^2e", "100%20"):
        assert client.create(f'"{name}"')[0] == "OK", name
        assert client.append(f'"{name}"', None, None, f"Subject: in {name}\r\n\r\nx\r\n".encode())[0] == "OK", name
    listed = b" ".join(client.list()[1]).decode()
    for name in ("Plain/Sub", "v1.2/sub.x", "~home", ".hidden", "a..b", "x^2e", "100%20"):
        assert f'"{name}"' in listed or f" {name}" in listed, listed
    assert client.rename('"v1.2"', '"v2.0"')[0] == "OK" and client.select('"v2.0/sub.x"')[1] == [b"1"]
    client.logout()
    folders = pod.execute("mail", "ls", "-a", f"/data/user-data/users/{email}/mail").stdout.split("\n")
    assert ".Plain.Sub" in folders and ".100%20" in folders, "names that were possible before are the same on disk"
    pod.put_sieve(email, 'require ["fileinto", "mailbox"];\nfileinto :create "a.b/c";\n')
    with pod.smtp() as stranger:
        stranger.sendmail("someone@elsewhere.test", [email], "Subject: filed\r\n\r\nx\r\n")

    def is_filed():
        with pod.imap(email) as reader:
            return reader.select('"a.b/c"')[0] == "OK" and reader.search(None, "SUBJECT", '"filed"')[1][0]

    pod.wait_for(is_filed, "the filed message")
    # All of it counts, and comes back when the mailbox is restored.
    with pod.imap(email) as reader:
        assert int(re.search(rb"STORAGE (\d+)", reader.getquotaroot("INBOX")[1][1][0]).group(1)) >= 1
    pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    pod.make_user(email)
    deleted = next(row for row in pod.api("GET", "/api/mail/deleted?limit=100", expect=200)[1]["items"] if row["name"] == email)
    pod.api("POST", f"/api/mail/deleted/{deleted['id']}/restore", {"mailbox": email}, expect=202)
    pod.wait_for(is_filed, "the restored folders", 20)
