"""The act's ceiling: on unless the deployment turns it off."""

import pytest

from shared.models import ActDocument, act_key, taxpayer_key
from tests.bodies import ACT, LIQUIDATION
from tests.client import Client

ABOVE = LIQUIDATION | {"liquidatedValue": 87_500_000}
"""As one of the manual's scripts has it, far above its act's value (5.6.5)."""


def _remaining(entity: Client) -> int:
    act = ActDocument.get(act_key(entity.nit, "CCE-147-2023"), taxpayer_key("19396910"))
    return int(act.remaining)


def test_liquidations_stay_within_the_acts_value(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing said, a liquidation above the act's value is refused."""
    monkeypatch.delenv("LIQUIDATION_CEILING", raising=False)
    entity.post("registerActDocument", ACT)
    assert entity.post("registerLiquidation", ABOVE).codes == ["liquidation-above-act"]


def test_one_parameter_turns_the_ceiling_off(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turned off, liquidations and amendments may leave the balance below zero; the act must exist all the same."""
    monkeypatch.setenv("LIQUIDATION_CEILING", "off")
    entity.post("registerActDocument", ACT)
    assert entity.post("registerLiquidation", ABOVE).status == 200
    assert _remaining(entity) == 4_599_999_99 - 87_500_000_00
    assert entity.post("registerActDocument", ACT | {"type": 1, "generatorFactValue": 1}).status == 200
    assert _remaining(entity) == 1_00 - 87_500_000_00
    other = ABOVE | {"liquidatedValueId": "otra", "actDocumentCode": "none"}
    assert entity.post("registerLiquidation", other).codes == ["act-unknown"]


def test_the_balance_is_told_as_it_is(entity: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal tells the act's balance to the centavo: used up it is 0.00, and below zero once the ceiling was off."""
    entity.post("registerActDocument", ACT)
    entity.post("registerLiquidation", LIQUIDATION | {"liquidatedValue": 4599999.99})
    more = LIQUIDATION | {"liquidatedValueId": "otra", "liquidatedValue": 0.05}
    assert entity.post("registerLiquidation", more).body["message"].endswith(", que es 0.00")
    monkeypatch.setenv("LIQUIDATION_CEILING", "off")
    assert entity.post("registerLiquidation", more).status == 200
    monkeypatch.delenv("LIQUIDATION_CEILING")
    third = more | {"liquidatedValueId": "tercera"}
    assert entity.post("registerLiquidation", third).body["message"].endswith(", que es -0.05")


def test_an_annulled_liquidation_gives_its_value_back(entity: Client) -> None:
    """After an annulment the act can be liquidated for as much as before, and amended to as little."""
    entity.post("registerActDocument", ACT)
    whole = LIQUIDATION | {"liquidatedValue": 4599999.99}
    for number in range(3):
        own = whole | {"liquidatedValueId": f"L-{number}"}
        assert entity.post("registerLiquidation", own).status == 200
        assert _remaining(entity) == 0
        assert entity.post("registerLiquidation", own | {"type": 0}).status == 200
        assert _remaining(entity) == 4_599_999_99
    amended = entity.post("registerActDocument", ACT | {"type": 1, "generatorFactValue": 0})
    assert (amended.status, _remaining(entity)) == (200, 0)


def test_the_same_stamp_is_liquidated_any_number_of_times(entity: Client) -> None:
    """One stamp may be liquidated again and again on one act document (use case 3)."""
    entity.post("registerActDocument", ACT)
    for number in range(5):
        body = LIQUIDATION | {"liquidatedValueId": f"L-{number}", "liquidatedValue": 100}
        assert entity.post("registerLiquidation", body).status == 200
    assert _remaining(entity) == 4_599_999_99 - 5 * 100_00
