"""The world outside of a pod, on its 127.0.0.x: resolvers and secondaries, and a mail relay. It does what its state file says, which a test
changes at any time. Runs in the network of the pod; nothing leaves the machine.

    elsewhere.py STATE CERTIFICATE KEY

The state is JSON: "relay" is accept, closed, greylist, policy, plain or bounce, or the reply to each RCPT, such as "450 4.2.0 later"; "dns" is
true, false or the addresses that answer; "names" maps "NAME TYPE" to records, and "* TYPE" stands for any other name.
All but whether the relay listens follows the file at once. The file STATE.heard has the relay's state that its port follows."""
import json
import pathlib
import socket
import ssl
import struct
import sys
import threading
import time

FORWARDER, SECONDARY, RESOLVER = ("127.0.0.99", 53), ("127.0.0.98", 53), ("127.0.0.97", 5354)
RELAY = ("127.0.0.97", 1587)
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 28: "AAAA"}


class World:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.heard = None

    def __getitem__(self, key):
        return json.loads(self.path.read_text())[key]

    def confirm(self, relay):
        if relay != self.heard:
            self.path.with_suffix(".heard").write_text(relay)
            self.heard = relay


def name_octets(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split(".") if label) + b"\0"


def data_octets(kind, text):
    if kind == "A":
        return socket.inet_aton(text)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if kind == "SOA":
        words = text.split()
        return name_octets(words[0]) + name_octets(words[1]) + struct.pack("!5I", *map(int, words[2:]))
    return name_octets(text)


def answer_question(world, query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    kind = TYPES.get(struct.unpack("!H", query[at + 1:at + 3])[0], "")
    question = query[12:at + 5]
    records = world["names"].get(f"{'.'.join(labels).lower()} {kind}", world["names"].get(f"* {kind}"))
    code = 0 if records is not None else 3
    if "." .join(labels) == "" or (records is None and any(key.split()[0] == ".".join(labels).lower() for key in world["names"])):
        code = 0
    if records == "servfail":
        code, records = 2, []
    body = b""
    for text in records or []:
        data = data_octets(kind, text)
        number = next(value for value, word in TYPES.items() if word == kind)
        body += b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 1, len(data)) + data
    return query[:2] + struct.pack("!HHHHH", 0x8580 | code, 1, len(records or []), 0, 0) + question + body


def serve_dns(world, address):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(address)
    while True:
        query, client = server.recvfrom(4096)
        answering = world["dns"]
        if answering is True or (answering and address[0] in answering):
            server.sendto(answer_question(world, query), client)


def talk(world, connection, tls):
    stream = connection.makefile("rwb", 0)

    def say(line):
        stream.write(line.encode() + b"\r\n")

    say("220 relay.elsewhere.test ESMTP")
    secure = False
    while line := stream.readline():
        word = line.split()[0].upper() if line.split() else b""
        mode = world["relay"]
        if word == b"EHLO":
            say("250-relay.elsewhere.test")
            say("250-STARTTLS" if mode != "plain" and not secure else "250-8BITMIME")
            say("250 ENHANCEDSTATUSCODES")
        elif word == b"STARTTLS":
            say("220 2.0.0 ready")
            connection = tls.wrap_socket(connection, server_side=True)
            stream, secure = connection.makefile("rwb", 0), True
        elif word == b"RCPT" and mode == "greylist":
            say("450 4.2.0 Greylisted, come again later")
        elif word == b"RCPT" and mode == "policy":
            say("450 4.7.1 mail from your address is blocked, see https://list.elsewhere.test/")
        elif word == b"RCPT" and mode == "bounce":
            say("550 5.1.1 no such user here")
        elif word == b"RCPT" and mode[0].isdigit():
            say(mode)
        elif word == b"DATA":
            say("354 go on")
            while stream.readline() not in (b".\r\n", b""):
                pass
            say("250 2.0.0 taken")
        elif word == b"QUIT":
            say("221 2.0.0 bye")
            return
        else:
            say("250 2.0.0 ok")


def serve_client(world, connection, tls):
    try:
        talk(world, connection, tls)
    except OSError:
        pass
    finally:
        connection.close()


def serve_relay(world, certificate, key):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    while True:
        if (relay := world["relay"]) == "closed":
            world.confirm(relay)
            time.sleep(0.1)
            continue
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(RELAY)
            server.listen(50)
            server.settimeout(0.1)
            while (relay := world["relay"]) != "closed":
                world.confirm(relay)
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                connection.settimeout(20)
                threading.Thread(target=serve_client, args=(world, connection, tls), daemon=True).start()


if __name__ == "__main__":
    world = World(sys.argv[1])
    for one in (FORWARDER, SECONDARY, RESOLVER):
        threading.Thread(target=serve_dns, args=(world, one), daemon=True).start()
    serve_relay(world, sys.argv[2], sys.argv[3])
