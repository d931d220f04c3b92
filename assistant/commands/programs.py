"""`api` and `mcp`: doors for other programs."""

from __future__ import annotations

import uvicorn

from assistant.commands.common import reviewer_of, settings_of
from assistant.commands.printing import Options
from assistant.errors import SettingsError
from assistant.http_api import build_api
from assistant.mcp_server import build_server
from assistant.review import build_reviewer

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def run_api(options: Options) -> int:
    """Run the HTTP API until interrupted."""
    settings = settings_of(options)
    token = settings.api_token.get_secret_value()
    if options.address not in LOOPBACK and not token:
        raise SettingsError(
            "对外开放接口必须设置访问令牌", where=options.address, todo="请设置 ZHENGGAI_API_TOKEN"
        )
    api = build_api(build_reviewer(settings), token=token)
    uvicorn.run(api, host=options.address, port=options.port, log_level="warning")
    return 0


def run_mcp(options: Options) -> int:
    """Speak MCP on standard input and output until the caller leaves."""
    build_server(reviewer_of(options)).run("stdio")
    return 0
