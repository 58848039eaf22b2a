"""Files by HTTP: the verdict of `cei check`, stored like a drop, whatever the name or the bytes."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from cei_assets.contracts.vocabulary import UploadSource
from cei_assets.gateway.problem import GatewayError
from cei_assets.gateway.state.tokens import Scope
from cei_assets.storage.file_check import judge_file
from cei_assets.storage.landing import SIDECAR_SUFFIX
from cei_assets.storage.register import load_register
from cei_assets.storage.taking_in import claim, judge_days
from tests.live_gateway import LiveGateway, live_gateway

# A form that is cut off leaves its file to the garbage collector; the framework does.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.Spooled:ResourceWarning")
UPLOAD = "/api/v1/upload-csv"
HEADER = "site_id,meter_id,timestamp_utc,value,unit\n"
GOOD = HEADER + "".join(
    f"mill,main,2026-11-01T{hour:02d}:00:00Z,{hour}.5,kWh\n" for hour in range(24)
)
BAD = HEADER + "mill,main,2026-11-01T00:00:00Z,-1,kWh\nmill,main,yesterday,1,kWh\n"
MIXED = GOOD + "mill,nothing,2026-11-01T00:00:00Z,1,kWh\n"
SEMICOLONS = "site;meter;ts;kwh\nmill;main;2026-11-01 00:00;1,25\n"
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    root = tmp_path_factory.mktemp("gateway")
    with live_gateway(root, gateway_max_upload_bytes=MOST_BYTES, settle_seconds=0) as running:
        yield running


@pytest.fixture
def landed(gateway: LiveGateway) -> Iterator[Path]:
    """The folder of dropped files, empty before and after."""
    folder = gateway.settings.paths.landing(UploadSource.CSV_DROP.value)
    _empty(gateway)
    yield folder
    _empty(gateway)


def _empty(gateway: LiveGateway) -> None:
    for source in UploadSource:
        for path in gateway.settings.paths.landing(source.value).glob("*"):
            path.unlink()


def send(
    gateway: LiveGateway,
    content: bytes | str,
    *,
    name: str = "readings.csv",
    token: str | None = None,
    **fields: str,
) -> httpx.Response:
    return httpx.post(
        gateway.url + UPLOAD,
        files={"file": (name, content if isinstance(content, bytes) else content.encode())},
        data=fields,
        headers={"Authorization": f"Bearer {token or gateway.token.secret}"},
        timeout=60,
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (GOOD.encode(), "csv"),
        (BAD.encode(), "csv"),
        (MIXED.encode(), "csv"),
        (SEMICOLONS.encode("utf-16"), "csv"),
        (b"no,header,of,ours\n1,2,3,4\n", "csv"),
        (b"", "csv"),
        (gzip.compress(GOOD.encode(), mtime=0), "csv"),
        (zipped(("readings.csv", MIXED.encode())), "csv"),
        (zipped(("a.csv", b""), ("b.csv", b"")), "csv"),
        (b"site_id,timestamp_utc,temperature_c\nmill,2026-11-01T00:00:00Z,7.5\n", "temperature"),
        (b"station_id,timestamp_utc,temperature_c\nLIMF,2026-11-01T00:00:00Z,300\n", "temperature"),
    ],
    ids=[
        "good",
        "bad",
        "mixed",
        "UTF-16 with semicolons",
        "unusable header",
        "empty",
        "gzip",
        "zip",
        "two in a zip",
        "temperature",
        "impossible temperature",
    ],
)
def test_the_verdict_is_that_of_cei_check(
    gateway: LiveGateway, landed: Path, tmp_path: Path, content: bytes, kind: str
) -> None:
    answer = send(gateway, content, kind=kind)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.pop("file") == "readings.csv"
    source = UploadSource.TEMPERATURE if kind == "temperature" else UploadSource.CSV_DROP
    kept = gateway.settings.paths.landing(source.value) / told.pop("stored_as")
    assert kept.read_bytes() == content
    local = tmp_path / "readings.csv"
    local.write_bytes(content)
    expected = judge_file(local, settings=gateway.settings, upload_source=source).as_json()
    del expected["file"]
    assert told == expected
    assert told["rows_read"] == (
        told["rows_accepted"] + told["rows_rejected"] + told["rows_exact_duplicate"]
    )
    del landed


def test_a_file_that_was_sent_is_taken_like_a_drop(gateway: LiveGateway, landed: Path) -> None:
    told = send(gateway, MIXED).json()
    assert names(landed) == [told["stored_as"], told["stored_as"] + SIDECAR_SUFFIX]
    received_at = datetime(2026, 11, 21, 12, tzinfo=UTC).replace(tzinfo=None)
    settings = gateway.settings
    claimed = claim(UploadSource.CSV_DROP, settings=settings, received_at=received_at)
    assert not claimed.problems
    (receipt,) = claimed.receipts
    assert receipt.original_filename == told["stored_as"]
    assert receipt.sidecar is not None
    assert orjson.loads(receipt.sidecar) == {"organization_id": "acme"}
    assert names(landed) == []
    summary = judge_days(
        [date(2026, 11, 21)], register=load_register(settings.paths), settings=settings
    )
    assert (summary.rows_read, summary.rows_accepted, summary.rows_rejected) == (25, 24, 1)


def test_a_zone_goes_with_the_file(gateway: LiveGateway, landed: Path) -> None:
    local = GOOD.replace("Z,", ",")
    assert send(gateway, local).json()["rows_rejected"] == 24
    told = send(gateway, local, timezone=" Europe/Rome ").json()
    assert (told["rows_accepted"], told["rows_rejected"]) == (24, 0)
    sidecar = landed / (told["stored_as"] + SIDECAR_SUFFIX)
    assert orjson.loads(sidecar.read_bytes()) == {
        "organization_id": "acme",
        "timezone": "Europe/Rome",
    }
    unknown = send(gateway, local, timezone="Europe/Nowhere").json()
    assert unknown["status"] == "rejected"
    assert "Europe/Nowhere" in unknown["findings"][0]["detail"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("csv", HEADER + "works,main,2026-11-01T00:00:00Z,1,kWh\n"),
        ("temperature", "site_id,timestamp_utc,temperature_c\nworks,2026-11-01T00:00:00Z,7\n"),
    ],
    ids=["readings", "temperatures"],
)
def test_a_site_of_another_organization_is_refused_like_an_unknown_one(
    gateway: LiveGateway, landed: Path, kind: str, content: str
) -> None:
    foreign, unknown = (
        send(gateway, text, kind=kind).json()
        for text in (content, content.replace("works", "waste"))
    )
    assert (foreign["rows_accepted"], foreign["rows_rejected"]) == (0, 1)
    assert foreign["findings"][0]["code"] == "ORG_MISMATCH"
    assert (
        foreign["findings"][0]["detail"].replace("works", "waste")
        == (unknown["findings"][0]["detail"])
    )
    del landed


def test_a_register_that_broke_leaves_the_one_before_in_force(
    gateway: LiveGateway, landed: Path
) -> None:
    meters = gateway.settings.paths.register / "meters.csv"
    before = meters.read_bytes()
    meters.write_bytes(before + b"mill,main,Again,main_incomer,,7,start,,\n")
    try:
        assert send(gateway, GOOD).json()["rows_accepted"] == 24
    finally:
        meters.write_bytes(before)
    del landed


def test_a_refused_file_is_kept(gateway: LiveGateway, landed: Path) -> None:
    told = send(gateway, "who,knows\n1,2\n").json()
    assert told["status"] == "rejected"
    assert (landed / told["stored_as"]).read_bytes() == b"who,knows\n1,2\n"


def test_the_same_name_twice_is_two_files(gateway: LiveGateway, landed: Path) -> None:
    first, second = (send(gateway, GOOD).json()["stored_as"] for _ in range(2))
    assert first != second
    assert len(names(landed)) == 4


@pytest.mark.parametrize(
    "name",
    [
        "../readings.csv",
        "../../register/sites.csv",
        "/etc/passwd",
        "folder/readings.csv",
        "..\\readings.csv",
        "C:readings.csv",
        "readings\0.csv",
        "readings.csv\0",
        ".readings.csv",
        "..",
        ".",
        "",
        "a" * 300 + ".csv",
        "é" * 150 + ".csv",
        "readings\n.csv",
        "readings\x7f.csv",
        "readings.csv.part",
        "readings.tmp",
    ],
    ids=[
        "parent",
        "parents",
        "absolute",
        "folder",
        "backslash",
        "drive without folder",
        "NUL",
        "NUL at the end",
        "dot file",
        "two dots",
        "dot",
        "empty",
        "300 characters",
        "300 bytes",
        "line end",
        "control character",
        "half written",
        "temporary",
    ],
)
def test_a_name_that_is_no_plain_name_is_refused(
    gateway: LiveGateway, landed: Path, name: str
) -> None:
    before = tree(gateway)
    answer = raw_send(gateway, filename=name.encode())
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "INVALID_FORM"
    assert tree(gateway) == before
    del landed


@pytest.mark.parametrize(
    "name",
    ["Zählerstände März.csv", "a'b;c.csv", "readings", "readings.CSV.gz", "%2e%2e%2fx.csv", "a..b"],
)
def test_an_unusual_plain_name_is_kept(gateway: LiveGateway, landed: Path, name: str) -> None:
    told = raw_send(gateway, filename=name.encode()).json()
    assert told["file"] == name
    assert (landed.with_name("csi_meter") / told["stored_as"]).read_bytes() == b"anything"


@pytest.mark.parametrize(
    "name",
    [b"C:\\\\folder\\\\a.csv", b'a.csv"\r\nX-Evil: "1', b"a.csv\r\n\r\nX-Evil: 1"],
    ids=["drive", "header", "end of headers"],
)
def test_a_name_never_reaches_into_folders_or_headers(
    gateway: LiveGateway, landed: Path, name: bytes
) -> None:
    before = len(tree(gateway))
    answer = raw_send(gateway, filename=name)
    assert "x-evil" not in answer.headers
    if answer.status_code == 200:
        assert answer.json()["file"].lstrip('"') == "a.csv"
        assert len(names(landed.with_name("csi_meter"))) == len(tree(gateway)) - before == 3
    else:
        assert answer.status_code == 422


def tree(gateway: LiveGateway) -> list[Path]:
    """Every file of the data folder and beside it, but for the state's own."""
    root = gateway.settings.paths.root
    return sorted(path for path in root.parent.rglob("*") if root / "gateway" not in path.parents)


def raw_send(
    gateway: LiveGateway,
    *,
    filename: bytes = b"readings.csv",
    form: bytes | None = None,
    charset: str = "",
) -> httpx.Response:
    """A form as bytes, since clients correct names before they send them."""
    named = b'form-data; name="file"; filename="%s"' % filename.replace(b'"', b'\\"')
    whole = b"--x\r\nContent-Disposition: %s\r\n\r\nanything\r\n" % named
    whole += part("kind", b"csi_meter") + END
    return httpx.post(
        gateway.url + UPLOAD,
        content=whole if form is None else form,
        headers={
            "Content-Type": f"multipart/form-data; boundary=x{charset}",
            "Authorization": f"Bearer {gateway.token.secret}",
        },
        timeout=60,
    )


def part(name: str, content: bytes, *, filename: str | None = None) -> bytes:
    shown = "" if filename is None else f'; filename="{filename}"'
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'
    return head.encode() + content + b"\r\n"


FILE = part("file", GOOD.encode(), filename="a.csv")
END = b"--x--\r\n"


@pytest.mark.parametrize(
    ("form", "charset"),
    [
        (b"", ""),
        (END, ""),
        (part("other", b"x") + END, ""),
        (part("file", GOOD.encode()) + END, ""),
        (FILE + part("second", b"", filename="b.csv") + END, ""),
        (FILE + part("kind", b"exe") + END, ""),
        (FILE + part("kind", b"k" * 5000) + END, ""),
        (FILE + b"".join(part(f"f{n}", b"") for n in range(40)) + END, ""),
        (b"no form at all", ""),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--\r\n", ""),
        (b"--x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n--x--\r\n", ""),
        (part("timezone", b"\\ud800") + FILE + END, "; charset=unicode-escape"),
        (part("file", b"", filename="\\ud800.csv") + END, "; charset=unicode-escape"),
        (FILE[:40], ""),
        (FILE, ""),
    ],
    ids=[
        "nothing",
        "no parts",
        "another field",
        "file as text",
        "two files",
        "unknown kind",
        "long field",
        "many fields",
        "no form",
        "no name",
        "many headers",
        "half a character in a field",
        "half a character in a name",
        "cut off in its headers",
        "cut off before its end",
    ],
)
def test_a_form_that_is_none_of_ours_is_refused(
    gateway: LiveGateway, landed: Path, form: bytes, charset: str
) -> None:
    answer = raw_send(gateway, form=form, charset=charset)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "INVALID_FORM"
    assert names(landed) == []


@pytest.mark.parametrize("content_type", ["", "text/csv", "multipart/form-data", "multipart/mixed"])
def test_what_is_no_form_is_refused(gateway: LiveGateway, content_type: str) -> None:
    answer = httpx.post(
        gateway.url + UPLOAD,
        content=GOOD.encode(),
        headers={
            "Content-Type": content_type,
            "Authorization": f"Bearer {gateway.token.secret}",
        },
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "INVALID_FORM"


def _pieces(size: int) -> Iterator[bytes]:
    yield FILE[:100]
    for _ in range(size // 10_000):
        yield b"x" * 10_000


@pytest.mark.parametrize("is_announced", [True, False], ids=["announced", "in chunks"])
def test_a_file_over_the_limit_is_413(
    gateway: LiveGateway, landed: Path, is_announced: bool
) -> None:
    pieces = _pieces(MOST_BYTES + 500_000)
    content: Any = b"".join(pieces) if is_announced else pieces
    answer = httpx.post(
        gateway.url + UPLOAD,
        content=content,
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Authorization": f"Bearer {gateway.token.secret}",
        },
        timeout=60,
    )
    assert answer.status_code == 413, answer.text
    assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"
    assert set(answer.json()) == {"code", "message", "request_id", "detail"}
    assert names(landed) == []


def test_statuses_of_an_upload_apply_in_their_order(gateway: LiveGateway, landed: Path) -> None:
    ingest = gateway.token_for(scopes=frozenset({Scope.INGEST}))
    slow = gateway.token_for(requests_per_minute=1)
    assert send(gateway, GOOD, token=slow).status_code == 200
    large = b"x" * (MOST_BYTES + 500_000)
    expected = [
        (413, large, "wrong"),
        (401, b"", "wrong"),
        (403, b"", ingest),
        (429, b"", slow),
    ]
    for status, content, token in expected:
        answer = send(gateway, content, token=token, kind="unknown")
        assert answer.status_code == status, answer.text
        assert set(answer.json()) == {"code", "message", "request_id", "detail"}
    assert len(names(landed)) == 2


def test_a_file_that_takes_too_long_is_408(tmp_path: Path) -> None:
    def slowly() -> Iterator[bytes]:
        yield FILE[:100]
        yield from iter(lambda: _slept(0.2), b"")

    with live_gateway(tmp_path, gateway_upload_seconds=0.5) as slow:
        answer = httpx.post(
            slow.url + UPLOAD,
            content=slowly(),
            headers={
                "Content-Type": "multipart/form-data; boundary=x",
                "Authorization": f"Bearer {slow.token.secret}",
            },
        )
        assert answer.status_code == 408
        assert answer.json()["code"] == "REQUEST_TIMEOUT"


def _slept(seconds: float) -> bytes:
    import time

    time.sleep(seconds)
    return b"x" * 10


BOMB = bytes(30 << 20)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(BOMB, mtime=0), zipped(("bomb.csv", BOMB))],
    ids=["gzip", "zip"],
)
def test_a_bomb_is_refused_with_a_verdict(
    gateway: LiveGateway, landed: Path, content: bytes
) -> None:
    answer = send(gateway, content, name="bomb.csv")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["rows_accepted"]) == ("rejected", 0)
    assert told["findings"][0]["code"] == "MALFORMED_FILE"
    assert "times its size" in told["findings"][0]["detail"]
    assert (landed / told["stored_as"]).read_bytes() == content


def test_nothing_half_written_is_ever_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import cei_assets.gateway.upload as module

    seen: list[list[str]] = []

    def watching(*facts: object) -> object:
        seen.append([name for name in names(folder) if not name.startswith(".")])
        return judged(*facts)

    judged = module._verdict
    monkeypatch.setattr(module, "_verdict", watching)
    with live_gateway(tmp_path) as fresh:
        folder = fresh.settings.paths.landing(UploadSource.CSV_DROP.value)
        send(fresh, GOOD)
        assert seen == [[]]
        monkeypatch.setattr(module, "_verdict", _fails)
        assert send(fresh, GOOD).status_code == 500
        assert len(list(folder.iterdir())) == 2


def _fails(*_: object) -> None:
    raise GatewayError(500, "INTERNAL_ERROR", "as if the disk were full")
