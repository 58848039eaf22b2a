"""Members of objects: required and optional text, ids, words of closed lists."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeGuard, TypeVar

from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.finding import CdsReadError, Findings, escaped
from cei_assets.core.intake.batch_body import Number, clean, type_name

Word = TypeVar("Word", bound=StrEnum)


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is JSON text; a number, although kept as its digits, is not."""
    return isinstance(value, str) and not isinstance(value, Number)


def required(members: Mapping[str, Any], name: str, *, pointer: str) -> object:
    """A member that has to be there and not null; raises CdsReadError."""
    value = members.get(name)
    if value is None:
        found = "null" if name in members else "missing"
        raise CdsReadError(CdsCode.MISSING_FIELD, f"{name} is {found}", pointer=f"{pointer}/{name}")
    return value


def required_text(members: Mapping[str, Any], name: str, *, pointer: str) -> str:
    """Text that has to be there and not blank; raises CdsReadError."""
    value = required(members, name, pointer=pointer)
    if is_text(value) and value.strip():
        return clean(value)
    raise CdsReadError(
        CdsCode.WRONG_TYPE,
        f"{name} is {'blank' if is_text(value) else type_name(value)}, not a text",
        pointer=f"{pointer}/{name}",
        value=value,
    )


def required_list(members: Mapping[str, Any], name: str, *, pointer: str) -> list[Any]:
    """A list that has to be there; raises CdsReadError."""
    value = required(members, name, pointer=pointer)
    if isinstance(value, list):
        return value
    raise CdsReadError(
        CdsCode.WRONG_TYPE,
        f"{name} is {type_name(value)}, not a list",
        pointer=f"{pointer}/{name}",
        value=value,
    )


def optional_text(
    members: Mapping[str, Any], name: str, *, pointer: str, findings: Findings
) -> str | None:
    """Text, or None where there is none; another type is told and counts as none."""
    value = members.get(name)
    if value is None:
        return None
    if not is_text(value):
        findings.tell(
            CdsCode.VALUE_TYPE,
            f"{pointer}/{name}",
            f"{name} is {type_name(value)}, not a text; ignored",
            value,
        )
        return None
    return clean(value)


def ids(
    members: Mapping[str, Any], name: str, *, pointer: str, findings: Findings
) -> tuple[str, ...]:
    """Different ids of a list, in its order; what is no list or no text is told and left out."""
    value = members.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        findings.tell(
            CdsCode.VALUE_TYPE,
            f"{pointer}/{name}",
            f"{name} is {type_name(value)}, not a list of ids; ignored",
            value,
        )
        return ()
    for index, item in enumerate(value):
        if not is_text(item):
            findings.tell(
                CdsCode.VALUE_TYPE,
                f"{pointer}/{name}/{index}",
                f"an id is {type_name(item)}, not a text; ignored",
                item,
            )
    return tuple(dict.fromkeys(clean(item) for item in value if is_text(item)))


def word(
    members: Mapping[str, Any],
    name: str,
    kind: type[Word],
    *,
    pointer: str,
    findings: Findings,
) -> Word | None:
    """A word of a closed list; one that is not in it is counted, told and counts as none."""
    text = optional_text(members, name, pointer=pointer, findings=findings)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        findings.unknown_words[f"{name}={text}"] += 1
        findings.tell(
            CdsCode.UNKNOWN_WORD,
            f"{pointer}/{name}",
            f"{name} is not one of {', '.join(kind)}; taken as not said",
            text,
        )
        return None


def count_unknown(
    members: Mapping[str, Any], known: Iterable[str], *, of: str, findings: Findings
) -> None:
    """Count members that are not of the known ones, as `<of>.<name>`."""
    for name in members.keys() - set(known):
        findings.unknown_fields[f"{of}.{escaped(name)}"] += 1
