"""Fixtures: bucket and queues in moto, in this process, and empty for each test."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import bulk


@dataclass(frozen=True)
class Files:
    """Bucket and queues: what the environment says of them, and clients, which are slow to make."""

    environment: dict[str, str]
    s3: Any
    sqs: Any

    @property
    def bucket(self) -> str:
        """Its name."""
        return self.environment["BUCKET_NAME"]

    def empty(self) -> None:
        """Delete all files and messages."""
        found = self.s3.list_object_versions(Bucket=self.bucket)
        assert not found["IsTruncated"]
        kept = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        if kept:
            versions = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in kept]
            self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": versions})
        for queue in self.sqs.list_queues()["QueueUrls"]:
            self.sqs.purge_queue(QueueUrl=queue)


@pytest.fixture(scope="session")
def files() -> Iterator[Files]:
    """Made by the first test that asks for them."""
    names = ("BUCKET_NAME", *bulk.QUEUES, "MOST_RECEIVES")
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in names:
            patch.setenv(name, "")
        bulk.prepare()
        yield Files({name: os.environ[name] for name in names}, boto3.client("s3"), boto3.client("sqs"))


@pytest.fixture
def bucket(files: Files, table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of the empty bucket, which the environment tells, and the queues."""
    del table
    for name, value in files.environment.items():
        monkeypatch.setenv(name, value)
    yield files.bucket
    files.empty()
