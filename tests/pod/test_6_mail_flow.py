"""Mail keeps flowing while the pod changes: reloads cut nobody off, what waited for Dovecot is delivered at once, and who loses the right
to log in loses what is open."""
import base64
import email as email_parser
import imaplib
import json
import os
import poplib
import re
import shutil
import smtplib
import socket
import subprocess
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
    domain = f"{how}{uuid.uuid4().hex[:6]}.test"
    pod.make_domain(domain)
    # Names of mailboxes may have the characters of wildcards; sxxt is not meant.
    email = pod.make_user(f"s*t@{domain}")
    other = pod.make_user() if how == "domain" else pod.make_user(f"sxxt@{domain}")
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
    assert submission_is_refused(used, email), "a session that has sent a message before"
    assert half.docmd("DATA")[0] == 421, "a message that was begun before is not taken either"
    assert pod.api("GET", "/api/session", token=token)[0] == 401
    for door, client in others.items():
        assert not has_ended(client), f"another user's session of {door}"
    other_submission.sendmail(other, [other], "Subject: mine\r\n\r\nx\r\n")
    pod.api("DELETE", f"/api/users/{other}", expect=200)


def test_who_loses_a_login_among_many_loses_the_session(pod):
    """One change for a whole domain, with logins of the API among them."""
    domain = f"many{uuid.uuid4().hex[:6]}.test"
    pod.make_domain(domain)
    last = pod.make_user(f"u-last@{domain}")
    pod.import_users([f"u{number}@{domain}" for number in range(500)])
    client = pod.imap(last)
    pod.api("PUT", f"/api/domains/{domain}?wait=30", {"enabled": False}, expect=200)
    pod.wait_for(lambda: has_ended(client), "the end of a session of a disabled domain", 5)
    assert pod.api("POST", "/api/login", {"email": last, "password": PASSWORD}, token="")[0] == 401
    pod.api("PUT", f"/api/domains/{domain}?wait=30", {"enabled": True}, expect=200)
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


def test_a_look_up_that_takes_too_long_ends_no_login(pod):
    """Dovecot's auth 2.4.1 dies when it has the answer to a look-up that nobody waits for any more, and with it all logins under way. So
    the agent, which looks a new mailbox up, gives up waiting but not the connection."""
    email = pod.make_user()
    # A worker of auth that has ended could not be stopped.
    pod.imap(email).logout()
    before = pod.execute("mail", "pgrep", "-xf", "dovecot/auth").stdout
    assert len(before.split()) == 1, before
    late = f"late-{uuid.uuid4().hex[:8]}@example.test"
    assert pod.execute("mail", "pkill", "-STOP", "-f", "^dovecot/auth -w").returncode == 0
    try:
        # Longer than the agent waits for an answer.
        pod.api("POST", "/api/users?wait=7", {"email": late, "password": PASSWORD}, expect=201)
    finally:
        pod.execute("mail", "pkill", "-CONT", "-f", "^dovecot/auth -w")
    pod.wait_for(lambda: pod.imap(late).logout(), "a login of the new user")
    pod.imap(email).logout()
    assert pod.execute("mail", "pgrep", "-xf", "dovecot/auth").stdout == before


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


# A second Postfix as somebody else's relay, in the network of the pod: it takes mail only with TLS and a login, which its Dovecot checks.
RELAY_START = r"""
set -e
mkdir -p /relay/postfix /relay/spool /relay/data /relay/dovecot /run/relay
cat >/relay/dovecot/dovecot.conf <<END
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = /run/relay
state_dir = /relay/dovecot
log_path = /dev/stderr
protocols =
ssl = no
auth_mechanisms = plain login
passdb static {
  password = "$RELAY_PASSWORD"
}
service auth {
  unix_listener postfix-auth {
    mode = 0666
  }
}
END
cat >/relay/postfix/main.cf <<END
compatibility_level = 3.10
queue_directory = /relay/spool
data_directory = /relay/data
meta_directory = /usr/share/podplay/debian/etc/postfix
maillog_file = /dev/stdout
myhostname = localhost
mydestination =
alias_maps =
default_transport = discard:
smtpd_tls_loglevel = 1
smtpd_tls_chain_files = /pki/both.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = /run/relay/postfix-auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
END
sed 's/^smtp *inet.*/127.0.0.1:1587 inet n - n - - smtpd/;/^submission/,/^pickup/{/^pickup/!d}' /usr/share/podplay/debian/etc/postfix/master.cf.proto >/relay/postfix/master.cf
chown postfix /relay/data
dovecot -c /relay/dovecot/dovecot.conf
exec postfix -c /relay/postfix start-fg
"""


@pytest.fixture
def relay(pod, tmp_path):
    """The pod with a relay, and without it afterwards."""
    password = f"re:lay word #{uuid.uuid4().hex[:8]}"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem"], check=True, capture_output=True)
    (tmp_path / "both.pem").write_text((tmp_path / "key.pem").read_text() + (tmp_path / "certificate.pem").read_text())
    before = dict(pod.environment)
    pod.used_secrets.append(password)
    pod.environment.update({"PODPLAY_MAIL_OUTBOUND": "relay", "PODPLAY_MAIL_RELAY": "localhost:1587", "PODPLAY_MAIL_RELAY_TLS": "encrypt",
                            "PODPLAY_MAIL_RELAY_USER": "me@relay.test", "PODPLAY_MAIL_RELAY_PASSWORD": password,
                            "PODPLAY_MAIL_SPF": "include:_spf.relay.test"})
    try:
        pod.up()
        started = pod.podman("run", "--detach", "--pod", pod.name, "--name", f"{pod.name}-relay", "--volume", f"{tmp_path}:/pki:ro",
                             "--env", f"RELAY_PASSWORD={password}", "--entrypoint", "/bin/sh", "localhost/podplay-mail:latest", "-c", RELAY_START)
        assert started.returncode == 0, started.stderr
        yield password
    finally:
        pod.podman("rm", "--force", "--time", "2", f"{pod.name}-relay")
        pod.environment.clear()
        pod.environment.update(before)
        pod.up()


def test_mail_for_others_leaves_by_a_relay_with_a_login(pod, relay):
    def words():
        done = pod.podman("logs", f"{pod.name}-relay")
        return done.stdout + done.stderr

    pod.wait_for(lambda: "daemon started" in words(), "the relay", 30)
    email, friend = pod.make_user(), f"{uuid.uuid4().hex}@far.test"
    pod.send(email, [friend], "by the relay")
    pod.wait_for(lambda: f"to=<{friend}>" in words(), "the message at the relay", 30)
    assert "sasl_username=me@relay.test" in words() and "TLSv1.3" in words(), words()
    assert friend not in str(pod.api("GET", "/api/mail/queue", expect=200)[1])
    # Our record names what really sends.
    said = subprocess.run(["dig", "@127.0.0.1", "-p", str(pod.ports["DNS"]), "+short", "example.test", "TXT"], capture_output=True, text=True, timeout=20)
    assert said.stdout.strip() == '"v=spf1 mx include:_spf.relay.test -all"', said.stdout
    # The password is in one file, for root only, and nowhere else that somebody could look at.
    assert pod.execute("mail", "stat", "-c", "%a %u", "/run/podplay-enrol/relay").stdout.split()[0] == "400"
    assert pod.execute("mail", "grep", "-rlF", relay, "/data", "/etc", "/tmp").stdout == ""
    assert relay not in pod.execute("mail", "ps", "axeww").stdout and relay not in str(pod.api("GET", "/api/settings", expect=200)[1])


# Each port with what testssl.sh needs to begin TLS there. One port costs half a minute of the processor's time, so two stand for all unless
# TESTSSL_ALL is set: test_1_mail has the ciphers of every port of mail.
SCANNED = {"HTTPS": [], "SMTP": ["-t", "smtp"]}
if os.environ.get("TESTSSL_ALL"):
    SCANNED |= {"SMTPS": [], "SUBMISSION": ["-t", "smtp"], "IMAP": ["-t", "imap"], "IMAPS": [], "POP3": ["-t", "pop3"], "POP3S": [], "SIEVE": ["-t", "sieve"]}


@pytest.mark.skipif(not shutil.which("testssl"), reason="testssl.sh is not installed (tools/setup test)")
@pytest.mark.parametrize("port", SCANNED)
def test_testssl_finds_nothing_above_low(pod, port, tmp_path):
    """Protocols, ciphers and, for HTTPS, BREACH."""
    report = tmp_path / "report.json"
    sections = ["-p", "-s", "-B"] if port == "HTTPS" else ["-p", "-s"]
    subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--ip", "one", "--jsonfile", str(report), *sections, *SCANNED[port],
                    f"127.0.0.1:{pod.ports[port]}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    found = json.loads(report.read_text())
    assert any(one["id"] == "TLS1_3" and one["severity"] == "OK" for one in found), found
    allowed = {"engine_problem"}  # About openssl on this machine.
    if port == "SMTP":
        # It is opportunistic: without these ciphers, an old server would send in clear text (docs/mail.md).
        allowed |= {"cipherlist_AVERAGE", "cipherlist_OBSOLETED", "cipherlist_3DES_IDEA"}
    bad = [one for one in found if one["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "FATAL", "WARN") and one["id"] not in allowed]
    assert not bad, bad


def test_answers_of_the_api_are_not_compressed(pod):
    """BREACH: who sees the sizes of compressed answers can guess secrets in them."""
    command = ["curl", "-sk", "-D-", "-o", "/dev/null", "-H", "Accept-Encoding: gzip, deflate, br", f"https://127.0.0.1:{pod.ports['HTTPS']}"]
    for path in ("/api/openapi.json", "/"):
        said = subprocess.run([*command[:-1], command[-1] + path], capture_output=True, text=True, timeout=20).stdout.lower()
        assert " 200" in said.split("\n")[0] and "content-encoding" not in said, said
