"""More causes, each made in a real pod: daemons that hang, sites and sockets that cannot be used, mailboxes of a wrong owner, people who
are locked out, names that do not lead here. As in test_9_diagnosis.py, the cause must be the first finding within 10 s."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from faults import expect_cause, expect_none, in_mounts, mounted, read_only, repaired, running, shell, show


@pytest.fixture
def pod(quiet_pod):
    return quiet_pod


def first_message(pod, person):
    """The mailbox's folders are there after the first message."""
    pod.api("POST", "/api/mail/send", {"from": "admin@example.test", "to": [person], "subject": "first", "text": "first"}, expect=202)
    folder = f"/data/user-data/users/{person}/mail"
    pod.wait_for(lambda: pod.execute("mail", "sh", "-c", f"ls {folder}/new/* {folder}/cur/*").returncode == 0 or
                 "new" in pod.execute("mail", "ls", folder).stdout.split(), "the mailbox's folder", 30)
    return folder


def test_a_site_whose_folder_is_gone(pod):
    pod.make_domain("gone.test")
    root = "/data/user-data/www/gone.test"
    with repaired(pod, "apache", f"mv {root} {root}.kept", f"mv {root}.kept {root}"):
        found = expect_cause(pod, "site-folder-missing", "apache")
        assert found["subject"] == "gone.test" and any(root in line for line in found["shown"]), found


def test_a_site_that_apache_may_not_read(pod):
    pod.make_domain("closed.test")
    root = "/data/user-data/www/closed.test"
    with repaired(pod, "apache", f"stat -c %a {root} > /tmp/mode; chmod 0700 {root}; chown root:root {root}; chmod g-s {root}",
                  f"chown www-data:www-data {root}; chmod $(cat /tmp/mode) {root}"):
        found = expect_cause(pod, "site-unreadable", "apache")
        assert found["subject"] == "closed.test", found


def test_dovecots_login_service_is_gone(pod):
    path = "/run/dovecot/postfix-auth"
    with repaired(pod, "mail", f"mv {path} {path}.kept", f"mv {path}.kept {path}"):
        found = expect_cause(pod, "dovecot-auth-unreachable", "mail")
        assert any(path in line for line in found["shown"]), found


def test_dovecots_delivery_is_gone(pod):
    path = "/run/dovecot/lmtp"
    with repaired(pod, "mail", f"mv {path} {path}.kept", f"mv {path}.kept {path}"):
        assert any(path in line for line in expect_cause(pod, "dovecot-lmtp-unreachable", "mail")["shown"])


def test_the_agents_look_ups_are_closed(pod):
    path = "/run/podplay/lookups"
    with repaired(pod, "mail", f"chmod 0600 {path}; stat -c %U:%G {path} > /tmp/owner; chown root:root {path}",
                  f"chown $(cat /tmp/owner) {path}; chmod 0660 {path}"):
        expect_cause(pod, "mail-lookups-unreachable", "mail")


def test_a_mailbox_of_another_owner(pod):
    person = pod.make_user()
    folder = first_message(pod, person)
    with repaired(pod, "mail", f"chown -R root:root {folder}; chmod 0700 {folder}", f"chown -R vmail:vmail {folder}"):
        found = expect_cause(pod, "mail-mailbox-permissions", "mail")
        assert found["subject"] == person and any(folder in line for line in found["shown"]), found


def test_an_account_that_is_locked(pod):
    person = pod.make_user()
    for number in range(12):
        pod.api("POST", "/api/login", {"email": person, "password": f"wrong {number}"}, token="")
    try:
        found = expect_cause(pod, "account-locked")
        assert person in found["subject"], found
    finally:
        pod.cli("users", "unlock", person)
        expect_none(pod)


def test_a_container_that_nearly_used_up_its_memory(pod):
    _, seen = pod.api("GET", "/api/system/diag/bind?what=limits", expect=200)
    rest = int(seen["limits"]["memory_limit"] * 0.97) - seen["limits"]["memory_used"]
    # tail keeps what it reads until its input ends.
    with running(pod, "bind", "sh", "-c", f"(head -c {rest} /dev/zero; sleep 60) | tail -c {rest} > /dev/null"):
        expect_cause(pod, "memory-short", "bind")
        pod.execute("bind", "pkill", "-9", "-x", "tail|sleep")
    expect_none(pod)


def test_a_daemon_that_keeps_ending(pod):
    """It ends by itself at once, and nothing that is known explains it."""
    shell(pod, "bind", "printf '#!/bin/sh\\necho it is too hot today >&2\\nexit 3\\n' > /tmp/named; chmod 0755 /tmp/named")
    program = shell(pod, "bind", "command -v named").strip()
    in_mounts(pod, "bind", "mount", "--bind", "/tmp/named", program)
    try:
        shell(pod, "bind", "pkill -9 -x named")
        found = expect_cause(pod, "daemon-does-not-start", "bind")
        assert any("too hot" in line for line in found["shown"]), show([found])
    finally:
        in_mounts(pod, "bind", "umount", "-l", program)
        expect_none(pod)


def test_the_directory_is_gone(pod):
    path = "/data/service/replica/replica.db"
    with repaired(pod, "mail", f"mv {path} {path}.kept", f"mv {path}.kept {path}"):
        assert any(path in line for line in expect_cause(pod, "directory-damaged", "mail")["shown"])


def test_an_agent_that_was_killed_is_back_by_itself(pod):
    os.kill(pod.pid_of("apache"), signal.SIGKILL)
    subprocess.run(["sleep", "1"], check=True)
    expect_none(pod, 90)


@contextlib.contextmanager
def override(pod, service, template, more):
    """A template of the service with lines that its daemon does not know."""
    ours = pod.root / "services" / service / "rootfs" / template
    folder = pod.overrides / service / pathlib.PurePath(template).parent
    folder.mkdir(parents=True)
    (folder / ours.name).write_text(ours.read_text() + more)
    try:
        yield
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(("service", "template", "more", "cause"), [
    ("apache", "etc/apache2/site.conf.tmpl", "\nNoSuchDirective on\n", "site-refused"),
    ("bind", "etc/bind/zone.tmpl", "\nwww 3600 IN NOSUCHTYPE 1\n", "zone-refused"),
])
def test_a_site_and_a_zone_that_are_refused(pod, service, template, more, cause):
    with override(pod, service, template, more):
        pod.api("POST", "/api/domains?wait=20", {"name": "refused.test"})
        found = expect_cause(pod, cause, service)
        assert "refused.test" in found["subject"] and any("NOSUCH" in line.upper() for line in found["shown"]), found
    pod.api("DELETE", "/api/domains/refused.test?wait=20")
    expect_none(pod, 90)


def test_a_daemon_that_hangs_while_it_starts(pod):
    shell(pod, "bind", "printf '#!/bin/sh\\nexec sleep 1000\\n' > /tmp/named; chmod 0755 /tmp/named")
    program = shell(pod, "bind", "command -v named").strip()
    in_mounts(pod, "bind", "mount", "--bind", "/tmp/named", program)
    try:
        shell(pod, "bind", "pkill -9 -x named")
        # It may be slow: only after a minute does it hang.
        time.sleep(62)
        assert expect_cause(pod, "daemon-hangs", "bind")["subject"] == "named"
    finally:
        in_mounts(pod, "bind", "umount", "-l", program)
        shell(pod, "bind", "pkill -9 -x sleep; true")
        expect_none(pod, 120)


def test_the_stores_volume_is_read_only(pod):
    with read_only(pod, "api", "/data/state"):
        found = expect_cause(pod, "control-plane-volume", "api")
        assert any("/data/state" in line for line in [found["subject"], *found["shown"]]), found


def test_the_stores_volume_is_full(pod):
    with mounted(pod, "api", "/data/state", "-t", "tmpfs", "-o", "size=1m", "none"):
        expect_cause(pod, "store-volume-full", "api")


def test_a_port_that_is_closed_and_nobody_knows_why(pod):
    """Dovecot runs without its IMAP."""
    conf = "/etc/dovecot-login/dovecot.conf"
    with repaired(pod, "mail", f"doveadm -c {conf} service stop imap-login", f"doveadm -c {conf} reload"):
        found = expect_cause(pod, "service-not-ready", "mail")
        assert any("imap" in line for line in found["shown"]), found
