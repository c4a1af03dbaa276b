"""Breaks, stops and starts parts of the pod. Near the end, because the other tests need an undisturbed pod."""
import base64
import contextlib
import hashlib
import imaplib
import os
import signal
import smtplib
import socket
import subprocess
import time
import uuid

import pytest


def test_up_twice_changes_nothing(pod):
    before = pod.container_ids()
    assert len(before.split()) >= 8, before
    pod.up()
    assert pod.container_ids() == before


def test_a_daemon_killed_comes_back(pod):
    email = pod.make_user()
    for service, process, works in (
        ("mail", "dovecot", lambda: pod.imap(email).logout()),
        ("mail", "master", lambda: pod.smtp().quit()),
        ("bind", "named", lambda: subprocess.run(["dig", "+short", "+time=1", "+tries=1", "-p", str(pod.ports["DNS"]), "@127.0.0.1", "example.test", "NS"],
                                                 capture_output=True, text=True).stdout.startswith("ns1")),
        ("apache", "apache2", lambda: pod.podman("ps") and subprocess.run(["curl", "-sko", "/dev/null", f"https://127.0.0.1:{pod.ports['HTTPS']}/"]).returncode == 0),
    ):
        old = pod.execute(service, "pgrep", "-o", "-x", process).stdout.strip()
        assert old, f"{process} does not run"
        pod.execute(service, "kill", "-9", old)
        pod.wait_for(lambda: pod.execute(service, "pgrep", "-o", "-x", process).stdout.strip() not in ("", old), f"a new {process}")
        pod.wait_for(lambda: works() is not False and True, f"{process} at work")
    pod.wait_ready()


def test_a_row_that_a_daemon_does_not_take_is_set_aside_and_holds_up_no_other(pod):
    email = pod.make_user()
    folder = pod.overrides / "apache" / "etc" / "apache2"
    folder.mkdir(parents=True, exist_ok=True)
    override = folder / "site.conf.tmpl"
    ours = (pod.root / "services/apache/rootfs/etc/apache2/site.conf.tmpl").read_text()
    override.write_text(ours + "{{#aliases}}\n{{/aliases}}\nNoSuchDirective on\n")
    try:
        status, answer = pod.api("POST", "/api/domains?wait=30", {"name": "broken.test"})
        assert status == 422 and answer["code"] == "refused", answer
        verdicts = {one["service"]: one for one in answer["applied"]["services"]}
        assert verdicts["apache"]["state"] == "refused" and verdicts["apache"]["daemon"] == "apache", verdicts
        assert "NoSuchDirective" in verdicts["apache"]["message"] and "site broken.test is set aside" in verdicts["apache"]["message"], verdicts
        assert verdicts["bind"]["state"] == verdicts["mail"]["state"] == "applied", verdicts
        _, status = pod.api("GET", "/api/system/status", expect=200)
        web = next(one for one in status["services"] if one["service"] == "apache")
        assert web["set_aside_count"] == 1 and web["set_aside"][0]["key"] == "broken.test", web
        assert "broken.test" in pod.cli("status")
        assert subprocess.run(["curl", "-skf", "-o", "/dev/null", f"https://127.0.0.1:{pod.ports['HTTPS']}/api/openapi.json"]).returncode == 0
        pod.imap(email).logout()
    finally:
        override.unlink()
    pod.make_domain("sound.test")
    for enabled in (False, True):
        _, answer = pod.api("PUT", "/api/domains/broken.test?wait=30", {"enabled": enabled}, expect=200)
        assert answer["applied"]["state"] == "applied", answer
    # An agent pushes its status by itself, a moment after its report.
    pod.wait_for(lambda: not any(one["set_aside_count"] for one in pod.api("GET", "/api/system/status", expect=200)[1]["services"]),
                 "a status without rows set aside", 5)


@contextlib.contextmanager
def restarted(pod, **settings):
    """The pod with other settings; afterwards it has its own again."""
    try:
        done = subprocess.run([pod.root / "bin/podplay", "up"], capture_output=True, text=True, env=dict(pod.environment, **settings), timeout=180)
        assert done.returncode == 0, done
        yield
    finally:
        pod.up()


def test_a_domain_whose_name_the_control_host_takes_has_no_pages_and_the_reason_is_told(pod):
    pod.make_domain("taken.test")
    assert pod.execute("mail", "sh", "-c", "echo mine > /data/user-data/www/taken.test/page.txt").returncode == 0

    def asked(path):
        port = pod.ports["HTTPS"]
        return subprocess.run(["curl", "-sk", "--resolve", f"taken.test:{port}:127.0.0.1", f"https://taken.test:{port}{path}"],
                              capture_output=True, text=True).stdout

    pod.wait_for(lambda: asked("/page.txt") == "mine\n", "the page")
    with restarted(pod, PODPLAY_HOST_NAME="taken.test"):
        assert "mine" not in asked("/page.txt") and '"openapi"' in asked("/api/openapi.json")
        _, diagnosis = pod.api("GET", "/api/system/diagnosis", expect=200)
        found = next(one for one in diagnosis["findings"] if one["cause"] == "site-of-control-host")
        assert found["subject"] == "taken.test" and "PODPLAY_HOST_NAME" in found["remedy"], found
    pod.wait_for(lambda: asked("/page.txt") == "mine\n", "the page, which is back")
    pod.api("DELETE", "/api/domains/taken.test?wait=20", expect=200)


def test_what_only_the_probes_find_is_rolled_back_and_told(pod):
    """A misspelt restriction passes every checker of Postfix; at RCPT Postfix then answers 451 to everyone."""
    email = pod.make_user()
    folder = pod.overrides / "mail" / "etc" / "postfix"
    folder.mkdir(parents=True, exist_ok=True)
    override = folder / "main.cf.tmpl"
    ours = (pod.root / "services/mail/rootfs/etc/postfix/main.cf.tmpl").read_text()
    right = "smtpd_relay_restrictions = reject_non_fqdn_recipient,"
    assert right in ours
    override.write_text(ours.replace(right, "smtpd_relay_restrictions = reject_non_fqdn_recipent,"))
    try:
        with restarted(pod, PODPLAY_MAIL_MESSAGE_SIZE="26M"):
            pod.login()

            def refused():
                _, revisions = pod.api("GET", "/api/revisions", expect=200)
                one = next(one for one in revisions["items"] if one["summary"] == "adopt changed settings")
                return one if one["state"] == "refused" else None

            revision = pod.wait_for(refused, "the refusal of the settings")
            verdicts = {one["service"]: one for one in revision["services"]}
            assert verdicts["mail"]["state"] == "refused" and verdicts["mail"]["stage"] == "probe" and verdicts["mail"]["daemon"] == "postfix", verdicts
            assert "451" in verdicts["mail"]["message"], verdicts
            pod.wait_ready()
            subject = uuid.uuid4().hex
            pod.send(email, [email], subject)
            pod.wait_for_message(email, subject)
            pod.make_user()
            override.unlink()
    finally:
        override.unlink(missing_ok=True)
    pod.login()
    pod.wait_ready()
    pod.make_domain("probed.test")
    with socket.create_connection(("127.0.0.1", pod.ports["IMAPS"]), timeout=10) as connection:
        shown = pod.tls().wrap_socket(connection, server_hostname="mail.probed.test").getpeercert(True)
    kept = pod.execute("api", "openssl", "x509", "-in", "/data/certificates/probed.test/cert.pem", "-outform", "DER", "-fingerprint", "-sha256", "-noout").stdout
    assert hashlib.sha256(shown).hexdigest().upper() == kept.split("=")[1].strip().replace(":", ""), "applied means that the new name is served"


def restarts(pod, service):
    """What the history says of the service's containers that nobody had stopped, the newest first."""
    _, page = pod.api("GET", f"/api/system/history?service={service}&limit=50", expect=200)
    return [one for one in page["items"] if one["kind"] == "service_restarted"]


def test_a_service_killed_whole_comes_back(pod):
    """Kills process 1 of each container by SIGKILL from outside, as the kernel does when memory runs out. The history says so, however soon it is back."""
    email = pod.make_user()
    for service in ("mail", "bind", "apache", "api"):
        noted = "control" if service == "api" else service
        before = len(restarts(pod, noted))
        old = pod.pid_of(service)
        os.kill(old, signal.SIGKILL)
        pod.wait_for(lambda: pod.pid_of(service) not in (0, old), f"a new process of {service}", seconds=60)
        pod.wait_ready()
        pod.wait_for(lambda: len(restarts(pod, noted)) == before + 1, f"the history to say that {service} was killed", 20)
        assert "without being stopped" in restarts(pod, noted)[0]["cause"]
    pod.login()
    pod.make_user()
    subject = uuid.uuid4().hex
    pod.send(email, [email], subject)
    pod.wait_for_message(email, subject)


def test_a_damaged_directory_is_named_and_fetched_again_and_nobodys_mail_is_refused(pod):
    """The damage is like that of a disk that loses blocks. While the replica is not whole, no daemon may say that an address does not exist:
    a sender's server would return the mail."""
    pod.import_users(f"many{i}@example.test" for i in range(20_000))
    last = pod.make_user("zz-last@example.test")
    old = pod.pid_of("mail")
    damage = "for f in replica.db replica.db-wal; do n=$(stat -c %s $f); head -c $n /dev/zero | tr '\\0' x | dd of=$f conv=notrunc status=none; done"
    pod.execute("mail", "sh", "-c", f"cd /data/service/replica && {damage}")
    pod.api("POST", "/api/users", {"email": "after-damage@example.test", "password": "correct horse 1"}, expect=201)
    answers = []

    def recovered():
        pid = pod.pid_of("mail")
        try:
            with smtplib.SMTP("127.0.0.1", pod.ports["SMTP"], timeout=5) as stranger:
                stranger.ehlo("elsewhere.test")
                stranger.mail("someone@elsewhere.test")
                answers.append(stranger.rcpt(last)[0])
        except (OSError, smtplib.SMTPException):
            return False
        return pid not in (0, old) and answers[-1] == 250

    pod.wait_for(recovered, "a new process of mail that knows everybody", seconds=90)
    assert all(code < 500 for code in answers), answers
    assert "is damaged" in pod.cli("logs", "mail", "--log", "agent", "--lines", "200")
    pod.wait_ready()

    def log_in():
        try:
            return pod.imap("after-damage@example.test").logout()
        except (OSError, imaplib.IMAP4.error):
            return None

    pod.wait_for(log_in, "the login of the user made while the directory was damaged")


def test_restart_over_the_api(pod):
    old = pod.execute("mail", "pgrep", "-o", "-x", "dovecot").stdout
    pod.cli("system", "restart", "mail", "--daemon", "dovecot")
    pod.wait_for(lambda: pod.execute("mail", "pgrep", "-o", "-x", "dovecot").stdout not in ("", old), "a new dovecot")
    pod.wait_ready()


def test_mail_flows_while_the_control_plane_is_down(pod):
    email = pod.make_user()
    pod.podman("stop", "--time", "10", f"{pod.name}-api")
    try:
        subject = uuid.uuid4().hex
        pod.send(email, [email], subject)
        pod.wait_for_message(email, subject)
        done = pod.run("users", "list", "--session", "none")
        assert done.returncode == 8 and "podplay up" in done.stderr, done
    finally:
        pod.podman("start", f"{pod.name}-api")
    pod.wait_ready()
    pod.make_user()


def test_a_port_in_use_is_named_with_its_process(pod):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = dict(pod.environment, PODPLAY_POD_NAME=pod.name + "-second", PODPLAY_HOST_HTTP_PORT=port)
        done = subprocess.run([pod.root / "bin/podplay", "up"], capture_output=True, text=True, env=environment, timeout=60)
        assert done.returncode == 6 and port in done.stderr + done.stdout and "python" in done.stderr + done.stdout, done


def test_down_and_up_keep_everything(pod):
    email = pod.make_user()
    subject = uuid.uuid4().hex
    pod.send(email, [email, "friend@far.test"], subject)
    pod.wait_for_message(email, subject)
    said = pod.down()
    assert said.returncode == 0, said
    assert "SIGKILL" not in said.stdout + said.stderr
    assert pod.container_ids() == ""
    begun = time.monotonic()
    pod.up()
    print(f"up with images present: {time.monotonic() - begun:.1f} s")
    pod.wait_for_message(email, subject)
    pod.api("GET", "/api/session", expect=200)
    _, queue = pod.api("GET", "/api/mail/queue", expect=200)
    assert "friend@far.test" in str(queue)


def test_images_hold_no_keys(pod):
    """Debian's packages make some when they are installed; everyone who has the image would have the same ones."""
    for service in ("api", "apache", "bind", "mail"):
        found = pod.podman("exec", "--user", "0", f"{pod.name}-{service}", "grep", "-rlsE", "^-----BEGIN .*PRIVATE KEY-----|^[[:space:]]*secret \"", "/etc", "/usr/share/podplay")
        assert (found.stdout, found.returncode) == ("", 1), (service, found.stdout, found.stderr)


def encodings(secret):
    """The forms that a secret may have in a log: itself, and in base64 at any offset (AUTH PLAIN, RFC 4616)."""
    yield secret
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + secret.encode()).decode().rstrip("=")
        yield text[(0, 2, 3)[shift]:-1]


def test_no_secret_in_any_log(pod):
    """Every way to log in, to a pod that logs as much as it can."""
    with restarted(pod, PODPLAY_LOG_LEVEL="TRACE", PODPLAY_LOG_COMMANDS="true", PODPLAY_LOG_CONFIGS="true"):
        password, words = "a secret horse 77", uuid.uuid4().hex
        email = pod.make_user(password=password)
        pod.used_secrets.append(words)
        pod.send(email, [email], "told", words, password=password)
        pod.wait_for_message(email, "told", password)
        pod.pop3(email, password).quit()
        with pod.submission() as client:
            client.ehlo()
            client.user, client.password = email, password
            client.auth("LOGIN", client.auth_login)
        with pod.imap(email, password) as client:
            client.noop()
        client = pod.imap_connection()
        client.authenticate("PLAIN", lambda _: f"\0{email}\0{password}".encode())
        client.logout()
        pod.cli("login", "--email", email, "--password-stdin", "--session", "wordy", input=password + "\n")
        pod.cli("users", "password", email, "--password-stdin", input="another secret horse\n")
        pod.used_secrets.append("another secret horse")
        assert "[TRACE]" in pod.podman("logs", f"{pod.name}-mail").stdout or "[DEBUG]" in pod.podman("logs", f"{pod.name}-mail").stdout
        for service in ("api", "apache", "bind", "mail"):
            words = pod.podman("logs", f"{pod.name}-{service}")
            files = pod.execute(service, "bash", "-c", "cat /data/logs/*/*.log")
            for secret in pod.used_secrets:
                for text in encodings(secret):
                    assert text not in words.stdout + words.stderr, f"a secret is in the log of {service}"
                    assert text not in files.stdout, "a secret is in /data/logs"
