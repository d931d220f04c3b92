"""A proxy that says who the user is, as an office's portal does: one request a connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping

HEAD_END = b"\r\n\r\n"


class UserProxy:
    """Listens on loopback, adds its headers to every request, WebSockets included."""

    def __init__(self, target: str, headers: Mapping[str, str]) -> None:
        host, port = target.removeprefix("http://").split(":")
        self._target = (host, int(port))
        self._names = tuple(f"{name.lower()}:".encode() for name in (*headers, "Connection"))
        self._headers = headers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed = True
        self._listening.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                wire, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire: socket.socket) -> None:
        try:
            with wire, socket.create_connection(self._target) as behind:
                head = b""
                while HEAD_END not in head:
                    chunk = wire.recv(65536)
                    if not chunk:
                        return
                    head += chunk
                lines, _, rest = head.partition(HEAD_END)
                behind.sendall(self._with_user(lines) + HEAD_END + rest)
                threading.Thread(target=_pipe, args=(wire, behind), daemon=True).start()
                _pipe(behind, wire)
        except OSError:
            return

    def _with_user(self, head: bytes) -> bytes:
        lines = head.split(b"\r\n")
        upgrade = any(line.lower().startswith(b"upgrade:") for line in lines)
        kept = [line for line in lines if not line.lower().startswith(self._names)]
        added = {**self._headers, "Connection": "Upgrade" if upgrade else "close"}
        return b"\r\n".join(
            [*kept, *(f"{name}: {value}".encode() for name, value in added.items())]
        )


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
