"""The gateway against its own OpenAPI description: no fault, no answer that is not described.

Some hundred requests in an ordinary run, always the same. For a long run, on a data folder of its
own whose register has a site `mill` with a meter `main`:

    SCHEMATHESIS_HOOKS=tests.schemathesis_hooks schemathesis run \\
        http://127.0.0.1:8420/api/v1/openapi.json -H "Authorization: Bearer $TOKEN" \\
        --checks not_a_server_error,status_code_conformance,content_type_conformance \\
        --max-time 600 --phases examples,coverage,fuzzing --continue-on-failure

with the further checks of `CHECKS`. Checks that are left out contradict the specification: a record
that is wrong fails alone, and the request is 200.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.live_gateway import live_gateway

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
ROOT = Path(__file__).parents[2]


def test_every_answer_is_one_that_is_described(tmp_path: Path) -> None:
    with live_gateway(tmp_path / "data") as gateway:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                f"{gateway.url}/api/v1/openapi.json",
                "--header",
                f"Authorization: Bearer {gateway.token.secret}",
                "--checks",
                ",".join(CHECKS),
                "--phases=examples,coverage,fuzzing",
                "--max-examples=10",
                "--generation-deterministic",
                "--continue-on-failure",
                "--no-color",
            ],
            env=os.environ
            | {"SCHEMATHESIS_HOOKS": "tests.schemathesis_hooks", "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert generated is not None, done.stdout
    assert int(generated[1]) == int(generated[2]) > 200
