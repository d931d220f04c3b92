"""`api` and `mcp`: doors for other programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from assistant.access.hosts import is_loopback
from assistant.access.http_access import callers_of
from assistant.commands.common import reviewer_of, settings_of
from assistant.commands.printing import Options
from assistant.errors import SettingsError
from assistant.operation.memory import Tidiness, few_heaps
from assistant.review import build_reviewer
from assistant.serving import require_free
from vectorstore.later import Later

if TYPE_CHECKING:
    import uvicorn

    from assistant import http_api, mcp_server
else:  # each program loads its own door only
    http_api = Later("assistant.http_api")
    mcp_server = Later("assistant.mcp_server")
    uvicorn = Later("uvicorn")


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
    require_free(options.address, options.port)
    few_heaps()
    api = http_api.build_api(build_reviewer(settings), token=token, address=options.address)
    Tidiness().start()
    print(f"接口：http://{options.address}:{options.port}  （按 Ctrl+C 退出）", file=sys.stderr)
    # without its own log set-up: lines go through ours, masked and in the form that is set
    uvicorn.run(api, host=options.address, port=options.port, log_level="warning", log_config=None)
    return 0


def run_mcp(options: Options) -> int:
    """Speak MCP on standard input and output until the caller leaves."""
    mcp_server.build_server(reviewer_of(options)).run("stdio")
    return 0
