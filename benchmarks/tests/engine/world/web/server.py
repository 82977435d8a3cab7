"""Answers with what it is and was told. Its child burns no CPU and must never outlive it."""

import json
import os
import signal
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get("BROKEN"):
    print("I cannot go on like this", flush=True)
    sys.exit(9)

CHILD = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = {key: os.environ[key] for key in ("COMPONENT", "GREETING") if key in os.environ}
        known = {"pid": os.getpid(), "host": socket.gethostname()}
        body = json.dumps({**known, "url": os.environ.get("OUTSIDER_URL"), **told})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def stop(*_: object) -> None:
    CHILD.kill()
    CHILD.wait()
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
print(f"{os.environ['COMPONENT']} serves", flush=True)
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
