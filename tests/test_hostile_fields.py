"""Schema and code are in step: whatever a parameter is sent as, the code finds what the schema finds, and no more."""

import contextlib
import json
import os
import time
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import contract, validation
from shared.contract import Field
from shared.rejection import Rejection
from shared.validation.formats import NotNormalError, normal
from tests.bodies import ACT, LIQUIDATION, PAYMENT
from tests.hostile import oracle

pytestmark = pytest.mark.slow

UPLOAD: dict[str, Any] = {"fileName": "actos-2024.csv", "validar": "true"}
BODIES: dict[str, dict[str, Any]] = {
    "registerActDocument": ACT,
    "registerLiquidation": LIQUIDATION,
    "registerPayment": PAYMENT,
    "loadActDocuments": UPLOAD,
    "loadLiquidations": UPLOAD,
    "loadPayments": UPLOAD,
    "getTicket": {"ticket": "01HZX3M5N7P9R1S3T5V7W9X1Y3"},
    "findTickets": {"from": "2024-01-01", "to": "2024-12-31", "pageSize": 10, "cursor": "AAAA"},
    "getTemplate": {"service": "pago", "format": "csv"},
    "findStamps": {},
    "findPublicly": {
        "searchType": "Contrato",
        "year": 2024,
        "taxpayerDocumentNumber": "901.805.364-1",
        "actDocumentCode": "647",
        "pageSize": 10,
        "cursor": "AAAA",
    },
    "getCertificate": {
        "actReference": "900000000-01HZX3M5N7P9R1S3T5V7W9X1Y3",
        "year": 2024,
        "taxpayerDocumentNumber": "901.805.364-1",
        "actDocumentCode": "647",
    },
    "verifyCertificate": {"codigo": "7k3m-Z9QW-2C5X-RT8V-ABCD"},
    "getCertificateKey": {},
    "getActDocument": {"actDocumentCode": "A", "taxpayerDocumentNumber": "1", "entity": "800123456"},
    "getRecords": {
        "actDocuments": [{"actDocumentCode": "A", "taxpayerDocumentNumber": "1"}, {"actDocumentCode": "A"}],
        "liquidations": ["L1", "L2"],
        "payments": ["P1"],
        "radicados": ["01HZX3M5N7P9R1S3T5V7W9X1Y3"],
    },
    "findChanges": {"cursor": "AAAA", "from": "2024-01-01", "pageSize": 100},
    "findActDocuments": {
        "actDocumentCode": "A",
        "taxpayerDocumentNumber": "1",
        "taxpayerName": "Peña",
        "match": "contains",
        "entity": "800123456",
        "pageSize": 10,
        "cursor": "AAAA",
    },
    "requestReport": {
        "reportType": "fechaActoDocumento",
        "from": "2024-01-01",
        "to": "2024-12-31",
        "entity": "800123456",
    },
    "getReport": {"ticket": "01HZX3M5N7P9R1S3T5V7W9X1Y3"},
}
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "100"))

# What is trimmed or is not, composes to one character, to several or to none, is a digit only to Unicode, or no text.
CHARACTERS = (
    "aA1 .\u00a0\u2003\u3000\u200b\u0303ñn\u0958\ufb2c\u212b٣\uff21\t\n\x00\x1c\x7f\x85\u2028\U0001f600\ud800\udfff"
)
ODD = st.text(CHARACTERS, max_size=6)
LONG = st.builds(
    lambda before, character, count, after: before + character * count + after,
    ODD,
    st.sampled_from("aAñ\u0958\ufb2c\U0001f600") | st.just("n\u0303"),
    st.sampled_from([40, 60, 118, 119, 120, 121, 298, 299, 300, 301]),
    ODD,
)
DATES = [
    "2024-02-29", "2023-02-29", "2024-00-10", "2024-13-01", "2024-04-31", "0000-01-01", "9999-12-31", "20240101",
    "2024-1-1", "2024-W01-1", "2024-03-19\n", " 2024-03-19", "٢٠٢٤-03-19", "2024-03-19Z", "2024/03/19", "02024-03-19",
]  # fmt: skip
MOMENTS = [f"{day} {time}" for day in DATES for time in ("00:00:00", "23:59:59")] + [
    "2024-01-01T00:00:00", "2024-01-01 24:00:00", "2024-01-01 23:60:00", "2024-01-01 23:59:60", "2024-01-01 00:00",
    "2024-01-01 00:00:00\n", "2024-01-01  00:00:00", "2024-01-01 00:00:00.0", "2024-01-01 00:00:00Z", "2024-01-01",
    "1999-12-31 23:59:59", "2100-01-01 00:00:00",
]  # fmt: skip
NUMBERS = [
    "999", "1000", "2024", "2024.0", "9999", "10000",
    "0", "-0", "0.0", "0.00", "0.000", "0.001", "0.01", "1", "2", "4", "5", "1.0", "1e0", "1E2", "1e-2", "10.5",
    "10.50", "10.500", "-1", "-0.01", "100", "1e400", "1e-400", "999999999999999999", "999999999999999999.99",
    "999999999999999999.991", "1000000000000000000", "9" * 121, "9" * 5000, "0." + "0" * 5000 + "1",
]  # fmt: skip
# At the limits of a text's length, before and after it is trimmed and composed.
AT_LIMITS = [
    text
    for limit in (120, 300)
    for text in (
        "a" * limit, "a" * (limit + 1), f" {'a' * limit}\u2003", f" {'a' * (limit + 1)} ", "n\u0303" * limit,
        "n\u0303" * (limit + 1), "\u0958" * (limit // 2), "\u0958" * (limit // 2 + 1), "\U0001f600" * limit,
        "\t" + "a" * limit,
    )
]  # fmt: skip
TEXTS = [
    *DATES, *MOMENTS, *NUMBERS, *AT_LIMITS, "", "01", "+1", "1.", ".5", "1,5", "1_0", " 1", "1 ", "1\n",
    "\uff11", "٣", "0x1", "NaN", "000", "00.00", "000000000000000000", "0000000000000000001", "1.5", "AD4", "ad4",
    "AD9", "AD4\n", "\uff21\uff244", "TR1", "TR6",
    "CC", "cc", "CC ", "NIT", "90", "\ud800",
    "a.csv", "A.XLSX", " a.csv", "a.csv ", ".csv", " .csv", "...csv", "a/b.csv", "a\\b.csv", "a.csv\n", "\ufeff.csv",
    "a\ufeff.csv", "a" * 116 + ".csv", "a" * 117 + ".csv", " " + "a" * 116 + ".csv", "n\u0303" * 116 + ".csv",
    "true", "false", "TRUE", "10", "25", "50", "actoDocumento", "pago", "Pago", "csv", "xlsx", "CSV",
    "01HZX3M5N7P9R1S3T5V7W9X1Y3", "01hzx3m5n7p9r1s3t5v7w9x1y3", "01HZX3M5N7P9R1S3T5V7W9X1YU",
    "Contrato", "Tramite", "Trámite", "contrato", "Contrato ", "2024", "1000", "0999", "10000", "2024\n", "\uff12024",
    "01HZX3M5N7P9R1S3T5V7W9X1Y3\n", "A" * 2000, "A" * 2001, "A=", "A.-_", "A+",
]  # fmt: skip
# JSON, as text.
VALUES = (
    st.sampled_from([*NUMBERS, "10", "25", "null", "true", "false", "[]", "{}", '["1"]', '{"1": 1}', "[[]]"])
    | st.sampled_from(TEXTS).map(json.dumps)
    | (ODD | LONG).map(json.dumps)
    | st.integers().map(str)
    | st.decimals(-1, 10**19, places=3).map(str)
    | st.decimals(0, 10**18, places=2).map(lambda number: json.dumps(str(number)))
)
# Of ids, some of them wrong, or the same in another spelling.
IDS = VALUES | st.sampled_from(['"A"', '" A"', '"B"', '"01HZX3M5N7P9R1S3T5V7W9X1Y3"'])
ACTS = st.dictionaries(st.sampled_from(["actDocumentCode", "taxpayerDocumentNumber", "other"]), IDS, max_size=3).map(
    lambda members: "{" + ", ".join(f'"{name}": {value}' for name, value in members.items()) + "}"
)
LISTS = st.lists(IDS | ACTS, max_size=4).map(lambda each: f"[{', '.join(each)}]") | st.sampled_from(
    [json.dumps([f"{number}" for number in range(count)]) for count in (1000, 1001)]
)


@st.composite
def _bodies(draw: st.DrawFn, operation: str) -> bytes:
    """A right body, some of its parameters left out, misspelt or said twice."""
    names = list(oracle.request(operation)["properties"]) or ["unknown"]
    members = {name: json.dumps(value) for name, value in BODIES[operation].items()}
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        members.pop(name, None)
    for name in draw(st.lists(st.sampled_from(names), max_size=3)):
        members[name] = draw(VALUES | LISTS | st.sampled_from(list(members.values() or ["1"])))
    return ("{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members.items()) + "}").encode()


def _found(operation: str, raw: bytes) -> set[tuple[str, Any]]:
    try:
        validation.read(contract.operation(operation), raw)
    except Rejection as rejection:
        return {(each.rule, oracle.canonical(operation, each.parameter)) for each in rejection.findings}
    return set()


@pytest.mark.parametrize("operation", oracle.SERVICES)
def test_the_code_finds_what_the_schema_finds(operation: str) -> None:
    """For bodies at every edge of the schema, the findings are a JSON Schema validator's, parameter by parameter."""

    @settings(max_examples=EXAMPLES, derandomize="HOSTILE_EXAMPLES" not in os.environ, deadline=None, database=None)
    @given(_bodies(operation))
    def holds(raw: bytes) -> None:
        assert _found(operation, raw) == oracle.findings(operation, raw)

    holds()


@pytest.mark.parametrize("operation", oracle.SERVICES)
def test_each_parameter_alone_is_found_wrong_as_the_schema_finds_it(operation: str) -> None:
    """Each parameter, by each of its names, sent as each odd value beside a right rest, is judged as by the schema."""
    values = [*NUMBERS, *map(json.dumps, TEXTS), "10", "25", "null", "true", "false", "[]", "{}"]
    for name in oracle.request(operation)["properties"]:
        alone = {key: value for key, value in BODIES[operation].items() if key != oracle.canonical(operation, name)}
        rest = json.dumps(alone)[:-1]
        for value in values:
            raw = f"{rest}, {json.dumps(name)}: {value}}}".encode()
            assert _found(operation, raw) == oracle.findings(operation, raw), (name, value)


@pytest.mark.parametrize("operation", oracle.SERVICES)
def test_a_text_of_nothing_but_a_byte_order_mark_is_blank(operation: str) -> None:
    """U+FEFF alone is no identifier and no name, to our code as to any reader of the contract."""
    for field in contract.operation(operation).fields:
        if field.maximum_length:
            raw = json.dumps(BODIES[operation] | {field.name: "\ufeff"}).encode()
            assert _found(operation, raw) == oracle.findings(operation, raw), field.name


@pytest.mark.parametrize("around", ["\ufeff", " \ufeff ", "\u00a0\ufeff\u3000"])
def test_blanks_around_an_identifier_are_no_part_of_it(around: str) -> None:
    """Nor is the byte order mark of an exported file: with it the same thing would be registered a second time."""
    tried = 0
    for operation in contract.registrations():
        for field in _texts(operation.fields):
            if (
                field.kind in {"identifier", "name", "document-number", "stamp-code"}
                and field.name in BODIES[operation.id]
            ):
                body = BODIES[operation.id]
                marked = body | {field.name: f"{around}{body[field.name]}{around}"}
                plain, read = (validation.read(operation, json.dumps(each).encode()) for each in (body, marked))
                assert read.values == plain.values, field.name
                tried += 1
    assert tried > 8


@given(ODD | LONG | st.text())
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)
def test_an_identifier_is_any_text_that_shows_and_controls_nothing(text: str) -> None:
    """Without control characters and lone surrogates, and of something else than blanks; so say all such patterns."""
    is_one = not any(unicodedata.category(each) in {"Cc", "Cs"} for each in text) and any(
        not each.isspace() and each != "\ufeff" for each in text
    )
    identifiers = [field for operation in contract.operations().values() for field in _texts(operation.fields)]
    assert len(identifiers) > 10
    for pattern in {field.pattern for field in identifiers if field.kind in {"identifier", "name"} and field.pattern}:
        assert (pattern.fullmatch(text) is not None) == is_one


@pytest.mark.parametrize("operation", oracle.SERVICES)
def test_no_text_takes_long_to_be_judged(operation: str) -> None:
    """The work that a text makes grows with its length, not with its square, whatever its characters are."""
    started = time.process_time()
    for field in _texts(contract.operation(operation).fields):
        for text in ("a" * 60_000 + "\n", " " * 60_000 + "\n", "a" + "\u0315\u0300" * 15_000, "a" * 59_996 + ".csv\n"):
            with contextlib.suppress(NotNormalError):
                normal(field, text)
    assert time.process_time() - started < 1  # a text of 60,000 characters took 50 s once


def _texts(fields: Iterable[Field]) -> Iterator[Field]:
    """The parameters that have a pattern, and the elements of lists and their members."""
    for field in fields:
        if field.pattern:
            yield field
        yield from _texts([*filter(None, [field.item]), *field.members])
