"""A row passes through the validation of a JSON body, with what only a file can have wrong beside it."""

import json
from typing import Any

import pytest

from shared import contract, nit, validation
from shared.call import Caller
from shared.rejection import Rejection
from shared.spreadsheet.rows import read_row
from shared.validation import Record
from tests.bulk_files import ACTS, CALLER, DECENTRALISED, LIQUIDATIONS, PAYMENT, PAYMENTS, file_of, header_of

ACT = (
    "2222222222", "", "QA24-0013", "3", "9876543218989", "2025-04-01 15:50:33", "2025-06-16", "AD4", "Cc",
    "8807276732", "PRUEBA QA 20252406", "0",
)  # fmt: skip
LIQUIDATION = (
    "2222222222", "", "1", "QA24-0013", "100", "$ 100 000 000,00", "PRUEBA QA 20253107", "8807276732", "CC",
)  # fmt: skip
ROWS = {
    "loadActDocuments": (ACTS, ACT),
    "loadLiquidations": (LIQUIDATIONS, LIQUIDATION),
    "loadPayments": (PAYMENTS, PAYMENT),
}


def _read(load: contract.Operation, row: tuple[Any, ...], caller: Caller = CALLER, **cells: Any) -> Record:
    """The record of a row with some cells changed."""
    header = header_of(load)
    file = file_of(load)
    changed = [cells.get(name, cell) for name, cell in zip(header, row, strict=True)]
    return read_row(contract.operation(file.registers), file, caller, header, changed)


def _findings(
    load: contract.Operation, row: tuple[Any, ...], caller: Caller = CALLER, **cells: Any
) -> list[tuple[str, str | None]]:
    with pytest.raises(Rejection) as refused:
        _read(load, row, caller, **cells)
    assert all(finding.message for finding in refused.value.findings)
    return [(finding.rule, finding.parameter) for finding in refused.value.findings]


@pytest.mark.parametrize("name", ROWS)
def test_the_manuals_row_is_the_record_of_the_body_it_stands_for(name: str) -> None:
    """Illustrations 60 to 62: the same values as by JSON, and the same defaults."""
    bodies = {
        "loadActDocuments": {
            "actDocumentCode": "QA24-0013", "platform": "3", "generatorFactValue": "9876543218989",
            "generatorFactStartDate": "2025-04-01 15:50:33", "generatorFactEndDate": "2025-06-16 00:00:00",
            "parametricActDocumentCodeType": "AD4", "payerDocumentParametricTypeCode": "CC",
            "taxpayerDocumentNumber": "8807276732", "taxpayerName": "PRUEBA QA 20252406", "type": "0",
        },
        "loadLiquidations": {
            "type": "1", "actDocumentCode": "QA24-0013", "stampNumber": "100", "liquidatedValue": "100000000.00",
            "liquidatedValueId": "PRUEBA QA 20253107", "taxpayerDocumentNumber": "8807276732",
            "payerDocumentParametricTypeCode": "CC",
        },
        "loadPayments": {
            "type": "1", "paymentDate": "2025-04-03", "valuePaid": "9872200",
            "liquidatedValueId": "LIQ prueba 20253107", "paidValueId": "factura3107",
        },
    }  # fmt: skip
    load, row = ROWS[name]
    registration = contract.operation(file_of(load).registers)
    record = _read(load, row)
    assert record == validation.read(registration, json.dumps(bodies[name]).encode())


@pytest.mark.parametrize("name", ROWS)
def test_every_parameter_of_a_file_has_its_column(name: str) -> None:
    """What a registration requires, a file of it can give; and each column is an entity or a parameter."""
    load, _ = ROWS[name]
    columns = file_of(load).columns
    assert all((column.entity is None) == (column.parameter is not None) for column in columns)
    given = {column.parameter for column in columns}
    for each in contract.operation(file_of(load).registers).requirements:
        assert each.names & given or each.unless_absent


@pytest.mark.parametrize(
    ("load", "row", "cells", "findings"),
    [
        (PAYMENTS, PAYMENT, {"valuePaid": ""}, [("paid-value-invalid", "valuePaid")]),
        (PAYMENTS, PAYMENT, {"valuePaid": "cien"}, [("paid-value-invalid", "valuePaid")]),
        (PAYMENTS, PAYMENT, {"valuePaid": "100.200"}, [("amount-ambiguous", "valuePaid")]),
        (PAYMENTS, PAYMENT, {"paymentDate": "1/2/2024"}, [("date-ambiguous", "paymentDate")]),
        (PAYMENTS, PAYMENT, {"paidValueId": 2024.5}, [("digits-lost", "paidValueId")]),
        (PAYMENTS, PAYMENT, {"paidValueId": "#N/A"}, [("cell-in-error", "paidValueId")]),
        (PAYMENTS, PAYMENT, {"type": "3"}, [("payment-type-invalid", "type")]),
        (PAYMENTS, PAYMENT, {"territorialEntity": "#N/A"}, [("cell-in-error", "territorialEntity")]),
        (ACTS, ACT, {"Type": ""}, [("act-type-invalid", "type")]),
        (ACTS, ACT, {"taxpayerDocumentNumber": " "}, [("taxpayer-document-number-required", "taxpayerDocumentNumber")]),
        (ACTS, ACT, {"generatorFactEndDate": "2025-03-31"}, [("act-end-before-start", "generatorFactEndDate")]),
        (
            LIQUIDATIONS,
            LIQUIDATION,
            {"taxpayerDocumentNumber": ""},
            [("taxpayer-document-number-required", "taxpayerDocumentNumber")],
        ),
    ],
)
def test_one_wrong_cell_is_one_finding(
    load: contract.Operation, row: tuple[str, ...], cells: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    """And the row without it is a record."""
    assert _read(load, row)
    assert _findings(load, row, **cells) == findings


@pytest.mark.parametrize(
    ("load", "kept", "rules"),
    [
        (PAYMENTS, {"territorialEntity", "paymentDate", "valuePaid"}, 3),
        (PAYMENTS, {"paymentDate", "valuePaid"}, 1),
        (PAYMENTS, {"descentralizedEntity", "paymentDate", "valuePaid"}, 1),  # which no row must fill
        (
            ACTS,
            {"actDocumentCode", "platform", "generatorFactValue", "taxpayerName", "taxpayerDocumentNumber", "Type"},
            5,
        ),
        (ACTS, {"actDocumentCode", "platform", "generatorFactValue", "taxpayerName", "Type"}, 1),
    ],
)
def test_a_row_of_which_most_is_missing_is_told_once(load: contract.Operation, kept: set[str], rules: int) -> None:
    """A total, a note or a signature is no record with ten faults."""
    _, row = ROWS[load.id]
    cells = dict.fromkeys(header_of(load), "") | {
        name: cell or "x" for name, cell in zip(header_of(load), row, strict=True) if name in kept
    }
    found = _findings(load, row, **cells)
    assert len(found) == rules
    assert (("row-incomplete", None) in found) == (rules == 1)


def test_what_a_body_may_omit_and_a_file_too_is_left_out() -> None:
    """The taxpayer's document type of a liquidation."""
    assert (
        "payerDocumentParametricTypeCode"
        not in _read(LIQUIDATIONS, LIQUIDATION, payerDocumentParametricTypeCode="").values
    )


def test_all_findings_of_a_row_come_at_once_in_the_catalogues_order() -> None:
    """Those of the cells, of the entity and of validation."""
    found = _findings(PAYMENTS, PAYMENT, territorialEntity="1", paymentDate="ayer", valuePaid="1.000", paidValueId="")
    order = contract.rules()
    assert found == sorted(found, key=lambda each: order[each[0]].order)
    assert {rule for rule, _ in found} == {
        "entity-not-own", "payment-date-invalid", "amount-ambiguous", "payment-id-required",
    }  # fmt: skip


def test_what_stands_behind_the_last_column_is_refused() -> None:
    """A comma within a value may have moved the others."""
    header = header_of(PAYMENTS)
    registration = contract.operation("registerPayment")
    with pytest.raises(Rejection, match="row-too-wide"):
        read_row(registration, file_of(PAYMENTS), CALLER, header, (*PAYMENT, "x"))


@pytest.mark.parametrize(
    "written", ["2222222222", 2222222222.0, "2222222222.0", "2.222.222.222", "2222222222-9", " 22222222229 "]
)
def test_the_tokens_own_entity_is_taken(written: Any) -> None:
    """Its NIT without check digit, or with the right one."""
    assert nit.check_digit("2222222222") == "9"
    assert _read(PAYMENTS, PAYMENT, territorialEntity=written)


@pytest.mark.parametrize(
    "written", ["", "2222222223", "2222222222-4", "22222222224", "2222222222-55", "Cali", "8888888888"]
)
def test_another_entity_is_refused(written: str) -> None:
    """Its records come with its own token (5.6.4)."""
    assert _findings(PAYMENTS, PAYMENT, territorialEntity=written) == [("entity-not-own", "territorialEntity")]


@pytest.mark.parametrize("written", ["800123456", "800.123.456-5", "8001234565", 800123456.0])
def test_a_decentralised_entity_names_both(written: Any) -> None:
    """Its territorial entity and itself."""
    assert nit.check_digit("800123456") == "5"
    assert _read(PAYMENTS, PAYMENT, DECENTRALISED, descentralizedEntity=written)


@pytest.mark.parametrize(
    ("caller", "written"),
    [
        (DECENTRALISED, ""),
        (DECENTRALISED, "800123457"),
        (DECENTRALISED, "2222222222"),
        (CALLER, "800123456"),
        (CALLER, "2222222222"),
    ],
)
def test_a_decentralised_entity_must_be_the_tokens(caller: Caller, written: str) -> None:
    """Required for a decentralised one, empty for a territorial one (5.12)."""
    found = _findings(PAYMENTS, PAYMENT, caller, descentralizedEntity=written)
    assert found == [("entity-not-own", "descentralizedEntity")]


@pytest.mark.parametrize(
    ("number", "digit"),
    [("800197268", "4"), ("899999068", "1"), ("890903938", "8"), ("899999061", "9"), ("900514813", "2")],
)
def test_check_digits_are_the_tax_authoritys(number: str, digit: str) -> None:
    """DIAN, Ecopetrol, Bancolombia, Bogotá and Colombia Compra Eficiente, as they publish them."""
    assert nit.check_digit(number) == digit
