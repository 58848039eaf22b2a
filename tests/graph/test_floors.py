"""The floors of the architecture, read off the import statements."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "cei_assets"
FLOORS = {
    "contracts": 0,
    "core": 1,
    "settings": 2,
    "storage": 2,
    "simulation": 2,
    "adapters": 2,
    "pull": 2,
    "checks": 3,
    "gateway": 4,
    "defs": 4,
    "definitions": 4,
    "cli": 5,
}
# On one floor, and yet not for each other.
APART = {"gateway": {"defs", "definitions"}, "defs": {"gateway"}, "definitions": {"gateway"}}
# Heavy imports that only these floors may hold at module level.
ONLY_IN = {"dagster": {"defs", "definitions"}, "dagster_dbt": {"defs", "definitions"}}
LAZY_EVERYWHERE = {"great_expectations", "statsmodels"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_floor_imports_lower_floors_only(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return
    own = FLOORS[part_of(path)]
    for name in imported(path):
        if name.startswith("cei_assets."):
            other = name.split(".")[1]
            assert FLOORS[other] <= own, f"{path} (floor {own}) imports {name}"
            assert other not in APART.get(part_of(path), ()), f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dagster_stays_in_its_floor(path: Path) -> None:
    if part_of(path) == "cli":
        return
    for name in imported(path):
        root = name.split(".")[0]
        if root in ONLY_IN:
            assert part_of(path) in ONLY_IN[root], f"{path} imports {root}"


def test_no_module_is_called_utils_or_helpers() -> None:
    names = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not names & {"utils", "util", "helpers", "helper", "misc", "common"}


def test_modules_stay_readable() -> None:
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in MODULES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 320
    }
    # The list of all fields is one declaration; splitting it would hide that a name is taken.
    long.pop("contracts/fields.py", None)
    assert long == {}
