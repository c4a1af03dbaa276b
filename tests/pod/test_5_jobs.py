"""Jobs, and deleted mail and sites: restored and read by real IMAP, erased by retention, resumed after kill -9."""
import os
import signal
import uuid


def job_of(pod, key):
    return pod.api("GET", f"/api/jobs/{key}", expect=200)[1]


def wait_for_job(pod, key):
    def look():
        job = job_of(pod, key)
        assert job["state"] != "failed", job
        return job if job["state"] == "done" else None

    return pod.wait_for(look, f"the end of job {key}", 60)


def subjects(pod, email, folder="INBOX"):
    with pod.imap(email) as client:
        if client.select(f'"{folder}"')[0] != "OK":
            return []
        _, found = client.search(None, "ALL")
        lines = []
        for number in found[0].split():
            _, data = client.fetch(number, "(BODY[HEADER.FIELDS (SUBJECT)])")
            lines.append(data[0][1].decode().strip().removeprefix("Subject: "))
        return lines


def folders(pod, email):
    with pod.imap(email) as client:
        return [line.decode().rsplit(' "/" ', 1)[1].strip('"') for line in client.list()[1]]


def deleted_of(pod, email):
    return [one for one in pod.api("GET", "/api/mail/deleted?limit=500", expect=200)[1]["items"] if one["name"] == email]


def make_deleted(pod, email):
    """Makes a mailbox with a message in INBOX and a flagged one in a folder, then deletes the mailbox."""
    pod.make_user(email)
    pod.send(email, [email], "old letter")
    pod.wait_for_message(email, "old letter")
    with pod.imap(email) as client:
        client.create("Projects")
        client.append("Projects", "(\\Flagged)", None, b"Subject: old plan\r\n\r\n" + b"hello\r\n" * 600)
    pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    return pod.wait_for(lambda: deleted_of(pod, email), f"the deleted mail of {email}")[0]


def test_a_new_owner_sees_nothing_of_the_old_mail_until_it_is_restored(pod):
    email = f"back{uuid.uuid4().hex[:6]}@example.test"
    deleted = make_deleted(pod, email)
    assert deleted["bytes"] > 0 and deleted["erased_after"] > deleted["deleted"], deleted
    status, answer = pod.api("POST", f"/api/mail/deleted/{deleted['id']}/restore", {"mailbox": email})
    assert status == 400 and answer["errors"][0]["code"] == "mailbox_missing", answer
    assert pod.api("POST", f"/api/mail/deleted/{deleted['id']}/restore", {})[0] == 400, "it must be said who gets it"

    pod.make_user(email)
    assert subjects(pod, email) == [] and "Projects" not in folders(pod, email), "the new owner sees nothing of it"
    said = pod.cli("mail", "deleted", "list")
    assert deleted["id"] in said, said
    said = pod.cli("mail", "deleted", "restore", deleted["id"], "--mailbox", email)
    job = said.split("job ")[1].split(";")[0]
    assert "2 messages, in the folders where they were" in wait_for_job(pod, job)["steps"][-1]["words"]
    assert subjects(pod, email) == ["old letter"] and subjects(pod, email, "Projects") == ["old plan"]
    with pod.imap(email) as client:
        client.select("Projects")
        assert b"\\Flagged" in client.fetch("1", "(FLAGS)")[1][0]
    assert deleted_of(pod, email) == [], "it is not deleted any more"


def test_a_new_owner_does_not_get_the_mail_that_waited_for_the_one_before(pod):
    email, sender = f"wait{uuid.uuid4().hex[:6]}@example.test", pod.make_user()
    pod.make_user(email)
    pod.send(email, [email], "first letter")
    pod.wait_for_message(email, "first letter")
    files = f"/data/user-data/users/{email}/mail/dovecot*"
    assert pod.execute("mail", "sh", "-c", f"chown root:root {files}; chmod 0600 {files}").returncode == 0
    pod.send(sender, [email], "late letter")
    waiting = f"/api/mail/queue?recipient={email}"
    pod.wait_for(lambda: [one for one in pod.api("GET", waiting, expect=200)[1]["items"] if one["queue_name"] == "deferred"], "the letter that waits")
    pod.api("DELETE", f"/api/users/{email}?wait=15", expect=200)
    pod.wait_for(lambda: not pod.api("GET", waiting, expect=200)[1]["items"], "an empty queue")
    pod.make_user(email)
    pod.wait_for_message(sender, "Undelivered Mail Returned to Sender")
    assert subjects(pod, email) == []
    _, jobs = pod.api("GET", "/api/jobs?kind=waiting_mail_return&limit=500", expect=200)
    job = next(one for one in jobs["items"] if one["subject"] == email)
    wait_for_job(pod, job["id"])


def test_a_mailbox_in_use_gets_the_mail_in_a_folder_of_its_own(pod):
    email = f"busy{uuid.uuid4().hex[:6]}@example.test"
    deleted = make_deleted(pod, email)
    pod.make_user(email)
    pod.send(email, [email], "new letter")
    pod.wait_for_message(email, "new letter")
    _, job = pod.api("POST", f"/api/mail/deleted/{deleted['id']}/restore", {"mailbox": email}, expect=202)
    wait_for_job(pod, job["id"])
    day = job["created"][:10]
    assert subjects(pod, email) == ["new letter"], "nothing is overwritten"
    assert subjects(pod, email, f"Restored/{day}/INBOX") == ["old letter"]
    assert subjects(pod, email, f"Restored/{day}/Projects") == ["old plan"]
    _, events = pod.api("GET", "/api/audit?limit=50", expect=200)
    assert any(one["event"] == "MAIL_RESTORED" and one["subject"] == f"{deleted['id']} to {email}" for one in events["items"]), events


def test_mail_that_does_not_fit_is_not_restored_by_half(pod):
    email = f"full{uuid.uuid4().hex[:6]}@example.test"
    deleted = make_deleted(pod, email)
    pod.make_user(email, quota=1024)
    _, job = pod.api("POST", f"/api/mail/deleted/{deleted['id']}/restore", {"mailbox": email}, expect=202)
    job = pod.wait_for(lambda: (found := job_of(pod, job["id"]))["last_error"] and found, "the refusal")
    assert "--quota" in job["last_error"], job
    assert subjects(pod, email) == [] and len(deleted_of(pod, email)) == 1
    pod.api("PUT", f"/api/users/{email}?wait=15", {"quota": 0}, expect=200)
    pod.api("POST", f"/api/jobs/{job['id']}/run", expect=202)
    wait_for_job(pod, job["id"])
    assert subjects(pod, email) == ["old letter"]


def test_what_is_erased_is_gone_and_retention_erases_only_the_old(pod):
    email = f"gone{uuid.uuid4().hex[:6]}@example.test"
    deleted = make_deleted(pod, email)
    kept = make_deleted(pod, f"kept{uuid.uuid4().hex[:6]}@example.test")
    pod.cli("mail", "deleted", "erase", deleted["id"])
    assert deleted_of(pod, email) == []
    assert pod.api("DELETE", f"/api/mail/deleted/{deleted['id']}")[0] == 404
    folder = f"/data/user-data/deleted/{kept['id']}"
    assert pod.execute("mail", "test", "-d", folder).returncode == 0
    job = job_of(pod, "deleted_mail_retention")
    assert "begins" in pod.cli("jobs", "run", "deleted_mail_retention")
    assert "0 erased" in wait_for_job(pod, job["id"])["steps"][-1]["words"], "a day old is not a month old"
    assert pod.execute("mail", "test", "-d", folder).returncode == 0


def test_a_deleted_site_comes_back(pod):
    """The folder is made by hand, like the one that the web agent leaves when it deletes a site."""
    pod.make_domain("siteback.test")
    script = ("mkdir -p /data/user-data/deleted-sites/siteback.test-7 && "
              "echo welcome back > /data/user-data/deleted-sites/siteback.test-7/index.html")
    assert pod.execute("apache", "sh", "-c", script).returncode == 0
    listed = pod.api("GET", "/api/sites/deleted", expect=200)[1]["items"]
    assert [one["id"] for one in listed] == ["siteback.test-7"], listed
    _, job = pod.api("POST", "/api/sites/deleted/siteback.test-7/restore", {"site": "siteback.test"}, expect=202)
    wait_for_job(pod, job["id"])
    assert "welcome back" in pod.execute("apache", "cat", "/data/user-data/www/siteback.test/index.html").stdout


def test_a_job_is_resumed_after_kill_9(pod):
    """The mail agent is stopped, so that its answer does not come and podplayd dies in the middle of the job."""
    job = job_of(pod, "deleted_mail_retention")
    agent = pod.pid_of("mail")
    os.kill(agent, signal.SIGSTOP)
    try:
        pod.api("POST", f"/api/jobs/{job['id']}/run", expect=202)
        pod.wait_for(lambda: job_of(pod, job["id"])["state"] == "running", "the job running")
        os.kill(pod.pid_of("api"), signal.SIGKILL)
    finally:
        os.kill(agent, signal.SIGCONT)
    pod.wait_ready()
    done = wait_for_job(pod, job["id"])
    assert done["attempts"] >= 2, done
    assert done["steps"][0]["words"] == "the program that ran it ended", done
    assert "erased" in done["steps"][-1]["words"] and job_of(pod, "deleted_mail_retention")["state"] == "waiting"
