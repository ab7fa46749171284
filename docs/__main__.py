"""Writes into docs/integradores.md what the contract and tests/use_cases.yaml say: `python -m docs`.

Each part stands in the guide between `<!-- generado: name -->` and `<!-- fin: name -->`; the rest is written by hand.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from shared import contract, money, validation
from shared.contract import Field, Operation, Rule
from shared.rejection import Finding, Rejection
from shared.validation.body import NumberText

GUIDE = Path(__file__).with_name("integradores.md")
USE_CASES = Path(__file__).parent.parent / "tests" / "use_cases.yaml"
LOCAL = "http://127.0.0.1:8000"

# The catalogue's rule with which each group begins.
GROUPS = {
    "path-unknown": "La solicitud misma",
    "act-code-required": "Acto documento",
    "act-unknown": "Liquidación",
    "liquidation-unknown": "Pago",
    "text-too-long": "Cualquier servicio",
}
# Its alias is another spelling, not the annex's name.
NAMED_ALIKE = "parametricprocedureCode"

Json = dict[str, Any]


def main() -> None:
    """Rewrite the guide."""
    GUIDE.write_text(written(GUIDE.read_text()))


def written(guide: str) -> str:
    """The guide with every generated part made anew. Raises KeyError for one that is not known."""

    def part(match: re.Match[str]) -> str:
        opening, name, closing = match.groups()
        return f"{opening}\n\n{PARTS[name]().strip()}\n\n{closing}"

    return re.sub(r"(<!-- generado: (\S+) -->).*?(<!-- fin: \2 -->)", part, guide, flags=re.DOTALL)


def use_cases() -> list[Json]:
    """The use cases of the manual (5.13): their steps in the dialect of the scripts."""
    cases: list[Json] = yaml.load(USE_CASES.read_text(), Loader=yaml.CSafeLoader)  # a safe loader, in C
    return cases


def in_annex_dialect(step: Mapping[str, Any]) -> Json:
    """A step of a use case, said as the annex says it."""
    operation = contract.operations()[step["service"]]
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
    rows = [(title(each), f"`{each.path}`") for each in contract.operations().values()]
    servers = [(each["description"], f"`{each['url']}`") for each in document["servers"]]
    return _table(("Servicio", "Dirección"), rows) + "\n\n" + _table(("Ambiente", "Base"), servers)


def _calls() -> str:
    """Use case 2 up to its first payment, with the answers of the examples' receipts."""
    steps = use_cases()[1]["steps"][:3]
    return "\n\n".join(_call(number, step) for number, step in enumerate(steps, start=1))


def _call(number: int, step: Mapping[str, Any]) -> str:
    operation = contract.operations()[step["service"]]
    return (
        f"### {number}. {title(operation)}\n\n"
        f"```bash\ncurl -s {LOCAL}{operation.path} \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{_pretty(step['body'])}'\n```\n\n"
        f"{_json(_stored(operation, step['body']))}"
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
    for operation in contract.operations().values():
        for field in operation.fields:
            if len(field.names) == 1:
                continue
            both = "cuenta el de los guiones" if field.aliases_ignored else "deben valer lo mismo"
            messages = "como usted lo escribió" if field.named_as_written else f"`{field.name}`"
            also = f" (o `{field.names[-1]}`)" if field.name == NAMED_ALIKE else ""
            rows.append((title(operation), f"`{field.name}`", f"`{_annex_name(field)}`{also}", both, messages))
    return _table(("Servicio", "Guiones y respuestas", "Anexo", "Si llegan los dos", "Los mensajes lo nombran"), rows)


def _annex() -> str:
    """The same calls as `_calls`, in the annex's dialect."""
    steps = (in_annex_dialect(step) for step in use_cases()[1]["steps"][:3])
    return "\n\n".join(_request(step["service"], step["body"]) for step in steps)


def _request(operation_id: str, body: Mapping[str, Any]) -> str:
    return f"**{title(contract.operations()[operation_id])}**\n\n{_json(body)}"


def _parameters() -> str:
    return "\n\n".join(
        f"### {title(operation)}\n\n"
        + _table(
            ("Parámetro", "Obligatorio", "Qué es"),
            [(f"`{each.name}`", _required(operation, each), _meaning(operation, each)) for each in operation.fields],
        )
        for operation in contract.operations().values()
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
    request = schemas[_last(whole["requestBody"]["content"]["application/json"]["schema"])]
    schema = request["properties"][field.name]
    text: str = schema.get("description") or schemas[_last(schema["allOf"][0])]["description"]
    return text


def _limits() -> str:
    fields = [field for operation in contract.operations().values() for field in operation.fields]
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
    return _table(("Qué", "Límite"), rows)


def _statuses() -> str:
    whole = contract.document()
    responses: Json = {}
    for operation in contract.operations().values():
        responses |= whole["paths"][operation.path][operation.method]["responses"]
    rows = []
    for status, response in sorted(responses.items()):
        resolved = whole["components"]["responses"][_last(response)] if "$ref" in response else response
        waits = {rule.retry_after for rule in contract.rules().values() if str(rule.status) == status}
        wait = next((f" `Retry-After: {seconds}`." for seconds in waits if seconds), "")
        rows.append((status, resolved["description"] + wait))
    return _table(("Estado", "Qué significa"), rows)


def _rejections() -> str:
    names = ("rejectedFindings", "rejectedExisting")
    examples = [contract.document()["components"]["examples"][name] for name in names]
    return "\n\n".join(f"{each['summary']}:\n\n{_json(each['value'])}" for each in examples)


def _ceiling() -> str:
    """The manual's own liquidation script, and what it gets on the act of its own act document script."""
    examples = contract.document()["components"]["examples"]
    script = examples["liquidationScript"]["value"]
    act = str(examples["actDocumentScript"]["value"]["generatorFactValue"])
    finding = Finding("liquidation-above-act", "liquidatedValue", {"remaining": money.pesos(money.centavos(act))})
    request_id = examples["rejectedCeiling"]["value"]["requestId"]
    answer = json.loads(Rejection([finding]).body(request_id))
    return f"{_request('registerLiquidation', script)}\n\nRespuesta:\n\n{_json(answer)}"


def _rules() -> str:
    lines = []
    group = ""
    for entry in contract.document()["x-rules"]:
        if entry["id"] in GROUPS:
            group = GROUPS[entry["id"]]
            lines.append(f"### {group}\n")
            lines.extend(_from_other_groups(group))
        rule = contract.rules()[entry["id"]]
        texts = " o ".join(f"`{text}`" for text in texts_of(rule))
        lines.append(f"#### {rule.id}\n")
        lines.append(f"{texts}\n")
        lines.append(f"- Estado {rule.status}. Fuente: {entry['source']}.")
        lines.append(f"- Causa: {entry['cause']}")
        lines.append(f"- Remedio: {entry['remedy']}\n")
    return "\n".join(lines)


def texts_of(rule: Rule) -> list[str]:
    """A rule's text as a client may get it: under the scripts' name of a parameter and under the annex's."""
    if rule.id == "body-too-large":
        return [rule.message.format(maximum=contract.maximum_body_bytes())]
    fields = (field for operation in contract.operations().values() for field in operation.fields)
    named = next((field for field in fields if f"{{{field.name}}}" in rule.message), None)
    return [rule.message.replace(f"{{{named.name}}}", name) for name in named.names] if named else [rule.message]


def _from_other_groups(group: str) -> Iterator[str]:
    """The rules that a service shares with another and that are listed there."""
    operation = next((each for each in contract.operations().values() if title(each) == group), None)
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
    service = title(contract.operations()[step["service"]])
    expect = step["expect"]
    code = f", [{expect['code']}](#{expect['code']})" if "code" in expect else ""
    return f"**{number}. {service}**: {expect['status']}{code}, `{expect['message']}`\n\n{_json(step['body'])}"


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


# --- Markdown ---------------------------------------------------------------------------------------------------------


def title(operation: Operation) -> str:
    """The service's name in Spanish."""
    name: str = contract.document()["paths"][operation.path][operation.method]["tags"][0]
    return name


def _last(schema: Mapping[str, str]) -> str:
    return schema["$ref"].rpartition("/")[2]


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _json(value: Any) -> str:
    return f"```json\n{_pretty(value)}\n```"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(header), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
