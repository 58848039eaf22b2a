"""Asking a server: bounded bodies, and patience with what passes.

Statuses 429, 500, 502, 503 and 504, broken connections and bodies that stop early are asked again
after `Retry-After`, else after a pause that doubles and varies. Written here and not taken from a
retry library: what decides is the answer (`Retry-After` as seconds or date, a body cut short), and
that is all there is to it beside six lines of arithmetic.
"""

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx

from cei_assets.pull.problem import BodyError, UnreachableError, shown

_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Clock, pause and chance, from outside: `now` is aware UTC, `random` gives 0 <= x < 1."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a pull bears with a server. Bytes count after decompression."""

    attempts: int = 7
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 60.0
    longest_retry_after_seconds: float = 900.0
    connect_seconds: float = 15.0
    silence_seconds: float = 60.0
    body_seconds: float = 600.0
    body_bytes: int = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered, its body read to the end."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """Media type, without parameters."""
        header: str = self.headers.get("content-type", "")
        return header.partition(";")[0].strip().lower()


class PassingFaultError(Exception):
    """An answer that is worth asking for again."""


class Web:
    """A connection pool with patience; use it as a context manager."""

    def __init__(self, *, timing: Timing, patience: Patience | None = None) -> None:
        self.timing = timing
        self.patience = patience or Patience()
        self._client = httpx.Client(
            verify=_trusted(),
            # A redirect is refused: it would take the bearer to an address nobody has named.
            follow_redirects=False,
            timeout=httpx.Timeout(
                self.patience.silence_seconds, connect=self.patience.connect_seconds
            ),
            headers={"Accept": "application/json", "User-Agent": "cei-assets"},
        )

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        form: Mapping[str, str] | None = None,
        check: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """The first answer that does not pass: any status but 429 and the passing 5xx.

        `check` may raise PassingFaultError for a body that should be asked for again.
        Raises UnreachableError when the attempts are used up or the server asks for a longer pause
        than anybody should wait for, BodyError for a body beyond the limit.
        """
        reason = ""
        for attempt in range(self.patience.attempts):
            pause: float | None = None
            try:
                request = self._client.build_request(method, url, headers=headers, data=form)
                answer = self._send(request, auth)
                if answer.status not in _PASSING:
                    if check is not None:
                        check(answer)
                    return answer
                reason = f"status {answer.status}"
                pause = retry_after(answer.headers.get("retry-after"), now=self.timing.now())
            except PassingFaultError as error:
                reason = str(error)
            except httpx.RequestError as error:
                reason = str(error) or type(error).__name__
            self._refuse_long(pause, url=url, reason=reason)
            if attempt + 1 < self.patience.attempts:
                self.timing.sleep(self._pause(attempt) if pause is None else pause)
        raise UnreachableError(
            f"no proper answer after {self.patience.attempts} attempts (last: {reason})",
            where=f"{method} {shown(url)}",
            fix="run the same command again later; what has arrived is kept and not asked again",
        )

    def _send(self, request: httpx.Request, auth: httpx.Auth | None) -> Answer:
        response = self._client.send(request, auth=auth, stream=True)
        try:
            body = self._read(response.iter_bytes(), url=str(request.url))
        finally:
            response.close()
        return Answer(
            url=str(request.url),
            status=response.status_code,
            headers=response.headers,
            body=body,
        )

    def _read(self, chunks: Iterable[bytes], *, url: str) -> bytes:
        limits = self.patience
        until = self.timing.monotonic() + limits.body_seconds
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if len(body) > limits.body_bytes:
                raise BodyError(
                    f"a body of more than {limits.body_bytes:,} bytes",
                    where=shown(url),
                    fix="narrow the request: usage_by and a smaller ids_per_request in the file "
                    "of servers, or a shorter window",
                )
            if self.timing.monotonic() > until:
                raise PassingFaultError(f"the body took longer than {limits.body_seconds:g} s")
        return bytes(body)

    def _pause(self, attempt: int) -> float:
        """Between half and the whole of a pause that doubles."""
        limits = self.patience
        longest = min(limits.first_pause_seconds * 2.0**attempt, limits.longest_pause_seconds)
        return longest * (0.5 + self.timing.random() / 2)

    def _refuse_long(self, pause: float | None, *, url: str, reason: str) -> None:
        if pause is not None and pause > self.patience.longest_retry_after_seconds:
            raise UnreachableError(
                f"the server asks for a pause of {pause:,.0f} s ({reason})",
                where=shown(url),
                fix="run the same command again then; what has arrived is kept and not asked again",
            )


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates of the authorities; reading them takes longer than a request."""
    return httpx.create_ssl_context()


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for; None when there is none or it is unreadable.

    Seconds or an HTTP date (RFC 9110, 10.2.3); a date that has passed is 0.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
