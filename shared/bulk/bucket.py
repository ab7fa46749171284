"""The bucket of files: what clients upload, what workers take from it, and what clients download."""

import functools
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from botocore.config import Config

from shared import retry, settings

LINK_SECONDS = 900
REGIONAL: Any = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
# Of workers, whose files may be large, and for whom no client waits.
PATIENCE: Any = {"connect_timeout": 1, "read_timeout": 8, "retries": {"total_max_attempts": 2}}
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_NOT_PLAIN = re.compile(r'[^ -~]|["\\%]')


@functools.cache
def client() -> Any:
    """S3, for what a client waits for: links, and small files.

    Presigned addresses name the bucket's own region: the global endpoint would redirect, and an upload fail.
    """
    return boto3.client("s3", config=Config(signature_version="s3v4", s3=REGIONAL, **retry.PATIENCE))


@functools.cache
def worker_client() -> Any:
    """S3, for workers."""
    return boto3.client("s3", config=Config(signature_version="s3v4", s3=REGIONAL, **PATIENCE))


def upload_address(key: str, extension: str, maximum_bytes: int, seconds: int) -> dict[str, Any]:
    """`url` and `fields` of a POST that may put one file of this type and size, and nothing else, for some seconds."""
    media_type = MEDIA_TYPES[extension]
    post: dict[str, Any] = client().generate_presigned_post(
        settings.bucket_name(),
        key,
        Fields={"Content-Type": media_type},
        Conditions=[{"Content-Type": media_type}, ["content-length-range", 1, maximum_bytes]],
        ExpiresIn=seconds,
    )
    return post


def link(key: str, file_name: str, media_type: str | None = None) -> str:
    """An address from which the file can be downloaded under this name, for LINK_SECONDS."""
    parameters = {
        "Bucket": settings.bucket_name(),
        "Key": key,
        "ResponseContentDisposition": _attachment(file_name),
        **({"ResponseContentType": media_type} if media_type else {}),
    }
    url: str = client().generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)
    return url


def link_expiry() -> str:
    """Until when a link that is made now is good."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + LINK_SECONDS))


def _attachment(file_name: str) -> str:
    """The header by which a file is saved under any name (RFC 6266), in ASCII: S3 refuses to answer another one."""
    plain = _NOT_PLAIN.sub("_", file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


def put_by(deadline: float, key: str, content: bytes) -> None:
    """Store a small file while a client waits. Raises Rejection (unavailable)."""
    retry.until(deadline, lambda: client().put_object(Bucket=settings.bucket_name(), Key=key, Body=content))


def put(key: str, content: bytes) -> None:
    """Store a worker's file that is in memory."""
    worker_client().put_object(Bucket=settings.bucket_name(), Key=key, Body=content)


def put_file(key: str, path: Path) -> None:
    """Store a worker's file of any size."""
    arguments = {"ContentType": MEDIA_TYPES[path.suffix]}
    worker_client().upload_file(str(path), settings.bucket_name(), key, ExtraArgs=arguments)


def get(key: str) -> bytes:
    """The content of a small file."""
    content: bytes = worker_client().get_object(Bucket=settings.bucket_name(), Key=key)["Body"].read()
    return content


def download(key: str, version: str | None, path: Path) -> None:
    """Bring this very version of a file to this machine."""
    arguments: Mapping[str, str] = {"VersionId": version} if version else {}
    worker_client().download_file(settings.bucket_name(), key, str(path), ExtraArgs=dict(arguments))
