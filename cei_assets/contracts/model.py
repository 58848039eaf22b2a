"""The vocabulary of a declaration: a field, a column, a table."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Field:
    """One meaning, declared once: name, DuckDB type, unit and limits of a column.

    `ge` and `le` bound what is physically or logically possible, never what is usual.
    """

    name: str
    type: str
    description: str
    unit: str | None = None
    ge: Decimal | int | None = None
    le: Decimal | int | None = None
    isin: tuple[str, ...] | None = None
    pattern: str | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field in its place in a table."""

    field: Field
    nullable: bool = False

    @property
    def name(self) -> str:
        """The column's name, which is the field's."""
        return self.field.name


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Columns whose values must exist in another table's columns of the same names."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table's name, layer, subject, meaning, columns, grain and references.

    `layer` is one of `raw`, `staging`, `intermediate`, `analysis`, `marts`; `subject` is the
    middle part of the asset key. `grain` names the columns that are unique together; an empty
    grain means that rows may repeat.
    """

    name: str
    layer: str
    subject: str
    description: str
    columns: tuple[Column, ...]
    grain: tuple[str, ...] = ()
    references: tuple[Reference, ...] = field(default_factory=tuple)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")
