"""A small sign-in service on loopback: discovery, a form to choose the account, signed tokens."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "zhenggai", "secret-of-the-client"
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "zhang": {"name": "张三"},
    "wang": {"name": "王五", "groups": ["巡察整改审核"]},
    "boss": {"name": "赵六"},
    "stranger": {"name": "外人", "groups": ["离职"]},
}


class Issuer:
    """The service; `with Issuer() as issuer` runs it."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "k1", "use": "sig", "alg": "RS256"})
        self.signing_key = self.key
        """Another one signs what nobody should believe."""
        self.issued_ago = 0
        """Seconds by which tokens pretend to be older."""
        self.codes: dict[str, dict[str, str]] = {}
        self.ended: list[str] = []
        """Queries of sign-outs."""
        issuer = self

        class Handler(_Handler):
            service = issuer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Issuer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def token(self, code: str, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Trade a code once for tokens; `None` where anything is amiss."""
        asked = self.codes.pop(code, None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        challenge = asked.get("code_challenge")
        if challenge:
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
                return None
        now = int(time.time()) - self.issued_ago
        account = asked["account"]
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": f"sub-{account}",
            "preferred_username": account,
            "nonce": asked.get("nonce", ""),
            "iat": now,
            "exp": int(time.time()) + 3600,
            **PEOPLE[account],
        }
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signing_key)
        return {
            "access_token": secrets.token_hex(8),
            "token_type": "Bearer",
            "expires_in": 3600,
            "id_token": token,
        }


class _Handler(BaseHTTPRequestHandler):
    service: Issuer

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(200, self.service.metadata())
        elif parts.path == "/jwks":
            self._json(200, {"keys": [self.service.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self._authorize(query)
        elif parts.path == "/logout":
            self.service.ended.append(parts.query)
            self._redirect(query["post_logout_redirect_uri"])
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {basic}"
        token = self.service.token(form.get("code", ""), form) if known else None
        if token is None:
            self._json(400, {"error": "invalid_grant"})
        else:
            self._json(200, token)

    def _authorize(self, query: dict[str, str]) -> None:
        if "account" in query:
            code = secrets.token_hex(8)
            self.service.codes[code] = query
            back = urlencode({"code": code, "state": query["state"]})
            self._redirect(f"{query['redirect_uri']}?{back}")
            return
        links = "".join(
            f'<p><a id="{account}" href="/authorize?'
            f'{html.escape(urlencode({**query, "account": account}))}">{account}</a></p>'
            for account in PEOPLE
        )
        self._send(200, "text/html; charset=utf-8", f"<title>统一登录</title>{links}".encode())

    def _redirect(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, status: int, value: object) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
