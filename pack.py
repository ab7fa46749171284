"""What a built function carries beside its packages, and what it carries of botocore: the last step of `make build`.

    python3 pack.py <folder in which uv has put the packages> [bulk | certificate]

`bulk`: a function of bulk loads, which calls S3 and SQS as well; `certificate`: that of certificates, which calls KMS
and S3. bench/ packs the measured functions with it, too.
"""

import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

import yaml

ROOT = Path(__file__).parent
SERVICES = frozenset({"dynamodb"})  # of AWS, which the functions call
BULK_SERVICES = SERVICES | {"s3", "sqs"}
CERTIFICATE_SERVICES = SERVICES | {"kms", "s3"}
OF_KIND = {"": SERVICES, "bulk": BULK_SERVICES, "certificate": CERTIFICATE_SERVICES}


def complete(folder: Path, services: Collection[str] = SERVICES) -> None:
    """Code, contract, and no more of botocore's data than is read."""
    add_code(folder)
    drop_services(folder, services)
    cut_endpoints(folder, services)


def add_code(folder: Path) -> None:
    """The functions, and the contract as JSON, which is read in a tenth of the time."""
    for package in ("functions", "shared"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    contract = yaml.load((ROOT / "openapi.yaml").read_bytes(), yaml.CSafeLoader)  # a safe loader, in C
    (folder / "openapi.json").write_text(json.dumps(contract, ensure_ascii=False), encoding="utf-8")


def drop_services(folder: Path, services: Collection[str] = SERVICES) -> None:
    """The models of all other services: 20 MB; and boto3's resources, which are read for none."""
    for service in (folder / "botocore" / "data").glob("*/"):
        if service.name not in services:
            shutil.rmtree(service)
    shutil.rmtree(folder / "boto3" / "data", ignore_errors=True)


def cut_endpoints(folder: Path, services: Collection[str] = SERVICES) -> None:
    """The endpoints of all other services: 1 MB, which botocore reads to make any client.

    Without DynamoDB's rules for endpoints botocore finds its endpoint in the same file, once, and not at each call.
    S3's rules stay: they put a bucket's name into its address, and SQS is called too seldom to matter.
    """
    data = folder / "botocore" / "data"
    for rules in data.glob("dynamodb/*/endpoint-rule-set-*"):
        rules.unlink()
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in services}
    file.write_text(json.dumps(endpoints), encoding="utf-8")


if __name__ == "__main__":
    complete(Path(sys.argv[1]), OF_KIND["".join(sys.argv[2:])])
