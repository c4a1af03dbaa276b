"""Guessing passwords at every door, and sending too much. Clients of this pod are all behind one address, the gateway of its network, so
these are also the tests of a port forward that hides its clients."""
import base64
import concurrent.futures
import datetime
import http.client
import imaplib
import json
import poplib
import re
import signal
import smtplib
import socket
import subprocess
import time
import uuid

import pytest

RIGHT = "correct horse 1"
TOLD = re.compile(r"too many wrong passwords for this account; try again after (\d\d:\d\d:\d\d) UTC")


def try_http(pod, email, password):
    status, answer = pod.api("POST", "/api/login", {"email": email, "password": password}, token="")
    return status == 200, json.dumps(answer)


def try_imap(pod, email, password):
    try:
        pod.imap(email, password).logout()
        return True, ""
    except imaplib.IMAP4.error as error:
        return False, str(error)


def try_pop3(pod, email, password):
    try:
        pod.pop3(email, password).quit()
        return True, ""
    except poplib.error_proto as error:
        return False, str(error)


def try_smtp(pod, email, password):
    try:
        pod.submission(email, password).quit()
        return True, ""
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
        return False, error.smtp_error.decode()


def try_sieve(pod, email, password):
    connection = socket.create_connection(("127.0.0.1", pod.ports["SIEVE"]), timeout=20)

    def answer():
        while not (line := stream.readline()).startswith((b"OK", b"NO", b"BYE")):
            assert line, "the connection ended"
        return line.decode()

    stream = connection.makefile("rb")
    answer()
    connection.sendall(b"STARTTLS\r\n")
    answer()
    connection = pod.tls().wrap_socket(connection)
    stream = connection.makefile("rb")
    answer()
    connection.sendall(b'AUTHENTICATE "PLAIN" "' + base64.b64encode(f"\0{email}\0{password}".encode()) + b'"\r\n')
    said = answer()
    connection.close()
    return said.startswith("OK"), said


DOORS = {"http": try_http, "imap": try_imap, "pop3": try_pop3, "smtp": try_smtp, "sieve": try_sieve}


def guess_until_told(pod, email, doors, most=12):
    """Returns the number of tries and what the guesser was told."""
    for number in range(1, most + 1):
        right, words = DOORS[doors[number % len(doors)]](pod, email, f"wrong password {uuid.uuid4().hex}")
        assert not right
        if found := TOLD.search(words):
            return number, found.group(1)
    raise AssertionError(f"nobody stopped the guesser at {doors}: {words}")


def seconds_of(door, pod, email):
    began = time.monotonic()
    right, words = DOORS[door](pod, email, RIGHT)
    assert right, f"{door}: {words}"
    return time.monotonic() - began


def audit_of(pod, email, event):
    _, page = pod.api("GET", "/api/audit?limit=200", expect=200)
    return [row for row in page["items"] if row["event"] == event and row["subject"] == email]


@pytest.fixture(scope="module")
def attacked(pod):
    """An account for each door, whose owner has been in at that door, and which was guessed at until the guesser was told."""
    accounts = {door: pod.make_user() for door in DOORS}
    for door, email in accounts.items():
        assert DOORS[door](pod, email, RIGHT)[0]
    other = pod.make_user()
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        attacks = {door: pool.submit(guess_until_told, pod, email, [door]) for door, email in accounts.items()}
        meanwhile = {door: [seconds_of(door, pod, other) for _ in range(3)] for door in DOORS}
        told = {door: attack.result() for door, attack in attacks.items()}
    return accounts, told, meanwhile


@pytest.mark.parametrize("door", DOORS)
def test_a_guesser_is_stopped_at_each_door_and_told_until_when(attacked, door):
    _, told, _ = attacked
    tries, until = told[door]
    assert tries <= 12
    end = datetime.datetime.combine(datetime.datetime.now(datetime.UTC).date(), datetime.time.fromisoformat(until), datetime.UTC)
    assert abs((end - datetime.datetime.now(datetime.UTC)).total_seconds()) % 86400 < 400


@pytest.mark.parametrize("door", DOORS)
def test_field_case_23_another_user_at_the_same_address_is_not_slowed(attacked, door):
    _, _, meanwhile = attacked
    assert min(meanwhile[door]) < 1, meanwhile


def test_the_owner_gets_in_at_every_door_while_the_account_is_locked(pod, attacked):
    accounts, _, _ = attacked
    for owner_door, email in accounts.items():
        assert pod.api("GET", f"/api/users/{email}/lock", expect=200)[1]["locked"]
        for door in DOORS:
            right, words = DOORS[door](pod, email, RIGHT)
            assert right, f"the owner, known at {owner_door}, at {door}: {words}"


def test_failures_refusals_and_locks_are_in_the_audit_counted(pod, attacked):
    accounts, _, _ = attacked
    for door, email in accounts.items():
        def look():
            failed = audit_of(pod, email, "LOGIN_FAILED")
            locked = audit_of(pod, email, "LOGIN_LOCKED")
            refused = audit_of(pod, email, "LOGIN_REFUSED")
            return failed and locked and refused and (failed, locked, refused)
        failed, locked, refused = pod.wait_for(look, f"audit events of {email}", 10)
        assert {row["door"] for row in failed + refused} == {door}
        assert len(failed) <= 3, "one row for each try"
        assert failed[0]["actor"] == email and failed[0]["remote_address"]


def test_the_status_tells_of_guessing(pod, attacked):
    _, status = pod.api("GET", "/api/system/status", expect=200)
    guessing = status["guessing"]
    assert guessing["failed"] >= 50 and guessing["refused"] >= 5 and guessing["locked_accounts"] >= 5, guessing
    said = pod.cli("status")
    assert re.search(r"guessing: \d+ tries refused, \d+ wrong passwords, \d+ accounts", said), said


def test_an_administrator_sees_why_and_unlocks(pod, attacked):
    accounts, _, _ = attacked
    email = accounts["imap"]
    said = pod.cli("users", "why-locked", email)
    assert re.search(r"^locked +yes$", said, re.MULTILINE) and "imap" in said, said
    assert "unlocked" in pod.cli("users", "unlock", email)
    assert not pod.api("GET", f"/api/users/{email}/lock", expect=200)[1]["locked"]
    # A stranger's password is looked at again: wrong, but not refused.
    pod.wait_for(lambda: not TOLD.search(try_imap(pod, email, "a wrong password")[1]), "the lock's end at IMAP", 5)
    assert audit_of(pod, email, "USER_UNLOCKED")
    # Others may not.
    login = pod.api("POST", "/api/login", {"email": email, "password": RIGHT}, token="", expect=200)[1]
    pod.api("GET", f"/api/users/{email}/lock", token=login["token"], expect=200)
    pod.api("POST", f"/api/users/{email}/unlock", token=login["token"], expect=403)


def test_tries_that_are_spread_over_the_doors_are_stopped_like_those_at_one(pod):
    email = pod.make_user()
    tries, _ = guess_until_told(pod, email, list(DOORS))
    assert tries <= 12
    for door in DOORS:
        assert TOLD.search(DOORS[door](pod, email, "still wrong")[1]), door


def test_429_says_when_to_try_again(pod):
    email = pod.make_user()
    guess_until_told(pod, email, ["http"])
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=30)
    connection.request("POST", "/api/login", json.dumps({"email": email, "password": "wrong"}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    problem = json.loads(answer.read())
    assert answer.status == 429 and 0 < int(answer.getheader("Retry-After")) <= 300
    assert problem["code"] == "too_many_logins" and TOLD.search(problem["detail"]), problem


def test_a_forgotten_client_with_an_old_password_locks_nobody_out(pod):
    email = pod.make_user()
    for _ in range(15):
        right, words = try_http(pod, email, "the old password")
        assert not right and not TOLD.search(words)
    assert try_imap(pod, email, RIGHT)[0]


@pytest.mark.parametrize("module, port", [("imap", "IMAPS"), ("pop3", "POP3S"), ("smtp", "SMTPS")])
def test_hydra_finds_no_password(pod, tmp_path, module, port):
    email = pod.make_user()
    words = tmp_path / "passwords"
    words.write_text("".join(f"guess number {i}\n" for i in range(30)) + RIGHT + "\n")
    done = subprocess.run(["timeout", "40", "hydra", "-I", "-S", "-t", "4", "-l", email, "-P", words, "-s", str(pod.ports[port]), "127.0.0.1", module],
                          capture_output=True, text=True, timeout=60)
    assert "0 valid password found" in done.stdout, done.stdout + done.stderr
    assert pod.api("GET", f"/api/users/{email}/lock", expect=200)[1]["locked"], done.stdout + done.stderr


def test_logins_go_on_while_the_agent_does_not_answer(pod):
    """The agent is stopped, not ended, so that Dovecot finds its socket open and silent: the worse case."""
    email = pod.make_user()
    assert try_imap(pod, email, RIGHT)[0]
    agent = pod.pid_of("mail")
    subprocess.run(["kill", f"-{signal.SIGSTOP.value}", str(agent)], check=True)
    try:
        assert seconds_of("imap", pod, email) < 5
    finally:
        subprocess.run(["kill", f"-{signal.SIGCONT.value}", str(agent)], check=True)
    pod.wait_ready()


def test_what_an_account_sends_in_an_hour_is_limited_also_by_the_api(pod):
    """2000 recipients, the default of PODPLAY_MAIL_HOURLY_RECIPIENTS."""
    sender, other = pod.make_user(), pod.make_user()
    with pod.submission(sender, RIGHT) as client:
        for _ in range(4):
            assert client.sendmail(sender, [other] * 490, f"From: {sender}\r\nSubject: many\r\n\r\nhello\r\n") == {}
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail(sender, [other] * 50, f"From: {sender}\r\nSubject: more\r\n\r\nhello\r\n")
        assert refused.value.smtp_code == 450
        said = refused.value.smtp_error.decode()
        assert re.search(r"4\.7\.1 .*this account may send 2000 recipients an hour; send again after \d\d:\d\d:\d\d UTC", said), said
        client.rset()
        assert client.sendmail(sender, [other] * 40, f"From: {sender}\r\nSubject: last\r\n\r\nhello\r\n") == {}
    token = pod.api("POST", "/api/login", {"email": sender, "password": RIGHT}, token="", expect=200)[1]["token"]
    status, problem = pod.api("POST", "/api/mail/send", {"to": [other], "subject": "api", "text": "hello"}, token=token)
    assert status == 429 and problem["code"] == "too_many_messages", problem
    # Others send on.
    pod.send(other, [sender], "others go on")
    pod.wait_for_message(other, "last")
