"""The environment of the report templates: escapes everything, refuses what is not defined."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from cei_assets.core.reports.formats import FORMATS, clock, formatted


@cache
def environment() -> Environment:
    """Templates of `core/reports/templates` with the formats as filters."""
    made = Environment(
        loader=PackageLoader("cei_assets.core.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FORMATS)
    made.globals.update(formatted=formatted, clock=clock)
    return made
