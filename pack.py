"""What a built function carries beside its packages, and what it carries of botocore: the last step of `make build`.

    python3 pack.py <folder in which pip has put the packages>

bench/ packs the measured functions with it, too.
"""

import json
import shutil
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parent
SERVICES = {"dynamodb"}  # of AWS, which the functions call


def complete(folder: Path) -> None:
    """Code, contract, and no more of botocore's data than is read."""
    add_code(folder)
    drop_services(folder)
    cut_endpoints(folder)


def add_code(folder: Path) -> None:
    """The functions, and the contract as JSON, which is read in a tenth of the time."""
    for package in ("functions", "shared"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_bytes())
    (folder / "openapi.json").write_text(json.dumps(contract, ensure_ascii=False), encoding="utf-8")


def drop_services(folder: Path) -> None:
    """The models of all other services: 20 MB."""
    for service in (folder / "botocore" / "data").glob("*/"):
        if service.name not in SERVICES:
            shutil.rmtree(service)


def cut_endpoints(folder: Path) -> None:
    """The endpoints of all other services: 1 MB, which botocore reads to make any client.

    Without DynamoDB's rules for endpoints botocore finds its endpoint in the same file, once, and not at each call.
    """
    data = folder / "botocore" / "data"
    for rules in data.glob("dynamodb/*/endpoint-rule-set-*"):
        rules.unlink()
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in SERVICES}
    file.write_text(json.dumps(endpoints), encoding="utf-8")


if __name__ == "__main__":
    complete(Path(sys.argv[1]))
