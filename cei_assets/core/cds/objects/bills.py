"""Bills and their sections; dates are local, and the last day is billed."""

from decimal import Decimal, localcontext

from cei_assets.contracts.cds_object_vocabulary import CdsObjectRelation, CdsThing
from cei_assets.contracts.cds_vocabulary import CdsCode
from cei_assets.core.cds.decimals import EXACT_DIGITS, plain
from cei_assets.core.cds.finding import CdsReadError
from cei_assets.core.cds.objects.bill_parts import (
    charges,
    cost_details,
    line_items,
    usage_details,
)
from cei_assets.core.cds.objects.content import Content, Row, related
from cei_assets.core.cds.objects.customers import ENTITY
from cei_assets.core.cds.objects.typed import Members
from cei_assets.core.cds.objects.values import Need

_AMOUNTS = {
    "previous_balance_amount": Need.OPTIONAL,
    "previous_balance_paid": Need.OPTIONAL,
    "previous_balance_unpaid": Need.OPTIONAL,
    "new_charges_amount": Need.OPTIONAL,
    "new_balance_amount": Need.OPTIONAL,
    "amount_due": Need.REQUIRED,
    "shutoff_prevention_minimum_due": Need.STATED,
}


def bill_statement(item: Members) -> Content:
    """A bill, its charges, its account and the sections that its charges come from."""
    owner = item.required_text("cds_account_id")
    currency = item.currency()
    row: Row = {
        "cds_account_id": owner,
        "account_number": item.required_text("account_number"),
        "statement_date": item.day("statement_date", need=Need.REQUIRED),
        "currency": currency,
        "amount_due_date": item.day("amount_due_date", need=Need.REQUIRED),
        "shutoff_prevention_date": item.day("shutoff_prevention_date", need=Need.STATED),
        "file_uri": item.text("file_uri"),
        "file_mimetype": item.text("file_mimetype"),
        "account_programs": item.json("account_programs", "program_participations"),
    }
    for name, need in _AMOUNTS.items():
        money = item.number(name, need=need)
        row[name], row[f"{name}_text"] = money.value, money.text
    found, sections = charges(item, currency=currency)
    _check_amount_due(item, row, found)
    _tell_halves(item, row)
    return Content(
        row=row,
        parts={"cds_bill_charges": found},
        relations=(
            *related(CdsObjectRelation.ACCOUNT, CdsThing.ACCOUNT, owner),
            *related(CdsObjectRelation.RELATED, CdsThing.BILL_SECTION, sections),
        ),
    )


def _check_amount_due(item: Members, row: Row, found: list[Row]) -> None:
    """C: what was unpaid and the charges that are included make the amount due.

    Not asked where a charge does not say whether it is included: in A and B none does.
    """
    unpaid = row["previous_balance_unpaid"]
    is_said = all(
        charge["is_in_amount_due"] is not None and charge["charge_amount"] is not None
        for charge in found
    )
    if unpaid is None or not found or not is_said:
        return
    with localcontext(prec=EXACT_DIGITS):
        included = (one["charge_amount"] for one in found if one["is_in_amount_due"])
        expected = sum(included, Decimal(unpaid))
    if expected != row["amount_due"]:
        item.findings.tell(
            CdsCode.AMOUNT_DUE_MISMATCH,
            item.place("amount_due"),
            f"the unpaid balance and the charges included make {plain(expected)}",
            row["amount_due_text"],
        )


def _tell_halves(item: Members, row: Row) -> None:
    """Members that come together: the shutoff's amount and date, a file and its kind."""
    amount, date = row["shutoff_prevention_minimum_due"], row["shutoff_prevention_date"]
    if (amount is None) is not (date is None):
        item.findings.tell(
            CdsCode.MISSING_KEY,
            item.place("shutoff_prevention_date"),
            "of a shutoff the amount or the date alone; read all the same",
        )
    if row["file_uri"] is not None and row["file_mimetype"] is None:
        item.findings.tell(
            CdsCode.MISSING_KEY, item.place("file_mimetype"), "a file without its kind"
        )


def bill_section(item: Members) -> Content:
    """A section with its quantities, totals and charges, and everything that it is about."""
    owner = item.required_text("cds_account_id")
    statement = item.text("cds_billstatement_id", need=Need.STATED)
    currency = item.currency()
    start = item.day("start_date", need=Need.REQUIRED)
    end = item.day("end_date", need=Need.REQUIRED)
    if start is not None and end is not None and end < start:
        raise CdsReadError(
            CdsCode.END_BEFORE_START,
            "end_date is before start_date",
            pointer=item.place("end_date"),
            value=end.isoformat(),
        )
    siblings = item.ids("related_billsections", need=Need.REQUIRED)
    about = {
        CdsThing.SERVICE_CONTRACT: item.ids("related_servicecontracts", need=Need.REQUIRED),
        CdsThing.SERVICE_POINT: item.ids("related_servicepoints", need=Need.REQUIRED),
        CdsThing.METER_DEVICE: item.ids("related_meterdevices", need=Need.REQUIRED),
    }
    return Content(
        row={
            "cds_billstatement_id": statement,
            "cds_account_id": owner,
            "account_number": item.required_text("account_number"),
            "section_types": item.words("section_types", "section_type", need=Need.REQUIRED),
            "section_start_date": start,
            "section_end_date": end,
            "currency": currency,
            "distribution_entity": item.json("distribution_entity", kinds=ENTITY, need=Need.STATED),
            "supply_entity": item.json(
                "supply_entity", "load_serving_entity", kinds=ENTITY, need=Need.STATED
            ),
            "service_programs": item.json("service_programs"),
        },
        parts={
            "cds_bill_usage_details": usage_details(item),
            "cds_bill_cost_details": cost_details(item, currency=currency),
            "cds_bill_line_items": line_items(item, currency=currency, start=start, end=end),
        },
        relations=(
            *related(CdsObjectRelation.ACCOUNT, CdsThing.ACCOUNT, owner),
            *related(CdsObjectRelation.STATEMENT, CdsThing.BILL_STATEMENT, statement),
            *related(CdsObjectRelation.SIBLING, CdsThing.BILL_SECTION, siblings),
            *(
                one
                for thing, ids in about.items()
                for one in related(CdsObjectRelation.RELATED, thing, ids)
            ),
        ),
    )
