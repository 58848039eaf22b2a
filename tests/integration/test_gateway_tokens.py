"""Tokens by the command line, against a running gateway."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cei_assets.cli.app import app
from cei_assets.cli.console import console, errors
from cei_assets.gateway.state.tokens import PREFIX, revoke_token
from tests.live_gateway import LiveGateway, live_gateway, new_token, record

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with live_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def token(gateway: LiveGateway, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`cei token ...` on the gateway's data folder."""
    monkeypatch.setenv("CEI_DATA_DIR", str(gateway.settings.data_dir))
    for speaker in (console, errors):
        # To the runner's output, whatever they were bound to.
        monkeypatch.setattr(speaker, "file", None)

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["token", *words])

    return run


def created(token: Command, *words: str, organization: str = "acme") -> tuple[str, str]:
    """Secret and id of a new token."""
    made = token("create", "line1", "--organization", organization, *words)
    assert made.exit_code == 0, made.output
    return made.stdout.strip(), made.stderr.split()[1].strip(",")


def listed(token: Command, token_id: str) -> dict:
    lines = [json.loads(line) for line in token("list", "--json").stdout.splitlines()]
    (found,) = (line for line in lines if line["token_id"] == token_id)
    return found


def test_a_new_token_is_shown_once_and_opens_the_gateway(
    gateway: LiveGateway, token: Command
) -> None:
    secret, token_id = created(token)
    assert gateway.post(record(), token=secret).status_code == 200
    for words in (("list",), ("list", "--json"), ("revoke", token_id)):
        shown = token(*words)
        assert secret not in shown.output
        assert token_id in shown.output


def test_the_default_is_a_year_of_ingest(token: Command) -> None:
    facts = listed(token, created(token)[1])
    assert facts["scopes"] == ["ingest"]
    assert facts["requests_per_minute"] == 120
    assert facts["state"] == "valid"
    assert facts["expires_at_utc"][:4] > facts["created_at_utc"][:4]


def test_a_scope_opens_what_it_names_and_nothing_else(gateway: LiveGateway, token: Command) -> None:
    secrets = {scope: created(token, "--scope", scope)[0] for scope in ("ingest", "read", "upload")}

    def statuses(secret: str) -> list[int]:
        headers = {"Authorization": f"Bearer {secret}"}
        upload = httpx.post(f"{gateway.url}/api/v1/upload-csv", headers=headers)
        read = gateway.get("timeseries/summary", token=secret, site_id="mill")
        return [
            answer.status_code for answer in (gateway.post(record(), token=secret), read, upload)
        ]

    assert statuses(secrets["ingest"]) == [200, 403, 403]
    assert statuses(secrets["read"]) == [403, 200, 403]
    assert statuses(secrets["upload"]) == [403, 403, 422]


def test_a_revoked_token_is_closed_at_once(gateway: LiveGateway, token: Command) -> None:
    secret, token_id = created(token)
    assert gateway.post(record(), token=secret).status_code == 200
    assert token("revoke", token_id).exit_code == 0
    assert gateway.post(record(), token=secret).status_code == 401
    assert listed(token, token_id)["state"] == "closed"


def test_a_rotated_token_works_beside_the_new_one_until_its_grace_ends(
    gateway: LiveGateway, token: Command
) -> None:
    secret, token_id = created(token)
    rotated = token("rotate", token_id, "--grace-hours", "1")
    assert rotated.exit_code == 0, rotated.output
    fresh = rotated.stdout.strip()
    assert gateway.post(record(), token=secret).status_code == 200
    assert gateway.post(record(), token=fresh).status_code == 200
    at_once = token("rotate", rotated.stderr.split()[1], "--grace-hours", "0")
    assert gateway.post(record(), token=fresh).status_code == 401
    assert gateway.post(record(), token=at_once.stdout.strip()).status_code == 200


def test_an_expired_token_is_closed(gateway: LiveGateway) -> None:
    now = gateway.services.wall_clock().replace(tzinfo=None)
    expired = gateway.token_for(now=now - timedelta(days=2), expires_at=now - timedelta(seconds=1))
    assert gateway.post(record(), token=expired).status_code == 401


def test_the_last_use_is_told(gateway: LiveGateway, token: Command) -> None:
    secret, token_id = created(token)
    assert listed(token, token_id)["last_used_at_utc"] is None
    until = time.monotonic() + 30
    while listed(token, token_id)["last_used_at_utc"] is None:
        assert time.monotonic() < until, "the use was not noted within 30 s"
        gateway.post(record(), token=secret)
        time.sleep(0.2)
    assert "never" not in token("list").stdout.split(token_id)[1].splitlines()[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("create", "x", "--organization", "nobody"), "is not in the register"),
        (("create", "x", "--organization", "acme", "--scope", "admin"), "scopes are"),
        (("create", " ", "--organization", "acme"), "needs a name"),
        (("revoke", "tok_nothing"), "there is no token"),
        (("rotate", "tok_nothing"), "there is no token"),
        (("create", "x", "--organization", "acme", "--expires-in-days", "0"), "Invalid value"),
        (
            ("create", "x", "--organization", "acme", "--expires-in-days", "9999999"),
            "Invalid value",
        ),
    ],
    ids=["organization", "scope", "name", "revoke", "rotate", "no days", "too many days"],
)
def test_what_cannot_be_done_is_said_in_words(
    token: Command, words: tuple[str, ...], message: str
) -> None:
    done = token(*words)
    assert done.exit_code != 0
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_closed_wrong_and_missing_tokens_read_alike(gateway: LiveGateway) -> None:
    now = gateway.services.wall_clock().replace(tzinfo=None)
    expired = gateway.token_for(now=now - timedelta(days=2), expires_at=now - timedelta(days=1))
    revoked = new_token(gateway.services)
    revoke_token(gateway.services.state, revoked.token.token_id, at=now)
    answers = []
    for header in (
        "",
        "Bearer",
        f"Bearer {PREFIX}{'A' * 43}",
        f"Bearer {expired}",
        f"Bearer {revoked.secret}",
        f"Basic {gateway.token.secret}",
        gateway.token.secret,
    ):
        answer = httpx.post(
            f"{gateway.url}/api/v1/timeseries/batch",
            json={"records": [record()]},
            headers={"Authorization": header, "X-Request-ID": "same"},
        )
        answers.append((answer.status_code, answer.content, _headers(answer)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 401


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, text) for name, text in answer.headers.items() if name != "date"))


def test_a_foreign_site_reads_back_like_an_unknown_one(gateway: LiveGateway) -> None:
    def asked(site_id: str) -> httpx.Response:
        return httpx.get(
            f"{gateway.url}/api/v1/timeseries/summary",
            params={"site_id": site_id, "meter_id": "main"},
            headers={"Authorization": f"Bearer {gateway.token.secret}", "X-Request-ID": "same"},
        )

    foreign, unknown = asked("works"), asked("waste")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content.replace(b"works", b"waste") == unknown.content
    assert _headers(foreign) == _headers(unknown)
