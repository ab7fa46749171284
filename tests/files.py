"""Fixtures: bucket and queues in moto, in this process, empty for each test that asks for them."""

import functools
import os
from collections.abc import Iterator
from typing import Any, Literal

import boto3
import pytest
from moto import mock_aws

from local import bulk

Service = Literal["s3", "sqs"]


def aws(service: Service) -> Any:
    """A client where the environment says that the service is. They are slow to make, so each is made once."""
    return _client(service, os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or None)


@functools.cache
def _client(service: Service, endpoint: str | None) -> Any:
    return boto3.client(service, endpoint_url=endpoint)


@pytest.fixture(scope="session")
def files() -> Iterator[dict[str, str]]:
    """How the environment names bucket and queues, made by the first test that asks for them."""
    names = ("BUCKET_NAME", *bulk.QUEUES, "MOST_RECEIVES")
    with mock_aws():
        with pytest.MonkeyPatch.context() as patch:
            for name in names:
                patch.setenv(name, "")
            bulk.prepare()
            made = {name: os.environ[name] for name in names}
        yield made


@pytest.fixture
def bucket(files: dict[str, str], table: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the bucket; it and the queues are empty, and the environment names them."""
    del table
    for name, value in files.items():
        monkeypatch.setenv(name, value)
    _empty(files["BUCKET_NAME"])
    return files["BUCKET_NAME"]


def _empty(bucket: str) -> None:
    while True:
        found = aws("s3").list_object_versions(Bucket=bucket)
        kept = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        if not kept:
            break
        versions = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in kept]
        aws("s3").delete_objects(Bucket=bucket, Delete={"Objects": versions})
    for queue in aws("sqs").list_queues()["QueueUrls"]:
        aws("sqs").purge_queue(QueueUrl=queue)
