"""What the routes work with, built once per process."""

from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from cei_assets.gateway.committer import Committer
from cei_assets.gateway.journal import Journal
from cei_assets.gateway.live_csi_register import LiveCsiRegister
from cei_assets.gateway.live_register import LiveRegister
from cei_assets.gateway.state.database import autocommitting, open_state, state_id
from cei_assets.gateway.state.keys import key_store
from cei_assets.gateway.state.rates import Rates
from cei_assets.gateway.state.tokens import Token, find_token
from cei_assets.settings import Settings
from cei_assets.storage.layout import ensure_layout
from cei_assets.storage.reading_back.session import ReadingBack


class GatewayRunningError(RuntimeError):
    """Another gateway works in the same data folder."""


class Services:
    """Register, state, committer; one gateway a data folder, which a lock guards."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        ensure_layout(settings.paths)
        settings.paths.gateway.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(
            settings.paths.gateway / "gateway.lock", timeout=0, thread_local=False
        )
        try:
            self._lock.acquire()
        except Timeout as error:
            raise GatewayRunningError(
                f"a gateway is running already in {settings.paths.root}; stop it first, or give "
                "this one a data folder of its own"
            ) from error
        self.register = LiveRegister(settings)
        self.csi_register = LiveCsiRegister(settings)
        self.state: Engine = open_state(settings)
        self._tokens = autocommitting(self.state)
        self.reading_back = ReadingBack(
            paths=settings.paths, limits=settings.limits, session=settings.session
        )
        self.rates = Rates(self.state, now=self.wall_clock().timestamp())
        self.committer = Committer(
            engine=self.state,
            keys=key_store(self.state, settings),
            journal=Journal(settings.paths, state_id=state_id(self.state)),
            clock=self.received_at,
            seal_seconds=settings.gateway_seal_seconds,
            seal_bytes=settings.gateway_seal_bytes,
            on_idle=self._save_rates,
        )

    def start(self) -> None:
        """Recovers what an earlier process left and begins to take batches."""
        self.committer.start()

    def stop(self) -> None:
        """Commits what was accepted, hands it to the pipeline and closes everything."""
        self.committer.stop()
        self._tokens.close()
        self.state.dispose()
        self._lock.release()

    def wall_clock(self) -> datetime:
        """The machine's clock, aware: expiry and rates go by it."""
        return self.settings.wall_clock()

    def received_at(self) -> datetime:
        """The time of receipt, naive UTC: `as_of` when it is given."""
        moment = self.settings.as_of or self.wall_clock()
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment

    def find_token(self, secret: str) -> Token | None:
        """The token of that secret as it is now, so that revoking works at once.

        Called by the thread of the event loop only. A connection that broke is opened anew, once.
        """
        try:
            return find_token(self._connected(), secret)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return find_token(self._connected(), secret)

    def journals(self) -> list[tuple[Path, int]]:
        """Open journals with the bytes of them that count."""
        folder = self.settings.paths.journal
        return [(folder / name, committed) for name, committed in self.committer.journals]

    def _connected(self) -> Connection:
        if self._tokens.closed or self._tokens.invalidated:
            self._tokens.close()
            self._tokens = autocommitting(self.state)
        return self._tokens

    def _save_rates(self) -> None:
        self.rates.save(now=self.wall_clock().timestamp())
