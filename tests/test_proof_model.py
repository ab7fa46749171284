"""The services and a model of a hundred lines, called alike, answer alike."""

from pathlib import Path

import pytest

from tests.proof import machine, model


@pytest.mark.slow
def test_services_agree_with_the_model() -> None:
    """Every answer, its findings in order, what it says of an existing record, and every balance at the end."""
    figures = machine.prove("short", 15, lambda _count: None)
    assert figures.answers["done"] > 75


def test_the_model_is_small_enough_to_be_read() -> None:
    """A model as long as the code would be as wrong as the code."""
    lines = Path(model.__file__).read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 100
