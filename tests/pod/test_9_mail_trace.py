"""The way of a message by API, and work on the queue: who sees what, and what is done is so."""
import uuid

import pytest

DOMAIN = "trace.test"
STRANGER = "x@elsewhere.test"
PASSWORD = "correct horse 1"


@pytest.fixture(scope="module")
def traced(pod):
    pod.make_domain(DOMAIN)
    for name in ("ann", "ben", "filer", "mover", "boss"):
        pod.make_user(f"{name}@{DOMAIN}")
    for address, targets in {f"info@{DOMAIN}": [f"ann@{DOMAIN}", f"ben@{DOMAIN}"], f"ext@{DOMAIN}": ["friend@far.test"]}.items():
        pod.api("POST", "/api/aliases?wait=30", {"address": address, "targets": targets}, expect=201)
    pod.put_sieve(f"filer@{DOMAIN}", 'require ["fileinto", "mailbox"];\nfileinto :create "Archive";\n')
    pod.put_sieve(f"mover@{DOMAIN}", 'require "copy";\nredirect :copy "pal@far.test";\n')
    pod.execute("mail", "postsuper", "-d", "ALL")
    yield pod
    pod.execute("mail", "postsuper", "-d", "ALL")


def token_of(pod, email):
    return pod.api("POST", "/api/login", {"email": email, "password": PASSWORD}, token="", expect=200)[1]["token"]


def deliver(pod, recipient, message_id=None, sender=STRANGER, subject="x"):
    """Over port 25; the reply to RCPT, or to the message."""
    with pod.smtp() as client:
        client.ehlo()
        client.mail(sender)
        code, words = client.rcpt(recipient)
        if code != 250:
            return code, words
        return client.data(f"Message-ID: <{message_id or new_id()}>\r\nSubject: {subject}\r\n\r\nhello\r\n")


def new_id():
    return f"{uuid.uuid4().hex}@elsewhere.test"


def traces(pod, token=None, **query):
    text = "&".join(f"{name}={value.replace('+', '%2B').replace('<', '%3C').replace('>', '%3E')}" for name, value in query.items())
    return pod.api("GET", "/api/mail/trace" + (f"?{text}" if text else ""), token=token, expect=200)[1]["items"]


def trace(pod, until=None, token=None, **query):
    """The one trace, once its state is `until`."""

    def look():
        found = traces(pod, token, **query)
        return found[0] if len(found) == 1 and (until is None or found[0]["state"] == until) else None

    return pod.wait_for(look, f"a trace {query} in state {until}", 20)


def queue(pod, token=None, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return pod.api("GET", "/api/mail/queue" + (f"?{text}" if text else ""), token=token, expect=200)[1]["items"]


def queued(pod, recipient, **query):
    return pod.wait_for(lambda: queue(pod, recipient=recipient, **query), f"mail to {recipient} in the queue")[0]


def stages(found):
    return [event["stage"] for event in found["events"]]


def test_delivered_mail_says_where_it_lies(traced):
    one = new_id()
    deliver(traced, f"ann@{DOMAIN}", one)
    found = trace(traced, "delivered", message_id=one)
    assert found["verdict"] == f"Delivered to ann@{DOMAIN} (INBOX).", found
    assert found["sender"] == STRANGER and found["message_id"] == one
    assert {"accepted", "identified", "queued", "filed", "delivered"} <= set(stages(found)), found
    assert len(found["queue_ids"][0]) > 11, "ids are long, so that none is used twice"
    assert trace(traced, "delivered", queue_id=found["queue_ids"][0])["verdict"] == found["verdict"]
    said = traced.cli("mail", "trace", "--message-id", one)
    assert f"Delivered to ann@{DOMAIN} (INBOX)." in said and "accepted from" in said, said
    # The folder that a Sieve script chose.
    two = new_id()
    deliver(traced, f"filer@{DOMAIN}", two)
    assert trace(traced, "delivered", message_id=two)["verdict"] == f"Delivered to filer@{DOMAIN} (Archive)."


def test_mail_that_was_refused_at_rcpt_has_a_trace(traced):
    nobody = f"nobody{uuid.uuid4().hex[:6]}@{DOMAIN}"
    assert deliver(traced, nobody)[0] == 550
    found = trace(traced, "refused", recipient=nobody)
    assert found["queue_ids"] == [] and "5.1.1" in found["verdict"] and STRANGER in found["verdict"], found
    relay = f"r{uuid.uuid4().hex[:6]}@far.test"
    assert deliver(traced, relay)[0] == 554
    assert "Relay access denied" in trace(traced, "refused", recipient=relay)["verdict"]


def test_aliases_forwards_and_redirects_are_followed(traced):
    one, two, three = new_id(), new_id(), new_id()
    deliver(traced, f"info@{DOMAIN}", one)
    found = trace(traced, "delivered", message_id=one)
    assert found["verdict"] == f"Delivered to ann@{DOMAIN} (INBOX), ben@{DOMAIN} (INBOX).", found
    deliver(traced, f"ext@{DOMAIN}", two)
    found = trace(traced, "deferred", message_id=two)
    assert len(found["queue_ids"]) == 2 and "friend@far.test" in found["verdict"], found
    assert "PODPLAY_MAIL_OUTBOUND=none" in found["verdict"], "the reason in the daemon's words"
    deliver(traced, f"mover@{DOMAIN}", three)
    found = trace(traced, "partly", message_id=three)
    assert f"Delivered to mover@{DOMAIN} (INBOX)." in found["verdict"] and "pal@far.test" in found["verdict"], found


def test_a_message_id_is_no_fact(traced):
    odd = f"a b> status=sent (x): saved mail to Y{uuid.uuid4().hex[:6]}@elsewhere.test"
    code, words = deliver(traced, f"filer@{DOMAIN}", odd)
    queue_id = words.decode().split()[-1]
    found = trace(traced, "delivered", queue_id=queue_id)
    assert found["verdict"] == f"Delivered to filer@{DOMAIN} (Archive).", found


def test_a_person_sees_only_the_own_mail(traced):
    ann, ben, filer = (token_of(traced, f"{name}@{DOMAIN}") for name in ("ann", "ben", "filer"))
    subject = uuid.uuid4().hex
    traced.send(f"ann@{DOMAIN}", [f"ben@{DOMAIN}", "z@far.test"], subject)
    traced.wait_for_message(f"ben@{DOMAIN}", subject)
    queue_id = queued(traced, "z@far.test")["queue_id"]
    sent = trace(traced, "partly", token=ann, queue_id=queue_id)
    assert sent["recipients"] == [f"ben@{DOMAIN}", "z@far.test"], sent
    assert sent["events"][0]["login"] == f"ann@{DOMAIN}"
    got = trace(traced, "delivered", token=ben, queue_id=queue_id)
    assert got["recipients"] == [f"ben@{DOMAIN}"] and "z@far.test" not in str(got) and "login" not in str(got["events"][0]), got
    assert traces(traced, token=filer, queue_id=queue_id) == []
    assert traces(traced, token=ben, recipient="z@far.test") == []
    # An alias shows the own part.
    one = new_id()
    deliver(traced, f"info@{DOMAIN}", one)
    assert "ben@" not in str(trace(traced, "delivered", token=ann, message_id=one))
    # Somebody who is not logged in writes any sender.
    deliver(traced, f"ben@{DOMAIN}", sender=f"ann@{DOMAIN}")
    for found in traces(traced, token=ann):
        assert f"ann@{DOMAIN}" in str(found["recipients"]) + str(found["sender"]), found
        assert "log in to send" not in found["verdict"], found
    # The queue is for administrators.
    assert traced.api("GET", "/api/mail/queue", token=ann)[0] == 403


def test_a_domain_admin_sees_and_touches_the_own_domain(traced):
    traced.make_domain("elsewhere-trace.test")
    traced.make_user("eve@elsewhere-trace.test")
    traced.api("POST", f"/api/users/boss@{DOMAIN}/grants", {"domain": DOMAIN}, expect=200)
    boss = token_of(traced, f"boss@{DOMAIN}")
    traced.send("eve@elsewhere-trace.test", ["q1@far.test"], "other")
    traced.send(f"ann@{DOMAIN}", ["q2@far.test"], "own")
    other, own = queued(traced, "q1@far.test"), queued(traced, "q2@far.test")
    seen = [message["queue_id"] for message in queue(traced, token=boss)]
    assert own["queue_id"] in seen and other["queue_id"] not in seen, seen
    assert traces(traced, token=boss, queue_id=other["queue_id"]) == []
    assert trace(traced, "deferred", token=boss, queue_id=own["queue_id"])["recipients"] == ["q2@far.test"]
    done = traced.api("POST", "/api/mail/queue/delete", {"queue_ids": [other["queue_id"], own["queue_id"]]}, token=boss, expect=200)[1]
    assert done["queue_ids"] == [own["queue_id"]], done
    assert queue(traced, recipient="q1@far.test"), "another domain's message is still there"


def test_work_on_the_queue_is_tried_done_proven_and_audited(traced):
    who = f"h{uuid.uuid4().hex[:6]}@far.test"
    traced.send(f"ann@{DOMAIN}", [who], "held")
    queue_id = queued(traced, who, state="deferred")["queue_id"]
    would = traced.api("POST", "/api/mail/queue/hold?dry_run=1", {"recipient": who}, expect=200)[1]
    assert would["dry_run"] and would["queue_ids"] == [queue_id] and would["messages"][0]["recipients"][0]["address"] == who, would
    assert queued(traced, who)["queue_name"] == "deferred", "nothing was done"
    held = traced.api("POST", "/api/mail/queue/hold", {"recipient": who}, expect=200)[1]
    assert held["count"] == 1 and queued(traced, who)["queue_name"] == "hold", held
    assert trace(traced, "held", queue_id=queue_id)["verdict"].startswith("Held in the queue")
    assert traced.api("POST", "/api/mail/queue/retry", {"queue_ids": [queue_id]}, expect=200)[1]["count"] == 0, "it is held"
    released = traced.api("POST", "/api/mail/queue/release", {"queue_ids": [queue_id]}, expect=200)[1]
    assert released["count"] == 1 and queued(traced, who)["queue_name"] != "hold", released
    queued(traced, who, state="deferred")
    before = len(trace(traced, "deferred", queue_id=queue_id)["events"])
    assert traced.api("POST", "/api/mail/queue/retry", {"queue_ids": [queue_id]}, expect=200)[1]["count"] == 1
    traced.wait_for(lambda: len(traces(traced, queue_id=queue_id)[0]["events"]) > before, "another try")
    queued(traced, who, state="deferred")
    deleted = traced.api("POST", "/api/mail/queue/delete", {"queue_ids": [queue_id]}, expect=200)[1]
    assert deleted["queue_ids"] == [queue_id] and queue(traced, recipient=who) == [], deleted
    assert trace(traced, "deleted", queue_id=queue_id)["verdict"].startswith("Deleted from the queue")
    _, events = traced.api("GET", f"/api/audit?search={queue_id}", expect=200)
    assert {event["event"] for event in events["items"]} == {
        "MAIL_QUEUE_HELD", "MAIL_QUEUE_RELEASED", "MAIL_QUEUE_RETRIED", "MAIL_QUEUE_DELETED"}, events


def test_a_bounce_tells_the_sender(traced):
    who, subject = f"b{uuid.uuid4().hex[:6]}@far.test", uuid.uuid4().hex
    traced.send(f"ben@{DOMAIN}", [who], subject)
    queue_id = queued(traced, who, state="deferred")["queue_id"]
    said = traced.cli("mail", "queue", "delete", queue_id, "--bounce", "--dry-run")
    assert "nothing was done" in said and who in said, said
    said = traced.cli("mail", "queue", "delete", queue_id, "--bounce")
    assert "deleted 1 messages" in said, said
    report = traced.wait_for_message(f"ben@{DOMAIN}", "Undelivered Mail Returned to Sender")
    assert who in report, report
    found = trace(traced, "bounced", queue_id=queue_id)
    assert found["verdict"].endswith("The sender was told.") and "notified" in stages(found), found


def test_filters_pages_and_wrong_choices(traced):
    mark = uuid.uuid4().hex[:6]
    for i in range(3):
        traced.send(f"ann@{DOMAIN}", [f"{mark}{i}@far.test"], "page")
        queued(traced, f"{mark}{i}@far.test")
    seen, cursor = [], ""
    while cursor is not None:
        _, page = traced.api("GET", f"/api/mail/queue?sender=ann@{DOMAIN}&reason=turned&limit=1" + (f"&cursor={cursor}" if cursor else ""),
                             expect=200)
        seen += [message["recipients"][0]["address"] for message in page["items"]]
        cursor = page["next"]
    assert [f"{mark}{i}@far.test" for i in range(3)] == [one for one in seen if one.startswith(mark)], seen
    assert queue(traced, sender=f"ann@{DOMAIN}", older_than=60) == []
    for choice in ({}, {"all": True, "state": "hold"}, {"state": "lost"}, {"queue_ids": ["-d"]}):
        assert traced.api("POST", "/api/mail/queue/delete", choice)[0] == 400, choice
    said = traced.cli("mail", "queue", "list", "--recipient", f"{mark}1@far.test")
    assert f"{mark}1@far.test" in said and "turned off" in said, said


def test_a_long_queue_is_no_trouble(traced):
    """600 messages: a page, a filter and an end of all of them."""
    script = "for i in $(seq 600); do printf 'Subject: x\\n\\ny\\n' | sendmail -f many@trace.test many$i@far.test; done"
    assert traced.execute("mail", "sh", "-c", script).returncode == 0
    try:
        traced.wait_for(lambda: traced.api("POST", "/api/mail/queue/delete?dry_run=1", {"sender": "many@trace.test"},
                                           expect=200)[1]["count"] == 600, "600 messages", 60)
        _, page = traced.api("GET", "/api/mail/queue?limit=500&sender=many@trace.test", expect=200)
        assert len(page["items"]) == 500 and page["next"]
    finally:
        done = traced.api("POST", "/api/mail/queue/delete", {"sender": "many@trace.test"}, expect=200)[1]
    assert done["count"] == 600 and len(done["queue_ids"]) == 600 and len(done["messages"]) == 100
    assert queue(traced, sender="many@trace.test") == []
