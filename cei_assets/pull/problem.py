"""What can stop a pull, for the person who has to mend it."""

import httpx


class PullError(Exception):
    """A pull that did not end; nothing of it has landed."""

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"{what}: {where}; {fix}")
        self.what = what
        self.where = where
        self.fix = fix


class ServersFileError(PullError):
    """The file of servers, or a secret, is missing or not as expected."""


class UnreachableError(PullError):
    """The server did not answer properly although it was asked several times; worth repeating."""


class RefusedError(PullError):
    """The server answers with a status that repeating does not change."""

    def __init__(self, what: str, *, where: str, fix: str, status: int) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status = status


class AccessLostError(PullError):
    """401 or 403 with a fresh token, or no token: the access is not, or no longer, given."""


class PagingError(PullError):
    """Pages that do not end, or that lead to another server."""


class BodyError(PullError):
    """A body that is not what the specification says."""


class EncryptedBodyError(BodyError):
    """A body that only the holder of a key can read."""


class BusyError(PullError):
    """Another process pulls from the same server."""


def encrypted(url: str) -> EncryptedBodyError:
    """The error for a grant whose bodies come encrypted (detail `jwk`)."""
    return EncryptedBodyError(
        "what this grant gives is encrypted (it carries a jwk)",
        where=shown(url),
        fix="ask for a grant without jwk: encrypted bodies are not read here",
    )


def shown(url: str) -> str:
    """An address for messages: without user and query, which may hold what nobody should read."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        return "an address that is no URL"
    return str(parsed.copy_with(query=None, fragment=None, userinfo=b""))


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address; the usual port counts as none."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port
