"""Members of an object as typed values; what is missing or of another type refuses the object."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cei_assets.contracts.cds_object_vocabulary import CDS_WORD_ALIASES, CDS_WORDS
from cei_assets.contracts.cds_vocabulary import CdsCode, CdsKnowledge
from cei_assets.core.cds.decimals import is_number, stored
from cei_assets.core.cds.document import NotANumber
from cei_assets.core.cds.finding import CdsReadError, Findings, escaped
from cei_assets.core.cds.members import Word, count_unknown, is_text, word
from cei_assets.core.cds.moments import microseconds_of
from cei_assets.core.cds.objects.canonical import canonical
from cei_assets.core.cds.objects.values import Money, Need, read_day
from cei_assets.core.intake.batch_body import Number, clean, type_name

_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@dataclass(kw_only=True)
class Members:
    """One object, or a part of one; names of members come newest first.

    `asked` collects the names that were looked for: the others are unknown. Where `is_strict` is
    False, what is of another type is told and left out, and nothing is required. `is_new` says
    that the words of dialect C's lists hold.
    """

    members: Mapping[str, Any]
    pointer: str
    findings: Findings
    is_new: bool = True
    is_strict: bool = True
    asked: set[str] = field(default_factory=set)

    def place(self, name: str, index: int | None = None) -> str:
        """The pointer to a member, or to an element of it."""
        place = f"{self.pointer}/{escaped(name)}"
        return place if index is None else f"{place}/{index}"

    def says(self, *names: str) -> bool:
        """Whether one of the members is there and not null."""
        return any(self.members.get(name) is not None for name in names)

    def find(self, *names: str, need: Need = Need.OPTIONAL) -> tuple[str, Any]:
        """Name and value of the first member that is there and not null, else None for a value.

        Raises CdsReadError when it is missing and needed.
        """
        self.asked.update(names)
        for name in names:
            if self.members.get(name) is not None:
                return name, self.members[name]
        is_null = any(name in self.members for name in names)
        if self.is_strict and (need is Need.REQUIRED or (need is Need.STATED and not is_null)):
            found = "null" if is_null else "missing"
            raise CdsReadError(
                CdsCode.MISSING_FIELD,
                f"{' or '.join(names)} is {found}",
                pointer=self.place(names[0]),
            )
        return names[0], None

    def refuse(
        self,
        name: str,
        expected: str,
        value: object,
        *,
        code: CdsCode = CdsCode.WRONG_TYPE,
        index: int | None = None,
    ) -> None:
        """Refuse the object for a member; only tell where nothing is strict."""
        detail = f"{name} is {_shape(value)}, not {expected}"
        place = self.place(name, index)
        if self.is_strict:
            raise CdsReadError(code, detail, pointer=place, value=value)
        self.findings.tell(CdsCode.VALUE_TYPE, place, f"{detail}; left out", value)

    def count_unknown(self, of: str) -> None:
        """Count the members that nobody asked for."""
        count_unknown(self.members, self.asked, of=of, findings=self.findings)

    def text(self, *names: str, need: Need = Need.OPTIONAL) -> str | None:
        """A text; one that is required is not blank."""
        name, value = self.find(*names, need=need)
        if value is None:
            return None
        if is_text(value) and (value.strip() or need is not Need.REQUIRED):
            return clean(value)
        self.refuse(name, "a text", value)
        return None

    def required_text(self, *names: str) -> str:
        """A text that has to be there and not blank."""
        return self.text(*names, need=Need.REQUIRED) or ""

    def digits(self, *names: str) -> str | None:
        """A text or a number, as written."""
        name, value = self.find(*names)
        if value is None or isinstance(value, str):
            return None if value is None else clean(str(value))
        self.refuse(name, "a text or a number", value)
        return None

    def currency(self) -> str:
        """The ISO 4217 code of the amounts."""
        found = self.required_text("currency")
        if _CURRENCY.fullmatch(found) is None:
            self.refuse("currency", "a code of ISO 4217 such as EUR", found)
        return found

    def flag(self, name: str) -> bool | None:
        """True or false."""
        _, value = self.find(name)
        if value is None or isinstance(value, bool):
            return value
        self.refuse(name, "true or false", value)
        return None

    def number(self, *names: str, need: Need = Need.OPTIONAL, may_be_text: bool = False) -> Money:
        """A decimal with 12 places and its text.

        Digits written as text are read and told, unless the text of CDS allows them; then what is
        no number at all stays a text.
        """
        name, value = self.find(*names, need=need)
        if value is None:
            return Money()
        is_digits = is_text(value) and is_number(value)
        if isinstance(value, NotANumber) or not (isinstance(value, Number) or is_digits):
            if may_be_text and is_text(value):
                return Money(text=clean(value))
            self.refuse(name, "a number", value)
            return Money()
        if is_digits and not may_be_text:
            self.findings.tell(
                CdsCode.VALUE_TYPE, self.place(name), f"{name} is a number written as text", value
            )
        return self._stored(name, str(value))

    def _stored(self, name: str, text: str) -> Money:
        number, is_exact = stored(text)
        if number is None:
            self.refuse(
                name,
                "below 1e26 with 200 characters at most",
                text,
                code=CdsCode.VALUE_OUT_OF_RANGE,
            )
            return Money()
        if not is_exact:
            self.findings.tell(
                CdsCode.VALUE_ROUNDED,
                self.place(name),
                "more than 12 decimal places; the text keeps them all",
                text,
            )
        return Money(value=number, text=text)

    def day(self, *names: str, need: Need = Need.OPTIONAL, is_last: bool = False) -> date | None:
        """A calendar date; of a moment its date as written.

        A moment at midnight that ends something (`is_last`) belongs to the day before.
        """
        name, value = self.find(*names, need=need)
        if value is None:
            return None
        if not is_text(value):
            self.refuse(name, "a date such as 2026-01-31", value)
            return None
        day = read_day(clean(value), is_last=is_last)
        if day is None:
            self.refuse(name, "a date such as 2026-01-31", value, code=CdsCode.BAD_DATE)
        return day

    def moment(self, *names: str, need: Need = Need.OPTIONAL) -> int | None:
        """Microseconds UTC of a moment with offset."""
        name, value = self.find(*names, need=need)
        if value is None:
            return None
        try:
            return microseconds_of(value, pointer=self.place(name))
        except CdsReadError as error:
            if self.is_strict:
                raise
            self.findings.tell(CdsCode.VALUE_TYPE, self.place(name), f"{error}; left out", value)
            return None

    def knowledge(self, *names: str) -> CdsKnowledge:
        """Whether a member names something, says that there is none, or is not there."""
        if self.says(*names):
            return CdsKnowledge.KNOWN
        is_null = any(name in self.members for name in names)
        return CdsKnowledge.NONE if is_null else CdsKnowledge.UNKNOWN

    def one_of(self, name: str, kind: type[Word]) -> Word | None:
        """A word of a closed list; one that is not in it is told, counted and left out."""
        self.asked.add(name)
        return word(self.members, name, kind, pointer=self.pointer, findings=self.findings)

    def state(self, name: str, *, need: Need = Need.OPTIONAL) -> str | None:
        """A word: of dialect C one of its list, of the others as written."""
        text = self.text(name, need=need)
        if text is None or not self.is_new or text in CDS_WORDS[name]:
            return text
        self._tell_unknown(name, name, text)
        return None

    def words(
        self, name: str, *single: str, of: str | None = None, need: Need = Need.OPTIONAL
    ) -> str | None:
        """Words of a list, known ones, sorted, with commas; of single members as written.

        `of` names the list of words. Unknown ones are told, counted and left out.
        """
        self.find(name, *single, need=need)
        if self.says(name):
            found = self._known(name, of or name)
        else:
            found = {text for one in single if (text := self.text(one))}
        return ",".join(sorted(found)) or None

    def _known(self, name: str, of: str) -> set[str]:
        found = set()
        for text in self.ids(name):
            known = CDS_WORD_ALIASES.get(of, {}).get(text, text)
            if known in CDS_WORDS[of]:
                found.add(known)
            else:
                self._tell_unknown(name, of, text)
        return found

    def _tell_unknown(self, name: str, of: str, text: str) -> None:
        self.findings.unknown_words[f"{of}={text}"] += 1
        self.findings.tell(
            CdsCode.UNKNOWN_WORD,
            self.place(name),
            f"{name}: not one of {', '.join(sorted(CDS_WORDS[of]))}; left out",
            text,
        )

    def ids(self, *names: str, need: Need = Need.OPTIONAL) -> tuple[str, ...]:
        """Different texts of a list, in its order."""
        name, found = self.items(*names, need=need)
        for index, item in enumerate(found):
            if not is_text(item):
                self.refuse(name, "a list of texts", item, index=index)
        return tuple(dict.fromkeys(clean(item) for item in found if is_text(item)))

    def items(self, *names: str, need: Need = Need.OPTIONAL) -> tuple[str, list[Any]]:
        """Name and elements of a list, none where there is no list."""
        name, value = self.find(*names, need=need)
        if value is None or isinstance(value, list):
            return name, value or []
        self.refuse(name, "a list", value)
        return name, []

    def parts(self, *names: str, need: Need = Need.OPTIONAL) -> Iterator["Members"]:
        """Objects of a list, each with its own place."""
        name, found = self.items(*names, need=need)
        for index, item in enumerate(found):
            if isinstance(item, dict):
                yield Members(
                    members=item,
                    pointer=self.place(name, index),
                    findings=self.findings,
                    is_new=self.is_new,
                    is_strict=self.is_strict,
                )
            else:
                self.refuse(name, "a list of objects", item, index=index)

    def json(
        self, *names: str, need: Need = Need.OPTIONAL, kinds: tuple[type, ...] = (list,)
    ) -> str | None:
        """A nested member as canonical JSON."""
        name, value = self.find(*names, need=need)
        if value is None:
            return None
        if isinstance(value, Number) or not isinstance(value, kinds):
            self.refuse(name, " or ".join(_KINDS[kind] for kind in kinds), value)
            return None
        return canonical(value)


_KINDS: dict[type, str] = {list: "a list", dict: "an object", str: "a text"}


def _shape(value: object) -> str:
    if isinstance(value, NotANumber):
        return str(value)
    if is_text(value):
        return "text" if value.strip() else "blank"
    return type_name(value)
