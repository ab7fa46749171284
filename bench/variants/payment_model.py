"""The body of WS pago for pydantic: the rules of the contract as far as a model of typed values can state them."""

import datetime
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, Field, StringConstraints, model_validator
from work import MESSAGES, RefusedError, refusal

AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,2})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# The rule that speaks when a parameter is wrong, by any of its names.
RULES = {
    "liquidatedValueId": "liquidation-unknown",
    "paidValueId": "payment-id-required",
    "payedValueId": "payment-id-required",
    "valuePaid": "paid-value-invalid",
    "valuePayed": "paid-value-invalid",
    "paymentDate": "payment-date-invalid",
    "type": "payment-type-invalid",
    "Type": "payment-type-invalid",
}
ALIASES = {"payedValueId": "paidValueId", "valuePayed": "valuePaid", "Type": "type"}


def _plain(value: Any) -> Any:
    """Text must be plain decimal. A number has become a float by now: how it was written is lost."""
    if isinstance(value, bool) or (isinstance(value, str) and AMOUNT.fullmatch(value) is None):
        raise ValueError
    return value


def _day(value: str) -> str:
    if DAY.fullmatch(value) is None:
        raise ValueError
    datetime.date.fromisoformat(value)
    return value


def _clean(value: str) -> str:
    if CONTROL.search(value):
        raise ValueError
    return value


Identifier = Annotated[
    str,
    BeforeValidator(lambda value: value if isinstance(value, str) else None),
    AfterValidator(_clean),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
]


class Payment(BaseModel):
    """A payment's registration; the annulment is left out, in favour of these choices."""

    liquidatedValueId: Identifier  # noqa: N815 - wire name
    paidValueId: Identifier = Field(validation_alias=AliasChoices("paidValueId", "payedValueId"))  # noqa: N815
    valuePaid: Annotated[Decimal, BeforeValidator(_plain)] = Field(  # noqa: N815
        gt=0, max_digits=20, decimal_places=2, validation_alias=AliasChoices("valuePaid", "valuePayed")
    )
    paymentDate: Annotated[str, AfterValidator(_day)]  # noqa: N815
    type: Literal[0, 1, "0", "1"] = Field(validation_alias=AliasChoices("type", "Type"))

    @model_validator(mode="before")
    @classmethod
    def _one_value(cls, body: Any) -> Any:
        for alias, name in ALIASES.items():
            if isinstance(body, dict) and alias in body and name in body and str(body[alias]) != str(body[name]):
                raise ValueError(name)
        return body

    def record(self) -> dict[str, Any]:
        """What is stored."""
        return {**self.model_dump(mode="json"), "type": str(self.type)}


def refused(errors: Any, body: Any) -> RefusedError:
    """The manual's messages for what pydantic found."""
    written = body if isinstance(body, dict) else {}
    found: dict[str, str] = {}
    for error in errors:
        name = next((str(step) for step in error["loc"] if step in RULES), None)
        if error["type"] == "json_invalid" or not isinstance(body, dict):
            return refusal("body-not-json")
        if name is None:
            name = str(error["ctx"]["error"])
            found.setdefault("alias-conflict", MESSAGES["alias-conflict"].format_map({"parameter": name}))
            continue
        long = error["type"] == "string_too_long"
        rule = "text-too-long" if long else RULES[name]
        names = {name: alias for alias, name in ALIASES.items() if alias in written and name not in written}
        values = {"paidValueId": "paidValueId", "valuePaid": "valuePaid", **names, "parameter": name, "maximum": "120"}
        found.setdefault(rule, MESSAGES[rule].format_map(values))
    return RefusedError(400, list(found.items()))
