"""What other projects' own check programs ask of a server that was just set up: mail from a client's first login to the message in the
mailbox, the DNS records that this needs, and what port 25 says to strangers. Everything is found by DNS, as a client would."""
import email.policy
import email.utils
import re
import smtplib
import socket
import ssl
import uuid

import dns.message
import dns.query
import dns.reversename
import pytest

DOMAIN = "outside.test"

# The published ports behind the standard ones, which the names in DNS speak of.
PUBLISHED = {25: "SMTP", 465: "SMTPS", 587: "SUBMISSION", 143: "IMAP", 993: "IMAPS", 110: "POP3", 995: "POP3S", 443: "HTTPS", 4190: "SIEVE"}


@pytest.fixture(scope="module")
def person(pod):
    pod.make_domain(DOMAIN)
    return pod.make_user(f"person@{DOMAIN}")


def ask(pod, name, kind):
    """The answers' texts; empty when there are none."""
    answer = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=pod.ports["DNS"], timeout=5)
    return [item.to_text() for rrset in answer.answer if dns.rdatatype.to_text(rrset.rdtype) == kind for item in rrset]


def connect(pod, name, port):
    """A connection to `name`, found by DNS as a client would, on the published port."""
    addresses = ask(pod, name, "A") + ask(pod, name, "AAAA")
    assert addresses, f"{name} has no address"
    return socket.create_connection((addresses[0], pod.ports[PUBLISHED[port]]), timeout=10)


def trusting(pod, tmp_path):
    """A client that trusts the pod's authority and nobody else, and checks names."""
    ca = tmp_path / "ca.pem"
    ca.write_text(pod.execute("api", "cat", f"/data/certificates/{DOMAIN}/chain.pem").stdout)
    return ssl.create_default_context(cafile=ca)


def test_mail_from_the_first_login_to_the_mailbox(pod, person, tmp_path):
    trust = trusting(pod, tmp_path)
    mail_host = ask(pod, DOMAIN, "MX")[0].split()[1].rstrip(".")
    subject = uuid.uuid4().hex
    message = f"From: {person}\r\nTo: {person}\r\nSubject: {subject}\r\n\r\nIt works.\r\n"
    address = ask(pod, mail_host, "A")[0]
    with smtplib.SMTP(address, pod.ports["SUBMISSION"], local_hostname="client.test", timeout=20) as client:
        client._host = mail_host  # smtplib takes the name for SNI and the certificate from here
        client.starttls(context=trust)
        assert client.sock.version() in ("TLSv1.2", "TLSv1.3")
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(person, "a wrong guess")
        client.login(person, "correct horse 1")
        # The name of another person here, of a made-up one, and of a stranger are not his to use.
        other = pod.make_user(f"other@{DOMAIN}")
        for sender in (other, f"nobody@{DOMAIN}", "someone@elsewhere.test"):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
                client.sendmail(sender, [person], message)
            assert refusal.value.recipients[person][0] == 553, refusal.value.recipients
            client.rset()
        client.sendmail(person, [person], message)
    text = pod.wait_for_message(person, subject)
    found = email.message_from_string(text, policy=email.policy.default)
    assert found["Return-Path"] == f"<{person}>" and found["Delivered-To"] == person
    received = " ".join(found.get_all("Received"))
    assert "ESMTPSA" in received and "TLSv1." in received, received
    # Neither the client's network nor the name of our software's version is anybody's business; the date is today's.
    assert not re.search(r"Postfix \d|Dovecot \d|PodPlay", text), text
    assert abs((email.utils.parsedate_to_datetime(found["Received"].rpartition(";")[2].strip())
                - email.utils.localtime()).total_seconds()) < 120
    client = pod.imap(person)
    client.select("INBOX")
    _, numbers = client.search(None, "SUBJECT", f'"{subject}"')
    client.store(numbers[0].decode(), "+FLAGS", "\\Deleted")
    client.expunge()
    assert client.search(None, "SUBJECT", f'"{subject}"')[1] == [b""]
    client.logout()


def test_dns_names_what_mail_and_web_need(pod, person):
    servers = ask(pod, DOMAIN, "NS")
    assert servers, "no name server"
    for server in servers:
        if not server.endswith(("example.test.", f"{DOMAIN}.")):
            continue  # a secondary elsewhere, whose zone has its address
        assert ask(pod, server, "A"), f"the name server {server} has no address"
    preference, mail_host = ask(pod, DOMAIN, "MX")[0].split()
    assert int(preference) >= 0 and not ask(pod, mail_host, "CNAME"), "RFC 2181 section 10.3: an MX names no alias"
    address, = ask(pod, mail_host, "A")
    for name in (DOMAIN, f"www.{DOMAIN}"):
        assert ask(pod, name, "A") == [address], name
    spf, = [text for text in ask(pod, DOMAIN, "TXT") if "v=spf1" in text]
    assert re.fullmatch(r'"v=spf1 .*[-~]all"', spf), spf
    assert re.match(r'"v=DMARC1; ?p=(none|quarantine|reject)', ask(pod, f"_dmarc.{DOMAIN}", "TXT")[0])
    # What receivers compare first: the server's name in its banner, its address's name, and that name's address.
    reverse, = ask(pod, dns.reversename.from_address(address).to_text(), "PTR")
    with socket.create_connection((address, pod.ports["SMTP"]), timeout=10) as connection:
        banner = connection.makefile("rb").readline().decode()
    assert banner.split()[1] == reverse.rstrip("."), f"{banner} {reverse}"
    assert ask(pod, reverse, "A") == [address]


def test_every_service_record_is_answered_under_its_name(pod, person, tmp_path):
    """RFC 6186, RFC 8314: a client connects to the target, and checks its certificate."""
    trust = trusting(pod, tmp_path)
    found = 0
    for service, greeting in (("_submission", b"220"), ("_submissions", b"220"), ("_imap", b"* OK"), ("_imaps", b"* OK"), ("_pop3", b"+OK"),
                              ("_pop3s", b"+OK"), ("_sieve", b'"'), ("_autodiscover", None)):
        for record in ask(pod, f"{service}._tcp.{DOMAIN}", "SRV"):
            _, _, port, target = record.split()
            if target == ".":
                continue
            found += 1
            connection = connect(pod, target, int(port))
            if service.endswith("s") or service == "_autodiscover":
                connection = trust.wrap_socket(connection, server_hostname=target.rstrip("."))
            if greeting:
                line = connection.makefile("rb").readline()
                assert line.startswith(greeting), f"{service}: {line}"
            connection.close()
    assert found >= 3


def test_port_25_as_a_stranger_sees_it(pod, person):
    with pod.smtp() as client:
        code, words = client.ehlo()
        assert code == 250
        features = set(client.esmtp_features)
        assert {"starttls", "size", "pipelining", "8bitmime", "enhancedstatuscodes"} <= features, features
        assert "auth" not in features and "vrfy" not in features and "expn" not in features, features
        assert client.docmd("VRFY", person)[0] in (252, 502)
        assert client.docmd("EXPN", person)[0] in (500, 502)
        client.mail("someone@elsewhere.test")
        assert client.rcpt("someone@third.test")[0] == 554, "an open relay"
        # Forms that once got around relay checks.
        for trick in (f"someone%third.test@{DOMAIN}", f"@{DOMAIN}:someone@third.test", f'"someone@third.test"@{DOMAIN}',
                      f"third.test!someone@{DOMAIN}", "someone@third.test@" + DOMAIN):
            assert client.docmd("RCPT", f"TO:<{trick}>")[0] // 100 == 5, trick
        assert client.rcpt(f"nobody@{DOMAIN}")[0] == 550
        assert client.rcpt(person)[0] == 250
    with pod.smtp() as client:
        client.ehlo()
        assert client.starttls(context=pod.tls())[0] == 220
        client.ehlo()
        assert "auth" not in client.esmtp_features, "passwords have no business on port 25"
        assert client.mail(person)[0] == 250 and client.rcpt(person)[0] in (550, 553), "a stranger sends in our name"
    with pod.smtp() as client:
        assert client.docmd("MAIL", "FROM:<someone@elsewhere.test>")[0] == 503, "RFC 5321 section 4.1.4: EHLO comes first"


def test_a_message_is_not_smuggled_within_another(pod, person):
    """A line that only some servers take for the end of a message must not begin a second one (CVE-2023-51764 and its like)."""
    for number, ending in enumerate(("\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r.\n", "\r\n\0.\r\n")):
        mark = f"smuggle {uuid.uuid4().hex}"
        with socket.create_connection(("127.0.0.1", pod.ports["SMTP"]), timeout=10) as connection:
            stream = connection.makefile("rb")

            def say(text):
                connection.sendall(text.encode())
                while (line := stream.readline())[3:4] == b"-":
                    pass
                return line

            stream.readline()
            say("EHLO stranger.test\r\n")
            say("MAIL FROM:<someone@elsewhere.test>\r\n")
            assert say(f"RCPT TO:<{person}>\r\n").startswith(b"250")
            assert say("DATA\r\n").startswith(b"354")
            say(f"Subject: outer {number}\r\n\r\nfirst{ending}MAIL FROM:<inner@elsewhere.test>\r\nRCPT TO:<{person}>\r\nDATA\r\n"
                f"Subject: {mark}\r\n\r\nsecond\r\n.\r\n")
        # A message that comes later is there, so an inner one would be, too.
        last = uuid.uuid4().hex
        pod.send(person, [person], last)
        pod.wait_for_message(person, last)
        client = pod.imap(person)
        client.select("INBOX")
        assert client.search(None, "SUBJECT", f'"{mark}"')[1] == [b""], f"smuggled by {ending!r}"
        client.logout()
