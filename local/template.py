"""Reads template.yaml: the table, and which function is behind which name, are defined there alone."""

from functools import cache
from typing import Any

import yaml

from local.folder import ROOT


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags: `!Ref Table` becomes {"!Ref": "Table"}."""


def _tagged(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.ScalarNode)
        value = loader.construct_scalar(node)
    return {f"!{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


@cache
def resources() -> dict[str, Any]:
    """The template's resources by their logical names."""
    with (ROOT / "template.yaml").open("rb") as file:
        found: dict[str, Any] = yaml.load(file, Loader=_Loader)["Resources"]  # noqa: S506 - a safe loader
    return found
