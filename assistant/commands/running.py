"""`serve`, `demo`, `doctor`: the web app and the state of the installation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import cli_text as text
from assistant.commands.common import reviewer_of, settings_of
from assistant.commands.printing import Options, print_json
from assistant.serving import serve
from vectorstore.later import Later

if TYPE_CHECKING:
    from assistant.operation import doctor
else:  # looks at everything, hence loads everything
    doctor = Later("assistant.operation.doctor")


def run_serve(options: Options) -> int:
    """Run the web app until interrupted."""
    return serve(settings_of(options), address=options.address, port=options.port)


def run_demo(options: Options) -> int:
    """Load the sample notices, then run the web app."""
    reviewer = reviewer_of(options)
    samples = Path(__file__).resolve().parents[2] / "samples"
    print("正在载入示例通报…", file=sys.stderr)
    print(text.ingested(reviewer.ingest([samples])), file=sys.stderr)
    reviewer.library.close()
    return serve(settings_of(options), address=options.address, port=options.port)


def run_doctor(options: Options) -> int:
    """Examine the installation; exit status 1 when something is broken."""
    checks = doctor.examine(settings_of(options))
    if options.format == "json":
        print_json([{"name": c.name, "ok": c.ok, "message": c.message} for c in checks])
    else:
        for check in checks:
            print(f"{'✓' if check.ok else '✗'} {check.name}：{check.message}")
    return 0 if all(check.ok for check in checks) else 1
