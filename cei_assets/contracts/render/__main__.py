"""Writes every file that is rendered from the contracts, or says which are stale.

`python -m cei_assets.contracts.render [--check]`
"""

import argparse
import sys
from pathlib import Path

from cei_assets.contracts.render.dbt_yaml import render_dbt_yaml
from cei_assets.contracts.render.dictionary import render_dictionary, render_rules

ROOT = Path(__file__).parents[3]
_STAGING = "dbt_project/models/staging"


def rendered_files() -> dict[str, str]:
    """Text of every rendered file, by path from the repository's root."""
    return {
        "docs/data_dictionary.md": render_dictionary(),
        "docs/rules.md": render_rules(),
        **render_dbt_yaml(),
    }


def stale_files(root: Path) -> tuple[str, ...]:
    """Rendered files below `root` that are absent, differ, or belong to a source that has gone."""
    files = rendered_files()
    differing = [
        path
        for path, text in files.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]
    return (*differing, *_left_over(root, files))


def render(root: Path) -> tuple[str, ...]:
    """Brings the rendered files below `root` up to date; returns those written or removed."""
    files = rendered_files()
    stale = stale_files(root)
    for path in stale:
        target = root / path
        if path in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8", newline="\n")
        else:
            target.unlink()
    return stale


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Renders, or with `--check` only looks; returns 1 when a file is stale, else 0."""
    parser = argparse.ArgumentParser(prog="python -m cei_assets.contracts.render")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on stale files")
    is_check = parser.parse_args(arguments).check
    stale = stale_files(root) if is_check else render(root)
    verb = "stale" if is_check else "rendered"
    sys.stdout.writelines(f"{verb}: {path}\n" for path in stale)
    if is_check and stale:
        sys.stdout.write("run `python -m cei_assets.contracts.render`\n")
        return 1
    return 0


def _left_over(root: Path, files: dict[str, str]) -> list[str]:
    """Staging files that no source has; the folder holds nothing but rendered files."""
    found = (file.relative_to(root).as_posix() for file in (root / _STAGING).rglob("*.*"))
    return sorted(path for path in found if path not in files)


if __name__ == "__main__":
    sys.exit(main())
