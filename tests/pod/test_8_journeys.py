"""What people do about their own accounts, with real mails through Postfix, read back by IMAP. The address outside is one of another domain of
the same pod: nothing leaves it."""
import base64
import email
import email.policy
import http.client
import json
import re
import tarfile
import time
import uuid

import pytest

PASSWORD = "correct horse 1"
OWN = "words that nobody else has"
OUTSIDE = "outside.test"


@pytest.fixture(scope="module")
def journeys(pod):
    if pod.api("GET", f"/api/domains/{OUTSIDE}")[0] == 404:
        pod.make_domain(OUTSIDE)
    pod.api("PUT", "/api/domains/example.test/registration", {"mode": "open", "allowed_domains": [OUTSIDE]}, expect=200)
    yield pod
    pod.api("PUT", "/api/domains/example.test/registration", {"mode": ""}, expect=200)


def unique(domain):
    return f"j{uuid.uuid4().hex[:10]}@{domain}"


def mails_of(pod, address, password=PASSWORD):
    client = pod.imap(address, password)
    client.select("INBOX", readonly=True)
    _, found = client.search(None, "ALL")
    mails = [email.message_from_bytes(client.fetch(number, "(BODY.PEEK[])")[1][0][1], policy=email.policy.default) for number in found[0].split()]
    client.logout()
    return mails


def mail_number(pod, address, number, password=PASSWORD):
    """Waits for it. Numbers begin with 1."""
    deadline = time.monotonic() + 20
    while True:
        mails = mails_of(pod, address, password)
        if len(mails) >= number:
            return mails[number - 1]
        assert time.monotonic() < deadline, f"{address} has {[mail['Subject'] for mail in mails]}"
        time.sleep(0.05)


def token_of(pod, mail):
    text = mail.get_body(("plain",)).get_content()
    found = re.search(r"(https://\S+)#token=([A-Za-z0-9_-]+)", text)
    assert found, text
    pod.used_secrets.append(found.group(2))
    return found.group(2)


def stranger(pod, method, path, body=None, expect=None):
    return pod.api(method, path, body, token="", expect=expect)


def register(pod, outside, address=None, language="en"):
    address = address or unique("example.test")
    _, answer = stranger(pod, "POST", "/api/register",
                         {"email": address, "password": OWN, "recovery_address": outside, "language": language}, expect=202)
    assert answer == {"state": "mail_sent", "email": address, "recovery_address": outside}
    return address


def log_in(pod, address, password=OWN, expect=200):
    _, answer = stranger(pod, "POST", "/api/login", {"email": address, "password": password}, expect=expect)
    if expect == 200:
        pod.used_secrets.append(answer["token"])
        return answer["token"]
    return None


def registered(pod):
    """A person with an account and an address outside, and how many mails came there."""
    outside = pod.make_user(unique(OUTSIDE))
    address = register(pod, outside)
    token = token_of(pod, mail_number(pod, outside, 1))
    _, answer = stranger(pod, "POST", "/api/confirm?wait=20", {"token": token}, expect=200)
    assert answer["state"] == "active" and answer["applied"]["state"] == "applied", answer
    return address, outside


def test_registration_mail_link_login_imap(journeys):
    pod = journeys
    outside = pod.make_user(unique(OUTSIDE))
    address = register(pod, outside, language="de")
    log_in(pod, address, expect=401)
    mail = mail_number(pod, outside, 1)
    assert "bestätigen" in mail["Subject"] and address in mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Message-ID"] and mail["Date"].datetime
    assert mail["From"] == "postmaster@example.test" and mail["To"] == outside
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    token = token_of(pod, mail)
    assert f'#token={token}"' in mail.get_body(("html",)).get_content()
    # Programs that check mail open the page and look at the link: nothing happens.
    for _ in range(2):
        _, view = stranger(pod, "POST", "/api/links/look", {"token": token}, expect=200)
        assert view["purpose"] == "registration" and view["email"] == address
    log_in(pod, address, expect=401)
    stranger(pod, "POST", "/api/confirm?wait=20", {"token": token}, expect=200)
    session = log_in(pod, address)
    _, account = pod.api("GET", "/api/account", token=session, expect=200)
    assert account["recovery_address"] == outside and account["language"] == "de"
    pod.imap(address, OWN).logout()
    assert stranger(pod, "POST", "/api/confirm", {"token": token})[1]["code"] == "link_invalid"


def test_a_taken_address_is_told_only_by_mail(journeys):
    pod = journeys
    outside = pod.make_user(unique(OUTSIDE))
    register(pod, outside, address="admin@example.test")
    assert "not available" in mail_number(pod, outside, 1).get_body(("plain",)).get_content()
    status, answer = stranger(pod, "POST", "/api/register", {"email": unique("example.test"), "password": OWN, "recovery_address": unique("other.test")})
    assert (status, answer["code"]) == (400, "recovery_domain_not_allowed")


def test_forgotten_password(journeys):
    pod = journeys
    address, outside = registered(pod)
    session = log_in(pod, address)
    began = time.monotonic()
    stranger(pod, "POST", "/api/password-reset", {"email": address}, expect=202)
    known = time.monotonic() - began
    began = time.monotonic()
    stranger(pod, "POST", "/api/password-reset", {"email": unique("example.test")}, expect=202)
    print(f"asked for a reset of a known account: {known * 1000:.1f} ms, of an unknown one: {(time.monotonic() - began) * 1000:.1f} ms")
    token = token_of(pod, mail_number(pod, outside, 2))
    new = "another one that is mine"
    pod.used_secrets.append(new)
    stranger(pod, "POST", "/api/password-reset/confirm?wait=20", {"token": token, "password": new}, expect=200)
    assert pod.api("GET", "/api/account", token=session)[0] == 401
    log_in(pod, address, expect=401)
    log_in(pod, address, new)
    pod.imap(address, new).logout()
    # The person is told, in the mailbox and outside.
    assert "was changed" in mail_number(pod, outside, 3)["Subject"]
    assert "was changed" in mail_number(pod, address, 1, new)["Subject"]


def test_resets_of_an_account_are_limited(journeys):
    pod = journeys
    address = unique("example.test")
    for _ in range(3):
        stranger(pod, "POST", "/api/password-reset", {"email": address}, expect=202)
    connection = http.client.HTTPConnection("127.0.0.1", pod.ports["API"], timeout=30)
    connection.request("POST", "/api/password-reset", json.dumps({"email": address}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 429 and 3000 < int(answer.headers["Retry-After"]) <= 3600
    assert json.loads(answer.read())["code"] == "too_many_requests"


def test_both_addresses_confirm_a_new_recovery_address(journeys):
    pod = journeys
    address, outside = registered(pod)
    elsewhere = pod.make_user(unique(OUTSIDE))
    session = log_in(pod, address)
    _, asked = pod.api("PUT", "/api/account/recovery-address", {"address": elsewhere, "current_password": OWN}, token=session, expect=202)
    assert asked["waits_for"] == ["new", "old"]
    new, old = token_of(pod, mail_number(pod, elsewhere, 1)), token_of(pod, mail_number(pod, outside, 2))
    assert stranger(pod, "POST", "/api/confirm", {"token": old}, expect=200)[1]["state"] == "waiting_for_other"
    assert stranger(pod, "POST", "/api/confirm", {"token": new}, expect=200)[1]["state"] == "changed"
    assert pod.api("GET", "/api/account", token=session)[1]["recovery_address"] == elsewhere


def test_an_invited_person_sets_the_password(journeys):
    pod = journeys
    outside = pod.make_user(unique(OUTSIDE))
    address = pod.make_user()
    pod.cli("users", "invite", address, "--address", outside)
    token = token_of(pod, mail_number(pod, outside, 1))
    pod.cli("set-password", "--token-stdin", "--password", OWN, input=token + "\n")
    pod.imap(address, OWN).logout()
    pod.cli("users", "email", address, "--subject", "Grüße", "--text", "Hello,\n\nhow are you?")
    mail = mail_number(pod, address, 1, OWN)
    assert mail["Subject"] == "Grüße" and mail["Reply-To"] == "admin@example.test" and mail["Auto-Submitted"] is None
    assert "<p>how are you?</p>" in mail.get_body(("html",)).get_content()


def test_a_deleted_account_can_be_kept(journeys):
    pod = journeys
    address, outside = registered(pod)
    session = log_in(pod, address)
    _, answer = pod.api("POST", "/api/account/deletion?wait=20", {"current_password": OWN}, token=session, expect=202)
    assert answer["applied"]["state"] == "applied"
    log_in(pod, address, expect=401)
    with pytest.raises(Exception, match="(?i)auth"):
        pod.imap(address, OWN)
    assert address in pod.cli("users", "deletions")
    token = token_of(pod, mail_number(pod, outside, 2))
    assert stranger(pod, "POST", "/api/confirm?wait=20", {"token": token}, expect=200)[1]["state"] == "kept"
    pod.imap(address, OWN).logout()
    session = log_in(pod, address)
    pod.api("POST", "/api/account/deletion?wait=20", {"current_password": OWN}, token=session, expect=202)
    pod.cli("users", "restore", address)
    pod.imap(address, OWN).logout()


def test_an_account_is_erased_when_its_time_has_come(journeys):
    """The grace period is not waited for: the job is told to run now, as an administrator can."""
    pod = journeys
    address, outside = registered(pod)
    pod.api("POST", "/api/mail/send", {"to": [address], "subject": "x", "text": "y"}, expect=202)
    mail_number(pod, address, 1, OWN)
    session = log_in(pod, address)
    _, user = pod.api("GET", f"/api/users/{address}", expect=200)
    pod.api("POST", "/api/account/deletion?wait=20", {"current_password": OWN}, token=session, expect=202)
    _, jobs = pod.api("GET", "/api/jobs?kind=account_erasure&state=waiting", expect=200)
    job = next(job for job in jobs["items"] if job["subject"].startswith(f"{user['id']} "))
    pod.api("POST", f"/api/jobs/{job['id']}/run", expect=202)
    _, done = pod.api("GET", f"/api/jobs/{job['id']}?wait=30", expect=200)
    assert done["state"] == "done", done
    assert pod.api("GET", f"/api/users/{address}")[0] == 404
    assert address not in pod.cli("mail", "deleted", "list", "--limit", "500")
    assert pod.execute("mail", "ls", f"/data/user-data/users/{address}").returncode != 0


def test_a_copy_of_the_own_data(journeys, tmp_path):
    pod = journeys
    address, _ = registered(pod)
    client = pod.imap(address, OWN)
    client.create("Reisen")
    large = b"Subject: large\r\n\r\n" + base64.encodebytes(bytes(range(256)) * 12_000).replace(b"\n", b"\r\n")
    client.append("Reisen", r"(\Seen \Flagged)", None, large)
    client.append("INBOX", None, None, b"Subject: small\r\n\r\nhello\r\n")
    client.logout()
    pod.cli("--session", "person", "login", "--email", address, "--password-stdin", input=OWN + "\n")
    file = tmp_path / "mine.tar"
    pod.cli("--session", "person", "account", "export", "--file", str(file), "--current-password", OWN)
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as archive:
        contents = {member.name.removeprefix(address + "/"): archive.extractfile(member).read() for member in archive if member.isfile()}
    account = json.loads(contents["account.json"])
    assert account["email"] == address and "password_hash" not in account
    assert any(json.loads(line)["event"] == "USER_CREATED" for line in contents["audit-1.jsonl"].splitlines())
    messages = {email.message_from_bytes(data)["Subject"]: (name, data) for name, data in contents.items() if re.search(r"/(cur|new)/", name)}
    assert set(messages) >= {"large", "small"}
    assert messages["large"][0].startswith("mail/.Reisen/") and len(messages["large"][1]) >= len(large) - large.count(b"\r")
    assert not any("dovecot" in name for name in contents)
    # Nobody else's login gets it.
    assert pod.api("GET", "/api/account/export", expect=200)[1]["state"] == "none"


def test_words_of_an_operator(journeys):
    pod = journeys
    folder = pod.overrides / "api" / "letters" / "en"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "registration.txt.tmpl").write_text("Subject: Welcome to us\n\nDear {{email}}, {{link}}\n")
    try:
        outside = pod.make_user(unique(OUTSIDE))
        register(pod, outside)
        assert mail_number(pod, outside, 1)["Subject"] == "Welcome to us"
    finally:
        (folder / "registration.txt.tmpl").unlink()


def test_why_locked_says_door_address_and_time_and_one_call_unlocks(journeys):
    pod = journeys
    address = pod.make_user()
    for number in range(11):
        stranger(pod, "POST", "/api/login", {"email": address, "password": f"wrong {number}"})
    _, lock = pod.api("GET", f"/api/users/{address}/lock", expect=200)
    assert lock["locked"] and lock["until"]
    assert {"door", "address", "at"} <= set(lock["tries"][0]) and lock["tries"][0]["door"] == "http"
    told = pod.cli("users", "why-locked", address)
    assert "http" in told and lock["tries"][0]["address"] in told, told
    pod.cli("users", "unlock", address)
    log_in(pod, address, PASSWORD)


def test_all_journeys_within_ten_seconds_and_nothing_is_left(journeys):
    pod = journeys
    rule = pod.api("GET", "/api/domains/example.test/registration")[1]
    before = pod.cli("users", "list", "--limit", "500")
    began = time.monotonic()
    told = pod.cli("test", "run-all")
    took = time.monotonic() - began
    print(told, f"{took:.1f} s")
    assert "passed" in told and "LEFT" not in told
    assert took < 10, told
    assert pod.cli("users", "list", "--limit", "500") == before
    after = pod.api("GET", "/api/domains/example.test/registration")[1]
    assert {key: rule[key] for key in ("mode", "allowed_domains", "most_pending")} == \
        {key: after[key] for key in ("mode", "allowed_domains", "most_pending")}
    assert "passed" in pod.cli("test", "registration-flow")
    assert "journey-test" not in pod.cli("mail", "deleted", "list", "--limit", "500")


def test_logs_have_the_events_and_no_secret(journeys):
    pod = journeys
    assert "passed" in pod.cli("test", "verify-logs")
    logs = pod.execute("api", "sh", "-c", "cat /data/logs/*/*.log").stdout
    assert "REGISTRATION_PENDING" in logs and "PASSWORD_RESET_REQUESTED" in logs
    everything = logs + "".join(pod.podman("logs", f"{pod.name}-{service}").stdout for service in ("api", "mail", "apache"))
    for secret in set(pod.used_secrets):
        if len(secret) > 20:
            assert secret not in everything and base64.b64encode(secret.encode()).decode() not in everything


def test_monitor_says_that_all_is_ready(journeys):
    told = journeys.cli("test", "monitor", "--seconds", "2", "--every", "1")
    assert "ready" in told and "looks" in told
