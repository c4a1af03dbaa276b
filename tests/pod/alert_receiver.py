"""A receiver of alerts: writes each request as a JSON line into a file, and answers with the status that another file says."""
import http.server
import json
import pathlib
import sys

port, requests, status = int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        code = int(status.read_text())
        with requests.open("a") as file:
            file.write(json.dumps({"path": self.path, "headers": dict(self.headers), "body": body, "answered": code}) + "\n")
        self.send_response(code)
        if code == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
