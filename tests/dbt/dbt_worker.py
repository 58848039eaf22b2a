"""Runs dbt commands that arrive as JSON lines; started by `dbt_session`, once for many builds.

A fresh process per build would spend most of a test's time importing dbt.
"""

import json
import sys

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner


def main() -> None:
    answers = sys.stdout
    sys.stdout = sys.stderr
    manifest = None
    for line in sys.stdin:
        arguments = json.loads(line)
        if manifest is None:
            manifest = dbtRunner().invoke(["--quiet", "parse"]).result
        outcome = dbtRunner(manifest=manifest).invoke(arguments)
        if DuckDBConnectionManager._ENV is not None:
            DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()
        nodes = getattr(outcome.result, "results", None) or []
        failures = {
            node.node.unique_id: str(node.message)
            for node in nodes
            if node.status not in {"success", "pass"}
        }
        answer = {
            "success": outcome.success,
            "error": str(outcome.exception) if outcome.exception else "",
            "failures": failures,
            "statuses": {node.node.unique_id: str(node.status) for node in nodes},
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
