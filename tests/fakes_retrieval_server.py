"""A loopback server that speaks /embeddings and /rerank, and misbehaves on demand."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class EmbeddingServer:
    """Counts requests; `script` holds statuses to answer with before behaving."""

    def __init__(self) -> None:
        self.script: list[int] = []
        self.texts: list[str] = []
        self.requests = 0
        self.columns = 4
        self.drop_one = False
        self.seen_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                owner.handle(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        with self._lock:
            self.requests += 1
            self._now += 1
            self.seen_at_once = max(self.seen_at_once, self._now)
            status = self.script.pop(0) if self.script else 200
        answer = self._answer(request.path, body) if status == 200 else {"error": {"message": "x"}}
        content = json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        if status == 429:
            request.send_header("Retry-After", "0")
        request.end_headers()
        with self._lock:
            self._now -= 1
        request.wfile.write(content)

    def _answer(self, path: str, body: dict[str, list[str]]) -> dict[str, object]:
        if path.endswith("/rerank"):
            scores = [float(body["query"][0] in text) for text in body["documents"]]
            return {
                "results": [{"index": i, "relevance_score": s} for i, s in enumerate(scores)][::-1]
            }
        self.texts += body["input"]
        rows = [
            {"object": "embedding", "index": number, "embedding": self._row(text)}
            for number, text in enumerate(body["input"])
        ]
        kept = rows[:-1] if self.drop_one else rows[::-1]
        return {"object": "list", "model": "m", "data": kept, "usage": {"total_tokens": 1}}

    def _row(self, text: str) -> list[float]:
        return [float(ord(text[0])), float(len(text)), *([1.0] * (self.columns - 2))]
