"""A mail server that keeps what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    answer_to_recipients = "250 OK"
    """Such as "450 Later, {address}"."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink = cast(Sink, self.server)
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline().decode().strip():
            answer = "250 OK"
            match line.upper().split(":")[0].split():
                case ["RCPT", *_]:
                    answer = sink.answer_to_recipients.format(address=line.split(":")[1])
                case ["DATA"]:
                    self.wfile.write(b"354 Go on\r\n")
                    content = b"".join(iter(self.rfile.readline, b".\r\n"))
                    sink.messages.append(message_from_bytes(content, policy=policy.default))
                case ["QUIT"]:
                    answer = "221 Bye"
            self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Sink]:
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()
