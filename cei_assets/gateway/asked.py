"""What a request for readings asks: whose, as known when; and a connection to answer it from."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import duckdb
from fastapi import Depends, Query, Request

from cei_assets.core.readings.meters import Meter, UnknownPlaceError, chosen, meters_of, one_meter
from cei_assets.gateway.access import Grant, requires
from cei_assets.gateway.problem import GatewayError
from cei_assets.gateway.services import Services
from cei_assets.gateway.state.tokens import Scope
from cei_assets.storage.register import RegisterResult

_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_TIME = "a time of the years 1990 to 2100 with offset, such as 2026-01-31T14:05:00Z"
# A plus sign that was not written %2B arrives as a blank.
_BLANK_FOR_PLUS = re.compile(r"(T\S+) (\d\d:?\d\d)$")

SiteId = Annotated[str, Query(description="As in the integration mapping.")]
OptionalSiteId = Annotated[str | None, Query(description="This site only.")]
MeterId = Annotated[
    str | None, Query(description="A meter of the site; without it the site's main incomer.")
]
OptionalMeterId = Annotated[str | None, Query(description="This meter only.")]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request of an organization; `as_of` is naive UTC."""

    services: Services
    register: RegisterResult
    organization_id: str
    as_of: datetime

    @property
    def meters(self) -> tuple[Meter, ...]:
        """All meters of the organization."""
        return meters_of(self.register.tables, organization_id=self.organization_id)

    @property
    def is_only_organization(self) -> bool:
        """Whether the register has no other."""
        return bool(self.register.tables["organizations"].num_rows == 1)

    def one_meter(self, site_id: str, meter_id: str | None) -> Meter:
        """The meter asked for, or the site's main incomer. Raises GatewayError 404."""
        with _not_found():
            return one_meter(self.meters, site_id=site_id, meter_id=meter_id)

    def chosen(self, site_id: str | None, meter_id: str | None) -> tuple[Meter, ...]:
        """The meters asked for, all without a choice. Raises GatewayError 404."""
        with _not_found():
            return chosen(self.meters, site_id=site_id, meter_id=meter_id)

    @contextmanager
    def readings(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on everything that was accepted until now."""
        services = self.services
        with services.reading_back.opened(
            register=self.register,
            journals=services.journals(),
            now=services.wall_clock(),
            settle_seconds=services.settings.settle_seconds,
        ) as connection:
            yield connection


def asked(
    request: Request,
    grant: Annotated[Grant, Depends(requires(Scope.READ))],
    as_of: Annotated[
        str | None,
        Query(
            description="Answer with what was known at this time, ISO 8601 with offset; now if "
            "left out.",
            examples=["2026-01-31T14:05:00Z"],
        ),
    ] = None,
) -> Asked:
    """The request of a token with the scope `read`. Raises GatewayError."""
    services: Services = request.app.state.services
    now = services.received_at()
    moment = now if as_of is None else instant(as_of, name="as_of")
    ahead = timedelta(seconds=services.settings.max_future_seconds)
    if moment > now + ahead:
        raise invalid("as_of", as_of, "a time that is not in the future")
    return Asked(
        services=services,
        register=services.register.current.register,
        organization_id=grant.organization_id,
        as_of=moment,
    )


def instant(text: str, *, name: str) -> datetime:
    """A time of a parameter as naive UTC. Raises GatewayError 422."""
    try:
        moment = datetime.fromisoformat(_BLANK_FOR_PLUS.sub(r"\1+\2", text))
    except ValueError as error:
        raise invalid(name, text, _TIME) from error
    if moment.tzinfo is None or not _FIRST <= moment < _LAST:
        raise invalid(name, text, _TIME)
    return moment.astimezone(UTC).replace(tzinfo=None)


def invalid(name: str, found: object, expected: str) -> GatewayError:
    """A parameter that is not as documented, in the form of the framework's own findings."""
    shown = str(found)[:100]
    return GatewayError(
        422,
        "INVALID_REQUEST",
        "a parameter is missing or not as documented",
        detail=[{"where": f"query.{name}", "problem": f"found {shown!r}; expected {expected}"}],
    )


@contextmanager
def _not_found() -> Iterator[None]:
    """An unknown place and another organization's: the same answer."""
    try:
        yield
    except UnknownPlaceError as error:
        raise GatewayError(404, "NOT_FOUND", str(error)) from error
