"""What docs/integradores.md repeats of the contract and of tests/use_cases.yaml."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from docs import markdown
from docs.markdown import Json
from shared import contract, money, validation
from shared.contract import Field, Operation
from shared.rejection import Finding, Rejection
from shared.validation.body import NumberText

GUIDE = Path(__file__).with_name("integradores.md")
USE_CASES = Path(__file__).parent.parent / "tests" / "use_cases.yaml"
LOCAL = "http://127.0.0.1:8000"

BULK = "Carga masiva"
# The catalogue's rule with which each group begins.
GROUPS = {
    "path-unknown": "La solicitud misma",
    "act-code-required": "Acto documento",
    "act-unknown": "Liquidación",
    "liquidation-unknown": "Pago",
    "multipart-invalid": BULK,
    "entity-not-reachable": "Consultas",
    "public-search-type-invalid": "Consulta pública",
    "records-required": "Registros y cambios",
    "report-type-invalid": "Reportes",
    "certificate-reference-invalid": "Constancia de pago",
    "text-too-long": "Cualquier servicio",
}
# Its alias is another spelling, not the annex's name.
NAMED_ALIKE = "parametricprocedureCode"


def use_cases() -> list[Json]:
    """The use cases of the manual (5.13): their steps in the dialect of the scripts."""
    cases: list[Json] = yaml.load(USE_CASES.read_text(), Loader=yaml.CSafeLoader)  # a safe loader, in C
    return cases


def in_annex_dialect(step: Mapping[str, Any]) -> Json:
    """A step of a use case, said as the annex says it."""
    operation = contract.operation(step["service"])
    differs = step.get("annex", {})
    fields = {field.name: field for field in operation.fields}
    body = {_annex_name(fields[name]): _as_number(fields[name], value) for name, value in step["body"].items()}
    if NAMED_ALIKE in fields:
        body[NAMED_ALIKE] = fields[NAMED_ALIKE].default_by["type"][str(step["body"]["type"])]
    return {**step, "body": body | differs.get("body", {}), "expect": differs.get("expect", step["expect"])}


def _annex_name(field: Field) -> str:
    return field.name if field.name == NAMED_ALIKE else field.names[-1]


def _as_number(field: Field, value: Any) -> Any:
    numeric = field.kind in {"amount", "stamp-code"} or 1 in field.codes
    if not numeric or not re.fullmatch(r"\d+(\.\d+)?", str(value)):
        return value
    return float(value) if "." in str(value) else int(value)


# --- Parts ------------------------------------------------------------------------------------------------------------


def _services() -> str:
    document = contract.document()
    rows = [(markdown.title(each), f"`{each.path}`") for each in contract.registrations()]
    servers = [(each["description"], f"`{each['url']}`") for each in document["servers"]]
    return markdown.table(("Servicio", "Dirección"), rows) + "\n\n" + markdown.table(("Ambiente", "Base"), servers)


def _calls() -> str:
    """Use case 2 up to its first payment, with the answers of the examples' receipts."""
    steps = use_cases()[1]["steps"][:3]
    return "\n\n".join(_call(number, step) for number, step in enumerate(steps, start=1))


def _call(number: int, step: Mapping[str, Any]) -> str:
    operation = contract.operation(step["service"])
    return (
        f"### {number}. {markdown.title(operation)}\n\n"
        f"```bash\ncurl -s {LOCAL}{operation.path} \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{markdown.pretty(step['body'])}'\n```\n\n"
        f"{markdown.json_block(_stored(operation, step['body']))}"
    )


def _stored(operation: Operation, body: Mapping[str, Any]) -> Json:
    """The answer to a body that is registered, under the receipt of the contract's example."""
    whole = contract.document()
    responses = whole["paths"][operation.path][operation.method]["responses"]
    (name,) = responses["200"]["content"]["application/json"]["examples"]
    example = whole["components"]["examples"][name]["value"]
    record = validation.read(operation, json.dumps(body).encode())
    data = {name: int(value) if isinstance(value, NumberText) else value for name, value in record.received.items()}
    return {
        "data": data,
        "message": operation.stored_message,
        "radicado": example["radicado"],
        "registeredAt": example["registeredAt"],
    }


def _dialects() -> str:
    rows = []
    for operation in contract.registrations():
        for field in operation.fields:
            if len(field.names) == 1:
                continue
            both = "cuenta el de los guiones" if field.aliases_ignored else "deben valer lo mismo"
            messages = "como usted lo escribió" if field.named_as_written else f"`{field.name}`"
            also = f" (o `{field.names[-1]}`)" if field.name == NAMED_ALIKE else ""
            rows.append((markdown.title(operation), f"`{field.name}`", f"`{_annex_name(field)}`{also}", both, messages))
    return markdown.table(
        ("Servicio", "Guiones y respuestas", "Anexo", "Si llegan los dos", "Los mensajes lo nombran"), rows
    )


def _annex() -> str:
    """The same calls as `_calls`, in the annex's dialect."""
    steps = (in_annex_dialect(step) for step in use_cases()[1]["steps"][:3])
    return "\n\n".join(_request(step["service"], step["body"]) for step in steps)


def _request(operation_id: str, body: Mapping[str, Any]) -> str:
    return f"**{markdown.title(contract.operation(operation_id))}**\n\n{markdown.json_block(body)}"


def _parameters() -> str:
    return "\n\n".join(
        f"### {markdown.title(operation)}\n\n"
        + markdown.table(
            ("Parámetro", "Obligatorio", "Qué es"),
            [(f"`{each.name}`", _required(operation, each), _meaning(operation, each)) for each in operation.fields],
        )
        for operation in contract.registrations()
    )


def _required(operation: Operation, field: Field) -> str:
    if field.default is not None:
        return f"no; si falta, {field.default}"
    asking = [each for each in operation.requirements if not each.names.isdisjoint(field.names)]
    if not asking:
        return "no"
    condition = asking[0].unless_absent
    return f"si el código llega como `{condition}`" if condition else "sí"


def _meaning(operation: Operation, field: Field) -> str:
    schemas = contract.document()["components"]["schemas"]
    whole = contract.document()["paths"][operation.path][operation.method]
    request = schemas[markdown.last(whole["requestBody"]["content"]["application/json"]["schema"])]
    schema = request["properties"][field.name]
    text: str = schema.get("description") or schemas[markdown.last(schema["allOf"][0])]["description"]
    return text


def _limits() -> str:
    fields = [field for operation in contract.registrations() for field in operation.fields]
    longest = {field.kind: field.maximum_length for field in fields if field.maximum_length}
    amount = next(field.pattern.pattern for field in fields if field.kind == "amount" and field.pattern)
    whole, decimals = re.findall(r"\{1,(\d+)\}", amount)[-2:]
    key = contract.headers()["Idempotency-Key"]
    key_characters = f"de {key['minLength']} a {key['maxLength']} caracteres ASCII visibles, sin espacios"
    rows = (
        ("Cuerpo", f"hasta {contract.maximum_body_bytes()} bytes"),
        ("Códigos, identificadores y números de identificación", f"de 1 a {longest['identifier']} caracteres"),
        ("Nombre o razón social", f"de 1 a {longest['name']} caracteres"),
        ("Valores", f"hasta {whole} dígitos enteros y {decimals} decimales"),
        ("`Idempotency-Key`", f"{key_characters}; se recuerda {key['x-retention-days']} días"),
    )
    return markdown.table(("Qué", "Límite"), rows)


def _statuses() -> str:
    whole = contract.document()
    responses: Json = {}
    for operation in contract.registrations():
        responses |= whole["paths"][operation.path][operation.method]["responses"]
    rows = []
    for status, response in sorted(responses.items()):
        resolved = whole["components"]["responses"][markdown.last(response)] if "$ref" in response else response
        waits = {rule.retry_after for rule in contract.rules().values() if str(rule.status) == status}
        wait = next((f" `Retry-After: {seconds}`." for seconds in waits if seconds), "")
        rows.append((status, resolved["description"] + wait))
    return markdown.table(("Estado", "Qué significa"), rows)


def _rejections() -> str:
    names = ("rejectedFindings", "rejectedExisting")
    examples = [contract.document()["components"]["examples"][name] for name in names]
    return "\n\n".join(f"{each['summary']}:\n\n{markdown.json_block(each['value'])}" for each in examples)


def _ceiling() -> str:
    """The manual's own liquidation script, and what it gets on the act of its own act document script."""
    examples = contract.document()["components"]["examples"]
    script = examples["liquidationScript"]["value"]
    act = str(examples["actDocumentScript"]["value"]["generatorFactValue"])
    finding = Finding("liquidation-above-act", "liquidatedValue", {"remaining": money.pesos(money.centavos(act))})
    request_id = examples["rejectedCeiling"]["value"]["requestId"]
    answer = json.loads(Rejection([finding]).body(request_id))
    return f"{_request('registerLiquidation', script)}\n\nRespuesta:\n\n{markdown.json_block(answer)}"


def rules() -> list[str]:
    """The rules that this guide explains: not those of files, which docs/carga-masiva.md does."""
    return [each for each in contract.rules() if _group(each) != BULK]


def _rules() -> str:
    lines = []
    for rule in rules():
        if rule in GROUPS:
            lines.append(f"### {GROUPS[rule]}\n")
            lines.extend(_from_other_groups(GROUPS[rule]))
        lines.append(markdown.rule(rule))
    return "\n".join(lines)


def _from_other_groups(group: str) -> Iterator[str]:
    """The rules that a service shares with another and that are listed there."""
    operation = next((each for each in contract.registrations() if markdown.title(each) == group), None)
    if operation is None:
        return
    cited = {rule for field in operation.fields for rule in field.rules.values()}
    others = [f"[`{rule}`](#{rule})" for rule in contract.rules() if rule in cited and _group(rule) != group]
    yield f"También: {', '.join(others)}.\n"


def _group(rule_id: str) -> str:
    found = ""
    for each in contract.rules():
        found = GROUPS.get(each, found)
        if each == rule_id:
            break
    return found


def _cases() -> str:
    return "\n\n".join(
        f"### Caso {case['case']}. {case['name']}\n\nEntidad {case['entity']}.\n\n"
        + "\n\n".join(_step(number, step) for number, step in enumerate(case["steps"], start=1))
        for case in use_cases()
    )


def _step(number: int, step: Mapping[str, Any]) -> str:
    service = markdown.title(contract.operation(step["service"]))
    expect = step["expect"]
    code = f", [{expect['code']}](#{expect['code']})" if "code" in expect else ""
    body = markdown.json_block(step["body"])
    return f"**{number}. {service}**: {expect['status']}{code}, `{expect['message']}`\n\n{body}"


PARTS: dict[str, Callable[[], str]] = {
    "servicios": _services,
    "llamadas": _calls,
    "dialectos": _dialects,
    "anexo": _annex,
    "parametros": _parameters,
    "limites": _limits,
    "estados": _statuses,
    "rechazos": _rejections,
    "tope": _ceiling,
    "errores": _rules,
    "casos": _cases,
}
