"""Second factors, app passwords and tokens of the OpenID provider with real clients: what opens IMAP, POP3, SMTP and ManageSieve, and what
ends it."""
import base64
import hashlib
import hmac
import imaplib
import secrets
import struct
import time
import urllib.parse
import uuid

import pytest

from test_6_guessing import RIGHT, try_imap, try_pop3, try_sieve, try_smtp

DOORS = {"imap": try_imap, "pop3": try_pop3, "smtp": try_smtp, "sieve": try_sieve}
# "correct horse 1" as other systems hash it: crypt(3) with $6$ and $2b$.
FOREIGN = {
    "SHA512-CRYPT": "{SHA512-CRYPT}$6$saltstring$rfkHnhpGZiL/6zFTOeV8cLEljZ7lzz1oJfaoxzVRt1SsOTTklm9peKxSrjZyu5uFgGecLFiyYO.RAUXzyONrG.",
    "BLF-CRYPT": "{BLF-CRYPT}$2b$05$CCCCCCCCCCCCCCCCCCCCC.H52AdFE0eodbgnKIvdnrA8Iqa4QTfYq",
}


def totp(secret, ahead=0):
    """RFC 6238 with SHA-1, six digits, 30 s."""
    step = int(time.time()) // 30 + ahead
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06d}"


def login(pod, email, password=RIGHT, code=None):
    """The token of a login, with a second factor when there is one."""
    _, answer = pod.api("POST", "/api/login", {"email": email, "password": password}, token="", expect=200)
    if code:
        assert answer["second_factor_required"], answer
        _, answer = pod.api("POST", "/api/login/factor", {"ticket": answer["ticket"], "factor": "totp", "code": code}, token="", expect=200)
    pod.used_secrets.append(answer["token"])
    return answer["token"]


def make_app_password(pod, token, *protocols, name="phone"):
    body = {"name": name, **({"protocols": list(protocols)} if protocols else {})}
    _, made = pod.api("POST", "/api/app-passwords?wait=15", body, token=token, expect=201)
    assert made["applied"]["state"] == "applied", made
    pod.used_secrets.append(made["password"])
    return made


def add_totp(pod, token):
    _, begun = pod.api("POST", "/api/totp", {}, token=token, expect=200)
    _, added = pod.api("POST", "/api/totp/confirm?wait=15", {"code": totp(begun["secret"])}, token=token, expect=200)
    assert added["applied"]["state"] == "applied", added
    pod.used_secrets += [begun["secret"], *added["recovery_codes"]]
    return begun["secret"], added["recovery_codes"]


def doors_open(pod, email, password):
    return {door for door, attempt in DOORS.items() if attempt(pod, email, password)[0]}


@pytest.fixture()
def person(pod):
    email = f"f{uuid.uuid4().hex[:8]}@example.test"
    pod.make_user(email, RIGHT)
    yield email, login(pod, email)
    pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)


def test_an_app_password_opens_what_it_is_for(pod, person):
    email, token = person
    everything = make_app_password(pod, token)["password"]
    reading = make_app_password(pod, token, "imap", "pop3")["password"]
    assert doors_open(pod, email, everything) == set(DOORS)
    assert doors_open(pod, email, reading) == {"imap", "pop3"}
    # Of somebody else it opens nothing.
    other = pod.make_user()
    assert doors_open(pod, other, everything) == set()
    assert doors_open(pod, email, RIGHT) == set(DOORS), "without a second factor, the password still works"


def test_mail_goes_out_and_comes_in_with_app_passwords_alone(pod, person):
    email, token = person
    add_totp(pod, token)
    password = make_app_password(pod, token)["password"]
    pod.send(email, [email], "by an app password", password=password)
    pod.wait_for_message(email, "by an app password", password=password)


def test_with_a_second_factor_the_password_alone_opens_nothing(pod, person):
    email, token = person
    session = pod.imap(email, RIGHT)
    secret, codes = add_totp(pod, token)
    assert len(codes) == 10
    # The session from before ends, and the password is not in the replica any more.
    pod.wait_for(lambda: session_is_over(session), "the end of the session")
    assert doors_open(pod, email, RIGHT) == set()
    stored = pod.execute("mail", "sqlite3", "-readonly", "/data/service/replica/replica.db", f"SELECT password FROM mailboxes WHERE email = '{email}'")
    if stored.returncode == 0:
        assert stored.stdout.strip() == ""
    password = make_app_password(pod, token)["password"]
    assert doors_open(pod, email, password) == set(DOORS)
    # The API asks for the code; each is taken once.
    status, answer = pod.api("POST", "/api/login", {"email": email, "password": RIGHT}, token="")
    assert status == 200 and answer["second_factor_required"] and "totp" in answer["factors"], answer
    code = totp(secret, ahead=1)
    token = login(pod, email, code=code)
    _, again = pod.api("POST", "/api/login", {"email": email, "password": RIGHT}, token="", expect=200)
    pod.api("POST", "/api/login/factor", {"ticket": again["ticket"], "factor": "totp", "code": code}, token="", expect=401)
    # A recovery code stands in, and then the factor can be removed.
    _, done = pod.api("POST", "/api/login/factor", {"ticket": again["ticket"], "factor": "recovery_code", "code": codes[0]}, token="", expect=200)
    _, removed = pod.api("DELETE", "/api/totp?wait=15", token=done["token"], expect=200)
    assert removed["applied"]["state"] == "applied" and not removed["second_factor"], removed
    assert doors_open(pod, email, RIGHT) == set(DOORS)


def session_is_over(client):
    try:
        client.noop()
        return False
    except (imaplib.IMAP4.abort, OSError):
        return True


def test_revoking_ends_the_sessions_of_this_password_and_no_others(pod, person):
    email, token = person
    lost = make_app_password(pod, token, name="lost phone")
    kept = make_app_password(pod, token, name="laptop")
    ends, stays, own = pod.imap(email, lost["password"]), pod.imap(email, kept["password"]), pod.imap(email, RIGHT)
    _, revoked = pod.api("DELETE", f"/api/app-passwords/{lost['id']}?wait=15", token=token, expect=200)
    assert revoked["applied"]["state"] == "applied", revoked
    pod.wait_for(lambda: session_is_over(ends), "the end of the session", seconds=5)
    assert stays.noop()[0] == "OK" and own.noop()[0] == "OK"
    assert doors_open(pod, email, lost["password"]) == set()
    assert "imap" in doors_open(pod, email, kept["password"])


def test_the_last_use_is_shown(pod, person):
    email, token = person
    made = make_app_password(pod, token, "imap", name="tablet")
    pod.imap(email, made["password"]).logout()

    def used():
        _, listed = pod.api("GET", "/api/app-passwords", token=token, expect=200)
        return [one for one in listed["items"] if one["id"] == made["id"] and one["last_used"] and one["last_protocol"] == "imap"]

    found = pod.wait_for(used, "the last use", seconds=90)
    assert found[0]["last_address"], found
    # An administrator sees the same, and revokes it.
    _, seen = pod.api("GET", f"/api/users/{email}/app-passwords", expect=200)
    assert [one["name"] for one in seen["items"]] == ["tablet"]
    pod.api("DELETE", f"/api/app-passwords/{made['id']}?wait=15", expect=200)
    assert not try_imap(pod, email, made["password"])[0]


@pytest.mark.parametrize("scheme", FOREIGN)
def test_a_hash_of_another_system_works_and_is_replaced_at_a_login(pod, scheme):
    email = f"x{uuid.uuid4().hex[:8]}@example.test"
    line = '{"email": "%s", "password_hash": "%s"}' % (email, FOREIGN[scheme])
    pod.api("POST", "/api/users/import?wait=30", line, headers={"Content-Type": "application/x-ndjson"}, expect=201)
    assert doors_open(pod, email, RIGHT) == set(DOORS)
    assert not try_imap(pod, email, "another password")[0]
    login(pod, email)
    _, events = pod.api("GET", "/api/audit?limit=20", expect=200)
    assert any(one["event"] == "PASSWORD_REHASHED" and one["subject"] == email for one in events["items"]), events
    pod.wait_for(lambda: try_imap(pod, email, RIGHT)[0], "a login with the new hash", seconds=5)
    login(pod, email)


def test_the_log_has_no_password_and_no_fast_hash(pod, person):
    email, token = person
    password = make_app_password(pod, token)["password"]
    assert try_imap(pod, email, password)[0] and try_imap(pod, email, RIGHT)[0]
    log = pod.podman("logs", f"{pod.name}-mail")
    assert password not in log.stdout + log.stderr and RIGHT not in log.stdout + log.stderr


CALLBACK = "https://webmail.example.test/callback"


@pytest.fixture()
def webmail(pod):
    _, client = pod.api("POST", "/api/openid/clients?wait=15", {"id": "webmail", "name": "Webmail", "redirect_uris": [CALLBACK], "confidential": True},
                        expect=201)
    pod.used_secrets.append(client["client_secret"])
    yield client
    pod.api("DELETE", "/api/openid/clients/webmail", expect=200)


def fetch_tokens(pod, client, token, scope):
    """As a webmail does, whose browser part is this person's login."""
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    _, sent = pod.api("POST", "/api/openid/authorize", {"client_id": "webmail", "redirect_uri": CALLBACK, "response_type": "code", "scope": scope,
                                                        "code_challenge": challenge, "code_challenge_method": "S256"}, token=token, expect=200)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(sent["redirect"]).query)["code"][0]
    form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": "webmail",
                                   "client_secret": client["client_secret"], "code_verifier": verifier})
    _, tokens = pod.api("POST", "/api/openid/token", form, token="", headers={"Content-Type": "application/x-www-form-urlencoded"}, expect=200)
    pod.used_secrets += [code, tokens["access_token"], tokens["id_token"]]
    return tokens


def try_token(pod, email, token):
    """Whether OAUTHBEARER opens IMAP and XOAUTH2 opens SMTP (RFC 7628)."""
    client, answers = pod.imap_connection(), [f"n,a={email},\x01auth=Bearer {token}\x01\x01".encode(), b"\x01"]
    try:
        client.authenticate("OAUTHBEARER", lambda _: answers.pop(0))
        imap = True
    except imaplib.IMAP4.error:
        imap = False
    smtp = pod.submission()
    smtp.ehlo()
    code, _ = smtp.docmd("AUTH", "XOAUTH2 " + base64.b64encode(f"user={email}\x01auth=Bearer {token}\x01\x01".encode()).decode())
    if code == 334:
        code, _ = smtp.docmd("")
    smtp.close()
    return imap, code == 235


def test_a_token_of_the_provider_opens_mail(pod, person, webmail):
    email, token = person
    tokens = fetch_tokens(pod, webmail, token, "openid email mail")
    assert try_token(pod, email, tokens["access_token"]) == (True, True)
    assert try_token(pod, pod.make_user(), tokens["access_token"]) == (False, False), "of somebody else it opens nothing"
    assert try_token(pod, email, tokens["id_token"]) == (False, False), "it is for the webmail"
    assert try_token(pod, email, fetch_tokens(pod, webmail, token, "openid email")["access_token"]) == (False, False), "it is not for mail"
    # The keys that it is signed with are public.
    _, configuration = pod.api("GET", "/api/openid/.well-known/openid-configuration", token="", expect=200)
    _, keys = pod.api("GET", urllib.parse.urlsplit(configuration["jwks_uri"]).path, token="", expect=200)
    assert keys["keys"][0]["alg"] == "ES256"
    # A disabled person is refused, whatever the token says.
    pod.api("PUT", f"/api/users/{email}?wait=15", {"enabled": False}, expect=200)
    assert try_token(pod, email, tokens["access_token"]) == (False, False)
