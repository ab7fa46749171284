"""The contract is valid, complete, and the only place where paths, limits and messages stand."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

import pack
from shared import contract, validation
from shared.contract import loads, reports
from shared.rejection import Finding, Rejection
from tests.client import HANDLERS

pytestmark = pytest.mark.untraced

ROOT = Path(__file__).parent.parent
DOCUMENT = contract.document()
EXAMPLES = DOCUMENT["components"]["examples"]
GATEWAY_RESPONSES = DOCUMENT["x-amazon-apigateway-gateway-responses"]
SOURCES = [path for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py")]
CASES = [
    case
    for path in (ROOT / "tests/cases").rglob("*.yaml")
    for case in yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["cases"]
]
NEVER_FROM_A_BODY = {
    "answer-too-large",
    "certificate-too-large",
    "too-many-requests",
    "internal-error",
    "unavailable",
    "outcome-unknown",
}
"""Rules whose test is not a twin: what a test would register too much for, what API Gateway or a failing table says."""
NEVER_FROM_A_FILE = {"file-not-received", "processing-failed", "record-differs", "report-failed"}
"""Likewise: a file that never came, failed workers, and what comes beside another rule (tests/test_bulk_load.py)."""

# Transcribed from the manual: 5.6.5 and the parameters of tables 5 to 25, and the columns of tables 1 to 3.
PATHS = {
    "/gateway/stamp/v1/stamp/interoperabilityActoDocumento/registrar",
    "/gateway/stamp/v1/stamp/interoperabilityLiquidacion/registrar",
    "/gateway/stamp/v1/stamp/interoperabilityPago/registrar",
}
BULK_PATHS = {
    "/gateway/stamp/v1/stamp/cargaMasivaActoDocumento/registrar",
    "/gateway/stamp/v1/stamp/cargaMasivaLiquidacion/registrar",
    "/gateway/stamp/v1/stamp/cargaMasivaPago/registrar",
    "/gateway/stamp/v1/stamp/cargaMasivaTicket/obtener",
    "/gateway/stamp/v1/stamp/cargaMasivaTicket/buscar",
    "/gateway/stamp/v1/stamp/cargaMasivaPlantilla/obtener",
}
QUERY_PATHS = {
    "/gateway/stamp/v1/stamp/consultaActoDocumento/buscar",
    "/gateway/stamp/v1/stamp/consultaEstampilla/buscar",
    "/gateway/stamp/v1/stamp/consultaActoDocumento/obtener",
    "/gateway/stamp/v1/stamp/consultaRegistro/obtener",
    "/gateway/stamp/v1/stamp/consultaCambios/buscar",
}
PUBLIC_PATHS = {
    "/gateway/stamp/v1/stamp/consultaPublica/buscar",
    "/gateway/stamp/v1/stamp/constancia/obtener",
    "/gateway/stamp/v1/stamp/constancia/verificar",
    "/gateway/stamp/v1/stamp/constanciaLlave/obtener",
}
REPORT_PATHS = {
    "/gateway/stamp/v1/stamp/reporte/registrar",
    "/gateway/stamp/v1/stamp/reporte/obtener",
}
PARAMETERS = {
    "ActDocumentRequest": """factCodeGenerator actDocumentCode Platform platform generatorFactValue
        generatorFactStartDate generatorFactEndDate parametricActDocumentCodeType parametricprocedureCode
        payerDocumentParametricTypeCode taxpayerDocumentNumber taxpayerName Type type""",
    "LiquidationRequest": """factCodeGenerator actDocumentCode liquidatedValueId stampNumber liquidatedValue Type type
        taxpayerDocumentNumber payerDocumentParametricTypeCode""",
    "PaymentRequest": """liquidatedValueId payedValueId paidValueId valuePayed valuePaid paymentDate Type type""",
}
# Transcribed from the manual: what it calls each code, its marks and full stops left out.
NAMES = {
    "Platform": {"1": "SECOP I", "2": "SECOP II", "3": "TVEC", "4": "NO APLICA"},  # table 5
    "ActDocumentKind": {  # table 9; AD8: 5.12, number 8 of the act document's columns
        "AD1": "Actas",
        "AD2": "Certificados",
        "AD3": "Endoso o Cesión Contrato",
        "AD4": "Contratos",
        "AD5": "Paz y Salvo",
        "AD6": "Convenios",
        "AD7": "No Aplica",
        "AD8": "Orden de compra",
    },
    "Procedure": {  # table 10
        "TR1": "Suscripción",
        "TR2": "Adición",
        "TR3": "Prórroga",
        "TR4": "Cesión",
        "TR5": "No Aplica",
    },
    "TaxpayerDocumentKind": {  # table 11
        "RC": "Registro Civil",
        "TI": "Tarjeta de identidad",
        "CC": "Cédula de Ciudadanía",
        "TE": "Tarjeta de Extranjería",
        "CE": "Cédula de Extranjería",
        "NIT": "NIT",
        "PAS": "Pasaporte",
        "DIE": "Documento de Identificación Extranjero",
        "PEP": "PEP",
        "NITE": "NIT de otro país",
        "NUIP": "NUIP",
    },
}


def _cited(node: Any) -> Iterator[str]:
    """The rule ids cited by the `x-rules` of properties and headers."""
    if isinstance(node, dict):
        cited = node.get("x-rules", {})
        yield from cited.values() if isinstance(cited, dict) else ()
        for child in node.values():
            yield from _cited(child)
    elif isinstance(node, list):
        for child in node:
            yield from _cited(child)


def _scalars(node: Any) -> Iterator[Any]:
    """Every value in a document that is neither list nor object."""
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _scalars(child)
    else:
        yield node


def _shown_requests() -> Iterator[Any]:
    """Operations, each with the names of the examples of its JSON body."""
    for operation in filter(lambda each: each.media_types, contract.operations().values()):
        content = DOCUMENT["paths"][operation.path][operation.method]["requestBody"]["content"]["application/json"]
        for name in content["examples"]:
            yield pytest.param(operation.id, name, id=f"{operation.id}-{name}")


def _shown_answers() -> Iterator[Any]:
    """Schemas of answers, each with the names of their examples, once."""
    seen = set()
    for operation in contract.operations().values():
        for answer in DOCUMENT["paths"][operation.path][operation.method]["responses"].values():
            shared = DOCUMENT["components"]["responses"].get(answer.get("$ref", "").rpartition("/")[2], answer)
            content = shared["content"].get("application/json", {"examples": {}})
            for each in content["examples"].values():
                name = each["$ref"].rpartition("/")[2]
                if name not in seen:
                    seen.add(name)
                    yield pytest.param(content["schema"], name, id=name)


def _texts(path: Path) -> set[str]:
    """The string constants of a source file, docstrings aside."""
    tree = ast.parse(path.read_text())
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return constants - docstrings


def test_contract_is_valid_openapi() -> None:
    """openapi.yaml is OpenAPI 3.0.3, as an X-Road security server imports it."""
    validate(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.0.3"
    assert "{" not in DOCUMENT["servers"][0]["url"]


def test_what_is_packed_equals_the_contract(tmp_path: Path) -> None:
    """A built function reads, as JSON, what stands in openapi.yaml; here nothing but openapi.yaml is read."""
    written = yaml.safe_load(contract.PATH.read_bytes())
    pack.add_code(tmp_path)
    assert json.loads((tmp_path / "openapi.json").read_bytes()) == written
    assert contract.document() == written
    assert not contract.PATH.with_suffix(".json").exists()


def test_the_three_registrations_stand_at_the_manuals_paths() -> None:
    """The services answer at the manual's paths, all others at ours beside them, all by POST alone but for pages."""
    assert {each.path for each in contract.registrations()} == PATHS
    others = BULK_PATHS | QUERY_PATHS | PUBLIC_PATHS | REPORT_PATHS
    assert {each.path for each in contract.operations().values()} == PATHS | others
    assert all(each.method == ("get" if each.is_page else "post") for each in contract.operations().values())


@pytest.mark.parametrize("schema", NAMES)
def test_every_code_has_the_manuals_name(schema: str) -> None:
    """What a person reads in place of a code has the manual's letters, in answers and in what describes them."""
    declared = DOCUMENT["components"]["schemas"][schema]
    codes = declared["enum"] if "enum" in declared else declared["oneOf"][1]["enum"]
    assert contract.code_names(schema) == NAMES[schema]
    assert list(contract.code_names(schema)) == codes
    described = (code if code == name else f"{code} {name}" for code, name in NAMES[schema].items())
    assert ", ".join(described) in declared["description"]


@pytest.mark.parametrize("request_name", PARAMETERS)
def test_every_parameter_of_the_manuals_tables_is_declared(request_name: str) -> None:
    """Every parameter of both dialects is a property of its request."""
    properties = DOCUMENT["components"]["schemas"][request_name]["properties"]
    assert set(PARAMETERS[request_name].split()) <= set(properties)


def test_every_operation_has_its_function() -> None:
    """Each operation of the contract is served by the handler of one function, and no handler serves another."""
    assert set(HANDLERS) == set(contract.operations())


def test_every_rule_is_cited_and_every_citation_is_a_rule() -> None:
    """The ids of the catalogue are those that the contract and the code cite."""
    catalogue = set(contract.rules())
    assert len(DOCUMENT["x-rules"]) == len(catalogue)
    in_contract = set(_cited(DOCUMENT["components"]))
    in_code = {text for path in SOURCES for text in _texts(path)} & catalogue
    in_gateway = {_gateway_body(name)["errors"][0]["code"] for name in GATEWAY_RESPONSES}
    assert in_contract | in_code | in_gateway == catalogue


def test_every_rule_has_a_test_case() -> None:
    """Each rule has its twins in tests/cases; no twins stand for a rule that is not there."""
    assert {case["rule"] for case in CASES} == set(contract.rules()) - NEVER_FROM_A_BODY - NEVER_FROM_A_FILE


def test_cases_cite_the_source_of_their_rule() -> None:
    """Each case begins its source as the catalogue does, so that a search for a table finds rule and case."""
    sources = {rule["id"]: rule["source"] for rule in DOCUMENT["x-rules"]}
    for case in CASES:
        assert case["source"].startswith(sources[case["rule"]]), case["source"]


def test_limits_of_files_are_whole_megabytes() -> None:
    """As messages tell them."""
    for limit in (loads.bulk().maximum_body_bytes, loads.bulk().maximum_bytes):
        assert int(loads.megabytes(limit)) << 20 == limit


def test_rules_say_where_they_come_from() -> None:
    """Each rule names its table of the manual, or that it is ours, with cause and remedy."""
    for rule in DOCUMENT["x-rules"]:
        assert rule["message"].startswith("Error. "), rule["id"]
        assert rule["source"].startswith(("Tabla ", "5.6.5", "6.1 a", "propia")), rule["id"]
        assert rule["cause"].endswith("."), rule["id"]
        assert rule["remedy"].endswith("."), rule["id"]


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_path_code_or_message_stands_in_the_code(path: Path) -> None:
    """Paths, codes and messages are the contract's alone."""
    schemas = DOCUMENT["components"]["schemas"].values()
    codes = {code for schema in schemas for code in schema.get("enum", ()) if isinstance(code, str) and len(code) > 1}
    texts = _texts(path)
    assert not texts & codes
    assert not [text for text in texts if "Error. " in text or "Carga de" in text or "/gateway" in text]


@pytest.mark.parametrize(("operation", "name"), list(_shown_requests()))
def test_request_examples_keep_every_format_rule(operation: str, name: str) -> None:
    """Each example of a request is one that a client may send, and says something unless there is nothing to say."""
    asked = contract.operation(operation)
    read = validation.read(asked, json.dumps(EXAMPLES[name]["value"]).encode())
    assert bool(read.values or read.lists) == bool(asked.fields)


@pytest.mark.parametrize(("schema", "name"), list(_shown_answers()))
def test_examples_of_answers_are_of_their_schema(schema: dict[str, Any], name: str) -> None:
    """What the contract shows as an answer is one."""
    OAS30Validator({**schema, "components": DOCUMENT["components"]}).validate(EXAMPLES[name]["value"])


@pytest.mark.parametrize("word", ["LEGALIZADO", "LIQUIDADO", "SIN ESTAMPILLAS"])
def test_what_is_said_of_payment_is_said_once(word: str) -> None:
    """Whichever answer says it refers to one schema; examples aside, the contract has no other place for the word."""
    components = {name: each for name, each in DOCUMENT["components"].items() if name != "examples"}
    assert list(_scalars(DOCUMENT | {"components": components})).count(word) == 1


def test_a_reports_types_and_states_are_those_of_its_schemas() -> None:
    """What may be asked for and what is answered stands twice, where schemas list it and where code reads it: alike."""
    schemas = DOCUMENT["components"]["schemas"]
    shown = schemas["ReportShown"]["properties"]["data"]["properties"]
    assert list(reports.declared().types) == schemas["ReportRequest"]["properties"]["reportType"]["enum"]
    assert list(reports.declared().types) == shown["reportType"]["enum"]
    assert {each.by for each in reports.declared().types.values()} == {"act", "payment"}
    assert set(shown["state"]["enum"]) < set(loads.bulk().states.values())


def test_every_column_of_a_report_has_a_name_and_a_title_of_its_own() -> None:
    """A column is found by either."""
    columns = [column for part in reports.declared().columns.values() for column in part]
    assert len({each.name for each in columns}) == len({each.title for each in columns}) == len(columns)


def test_the_address_of_a_verification_takes_a_code_or_nothing() -> None:
    """A browser sends a form's empty field; everything else that a code is held to is declared once more, alike."""
    [parameter] = DOCUMENT["paths"][contract.operation("showVerification").path]["get"]["parameters"]
    code = DOCUMENT["components"]["schemas"]["CertificateCode"]
    declared = {name: said for name, said in code.items() if name not in {"minLength", "description"}}
    assert parameter["schema"] == declared | {
        "pattern": f"^(?:{code['pattern'].removeprefix('^').removesuffix('$')})?$"
    }


def test_a_file_has_a_column_for_all_that_its_registration_requires() -> None:
    """Each column holds one parameter, or names an entity; and no row lacks a column that it needs."""
    assert loads.files()
    for file in loads.files().values():
        registration = contract.operation(file.registers)
        held = [column.parameter for column in file.columns if column.parameter]
        assert all((column.parameter is None) == (column.entity is not None) for column in file.columns)
        assert len(held) == len(set(held))
        assert set(held) <= {field.name for field in registration.fields}
        required = [each.names for each in registration.requirements if each.unless_absent is None]
        assert all(names & set(held) for names in required)
        assert file.required <= set(held)


def test_what_clients_read_of_a_load_is_what_the_schema_names() -> None:
    """States and services stand twice, where schemas list them and where code reads them: alike."""
    properties = DOCUMENT["components"]["schemas"]["TicketSummary"]["properties"]
    services = [each.service for each in loads.files().values()]
    assert properties["state"]["enum"] == list(loads.bulk().states.values())
    assert properties["service"]["enum"] == services
    assert DOCUMENT["components"]["schemas"]["TemplateRequest"]["properties"]["service"]["enum"] == services


@pytest.mark.parametrize("name", [name for name in EXAMPLES if "errors" in EXAMPLES[name]["value"]])
def test_rejection_examples_speak_as_the_catalogue_does(name: str) -> None:
    """Each example of a rejection is what the renderer makes of its findings, but for what fills the text."""
    example = EXAMPLES[name]["value"]
    fillings = {"remaining": "50000.00", "maximum": "65536", "methods": "POST", "valuePaid": "valuePaid"}
    findings = [Finding(error["code"], error.get("parameter"), fillings) for error in example["errors"]]
    rendered = json.loads(Rejection(findings).body(example["requestId"]))
    assert rendered == {key: value for key, value in example.items() if key != "existing"}


def _gateway_body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(GATEWAY_RESPONSES[name]["responseTemplates"]["application/json"])
    return body
