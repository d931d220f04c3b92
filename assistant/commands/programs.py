"""`api` and `mcp`: doors for other programs."""

from __future__ import annotations

import uvicorn

from assistant.access.hosts import is_loopback
from assistant.access.http_access import callers_of
from assistant.commands.common import reviewer_of, settings_of
from assistant.commands.printing import Options
from assistant.errors import SettingsError
from assistant.http_api import build_api
from assistant.mcp_server import build_server
from assistant.review import build_reviewer


def run_api(options: Options) -> int:
    """Run the HTTP API until interrupted."""
    settings = settings_of(options)
    token = settings.api_token.get_secret_value()
    if not is_loopback(options.address) and not callers_of(settings, token=token):
        raise SettingsError(
            "对外开放接口必须设置访问令牌",
            where=options.address,
            todo="请设置 ZHENGGAI_API_TOKEN 或 ZHENGGAI_API_TOKENS",
        )
    api = build_api(build_reviewer(settings), token=token, address=options.address)
    # without its own log set-up: lines go through ours, masked and in the form that is set
    uvicorn.run(api, host=options.address, port=options.port, log_level="warning", log_config=None)
    return 0


def run_mcp(options: Options) -> int:
    """Speak MCP on standard input and output until the caller leaves."""
    build_server(reviewer_of(options)).run("stdio")
    return 0
