"""Stands before Pebble and adds what Pebble lacks: profiles, moved renewal windows, refusals with Retry-After, answers that get lost, requests
that arrive twice, and wrong chains. A program of its own, since it runs in the network of the pod; authority.py starts it.

It hands the Host header on, so Pebble's URLs name the proxy and a signed request's `url` stays right. A request's payload cannot be changed,
because it is signed; answers can. What is to go wrong is said over a Unix socket, one JSON object a connection (Control)."""
import base64
import email.utils
import http.client
import http.server
import json
import pathlib
import socket
import socketserver
import ssl
import sys
import threading
import time
import urllib.parse

# Pebble's paths. The longest that fits says what a request is about.
KINDS = {"/dir": "directory", "/nonce-plz": "newNonce", "/sign-me-up": "newAccount", "/order-plz": "newOrder", "/revoke-cert": "revokeCert",
         "/rollover-account-key": "keyChange", "/my-account/": "account", "/my-order/": "order", "/authZ/": "authorization", "/chalZ/": "challenge",
         "/finalize-order/": "finalize", "/certZ/": "certificate", "/draft-ietf-acme-ari-03/renewalInfo/": "renewalInfo"}
ERROR = "urn:ietf:params:acme:error:"


def kind_of(path):
    return max((start for start in KINDS if path.startswith(start)), key=len, default=None)


def payload_of(body):
    """What a signed request says; None for a request without a payload (POST-as-GET) or without a signature."""
    try:
        payload = json.loads(body)["payload"]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, KeyError, TypeError):
        return None


def seconds_of(retry_after):
    """Seconds, which may be said as a date (RFC 9110 section 10.2.3)."""
    if retry_after.isdigit():
        return int(retry_after)
    return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())


def problem(status, kind, detail, headers=None):
    said = {"type": ERROR + kind, "detail": detail, "status": status}
    return status, [("Content-Type", "application/problem+json"), *(headers or {}).items()], json.dumps(said).encode()


class State:
    """What was asked, and what is to go wrong. All threads use it."""

    def __init__(self):
        self.changed = threading.Condition()
        self.requests = []
        self.rules = []
        self.windows = {}
        self.profiles = {}
        self.profile_of_order = {}
        self.away = False

    def note(self, **facts):
        with self.changed:
            one = {"number": len(self.requests), "time": time.time(), "status": None, "authority_ms": 0.0, "retry_after": 0, **facts}
            self.requests.append(one)
            return one

    def rule_for(self, request):
        """The first rule that fits. It counts, and goes when its times are over; one of 0 times stays."""
        with self.changed:
            for rule in self.rules:
                fits = rule["kind"] in ("any", request["kind"]) and (not rule.get("has") or rule["has"] in (request["payload"] or {}))
                if not fits or (rule["times"] and rule["reached"] >= rule["times"]):
                    continue
                if rule["skip"]:
                    rule["skip"] -= 1
                    continue
                rule["reached"] += 1
                self.changed.notify_all()
                return rule
        return None

    def wait_for_release(self, rule):
        """What becomes of a request that is held: go, or lose."""
        with self.changed:
            self.changed.wait_for(lambda: rule.get("then"))
            return rule["then"]

    def control(self, order):
        with self.changed:
            what = order.pop("what")
            if what == "requests":
                return [one for one in self.requests[order.get("since", 0):] if order.get("kind") in (None, one["kind"])]
            if what == "rule":
                rule = {"number": len(self.rules), "times": 1, "skip": 0, "reached": 0, **order}
                self.rules.append(rule)
                return rule["number"]
            if what == "reached":
                return self.rules[order["rule"]]["reached"]
            if what == "release":
                rule = self.rules[order["rule"]]
                # The first word stands: the end of a rule does not lose what was let go and has not woken up yet.
                rule.setdefault("then", order["then"])
                rule["times"] = rule["reached"] or -1
                self.changed.notify_all()
                return rule["reached"]
            if what == "window":
                self.windows[order.pop("certificate")] = order
                return None
            if what == "profiles":
                self.profiles = order["profiles"]
                return None
            raise ValueError(what)


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An idle connection ends, so that its thread does.
    timeout = 120
    # An answer goes out at once and as a whole: a client that acknowledges late would make each take 40 ms more.
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self):
        # The handshake belongs to this connection's thread: in accept() it would stop all others.
        self.request.do_handshake()
        super().setup()
        self.upstream = None

    def finish(self):
        if self.upstream:
            self.upstream.close()
        super().finish()

    def log_message(self, *_):
        pass

    def end_without_answer(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def ask(self, body):
        """The authority's answer: status, headers, body."""
        for attempt in range(2):
            if self.upstream is None:
                self.upstream = http.client.HTTPSConnection("127.0.0.1", self.server.settings["upstream"], context=self.server.trust, timeout=60)
            try:
                self.upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() != "connection":
                        self.upstream.putheader(name, value)
                self.upstream.endheaders(body or None)
                answer = self.upstream.getresponse()
                headers = [(name, value) for name, value in answer.getheaders()
                           if name.lower() not in ("connection", "content-length", "transfer-encoding", "date")]
                return answer.status, headers, answer.read()
            except (http.client.HTTPException, OSError):
                # The authority has closed a connection that was idle, with or without TLS's last words. A new one must work.
                self.upstream = None
                if attempt:
                    raise
        raise AssertionError

    def serve(self):
        state = self.server.state
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = state.note(kind=KINDS.get(kind_of(self.path)), method=self.command, path=self.path, payload=payload_of(body))
        if state.away:
            return self.end_without_answer()
        rule = state.rule_for(request) or {"do": None}
        if rule["do"] == "hold" and state.wait_for_release(rule) == "lose" or rule["do"] == "lose":
            return self.end_without_answer()
        if rule["do"] == "wait":
            time.sleep(rule["seconds"])
        if rule["do"] == "answer":
            return self.refuse(request, rule["status"], rule["type"], rule["detail"], rule["headers"])
        profile = (request["payload"] or {}).get("profile") if request["kind"] == "newOrder" else None
        if profile and profile not in state.profiles:
            return self.refuse(request, 400, "invalidProfile", f"there is no profile {profile}")
        began = time.monotonic()
        status, headers, answer = self.ask(body)
        request["authority_ms"] = (time.monotonic() - began) * 1000
        request["status"] = status
        request["retry_after"] = seconds_of(dict(headers).get("Retry-After") or "0")
        if rule["do"] == "twice":
            self.ask(body)
        if rule["do"] == "drop" or rule["do"] == "hold_answer" and state.wait_for_release(rule) == "lose":
            return self.end_without_answer()
        if status < 400:
            headers, answer = self.changed_answer(request, rule, headers, answer, profile)
        return self.reply(status, headers, answer)

    do_GET = do_HEAD = do_POST = serve

    def refuse(self, request, *words):
        answer = problem(*words)
        request["status"] = answer[0]
        self.reply(*answer)

    def changed_answer(self, request, rule, headers, answer, profile):
        state, kind = self.server.state, request["kind"]
        if rule["do"] == "body":
            return headers, rule["body"].encode()
        if rule["do"] == "issuers":
            # The leaf stays; what follows it is another chain.
            end = b"-----END CERTIFICATE-----\n"
            return headers, answer.split(end)[0] + end + rule["pem"].encode()
        if kind == "directory" and state.profiles:
            answer = json.loads(answer)
            answer.setdefault("meta", {})["profiles"] = state.profiles
            return headers, json.dumps(answer).encode()
        if kind in ("newOrder", "order", "finalize"):
            order = (dict(headers).get("Location") or self.path).rsplit("/", 1)[1]
            if profile:
                state.profile_of_order[order] = profile
            if order in state.profile_of_order:
                answer = json.dumps({**json.loads(answer), "profile": state.profile_of_order[order]}).encode()
        if kind == "authorization":
            request["challenges"] = [{"path": urllib.parse.urlsplit(one["url"]).path, "type": one["type"], "token": one["token"]}
                                     for one in json.loads(answer).get("challenges", [])]
        window = state.windows.get(self.path.rsplit("/", 1)[1]) if kind == "renewalInfo" else None
        if window:
            said = {"suggestedWindow": {"start": window["start"], "end": window["end"]}}
            if window.get("explanation"):
                said["explanationURL"] = window["explanation"]
            headers = [(name, value) for name, value in headers if name != "Retry-After"] + [("Retry-After", str(window.get("retry_after", 21600)))]
            return headers, json.dumps(said).encode()
        return headers, answer

    def reply(self, status, headers, answer):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)
        self.wfile.flush()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, settings, trust, state):
        super().__init__(("127.0.0.1", settings["port"]), Proxy)
        self.settings, self.trust, self.state = settings, trust, state
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(settings["certificate"], settings["key"])
        self.socket = own.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_):
        kind, error, _ = sys.exc_info()
        if not issubclass(kind, OSError):
            print(f"{kind.__name__}: {error}", flush=True)


class Front:
    """The proxy's port: open, or closed as when the authority is away. Then connections that are open end with their next request."""

    def __init__(self, settings, trust, state):
        self.parts = (settings, trust, state)
        self.server = None

    def open(self):
        self.parts[2].away = False
        self.server = Server(*self.parts)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.parts[2].away = True
        self.server.shutdown()
        self.server.server_close()


class Control(socketserver.StreamRequestHandler):
    """One order and one answer, each a line of JSON."""

    def handle(self):
        order = json.loads(self.rfile.readline())
        settings, trust, state = self.server.front.parts
        said = None
        if order["what"] == "ask":
            # Pebble itself; at its other port, its roots, intermediates and their keys.
            connection = http.client.HTTPSConnection("127.0.0.1", settings[order["port"]], context=trust, timeout=30)
            connection.request("GET", order["path"])
            said = connection.getresponse().read().decode()
        elif order["what"] == "away":
            self.server.front.close()
        elif order["what"] == "back":
            self.server.front.open()
        else:
            said = state.control(order)
        self.wfile.write(json.dumps(said).encode() + b"\n")


class ControlServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main():
    settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
    front = Front(settings, ssl.create_default_context(cafile=settings["ca"]), State())
    front.open()
    with ControlServer(settings["control"], Control) as control:
        control.front = front
        control.serve_forever()


if __name__ == "__main__":
    main()
