"""Loads files as a client does, with bucket and queues in moto and every message brought to its handler by hand."""

import csv
import io
import json
import os
import random
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

from functions import bulk_split, bulk_work
from shared.contract import operation
from shared.contract.loads import bulk, files
from tests.client import Answer, Client
from tests.files import aws

FILES = {file.service: file for file in files().values()}
LOADS = {file.service: operation(each) for each, file in files().items()}
BOUNDARY = "separador"
AMPLE = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)


class Deliveries:
    """What stands between bucket, queues and functions."""

    def waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Take every message that waits, with the URL of its queue."""
        sqs = aws("sqs")
        found = []
        for url in (os.environ[name] for name in ("FILES_QUEUE", "REPORTS_QUEUE", "LANES_QUEUE")):
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    found.append((url, json.loads(message["Body"])))
        return found

    def bring(self, url: str, message: dict[str, Any], receives: int = 1, context: Any = AMPLE) -> bool:
        """Bring a message to its function; whether it was worked off."""
        handler = bulk_work.handler if url == os.environ["LANES_QUEUE"] else bulk_split.handler
        record = {
            "messageId": "1",
            "body": json.dumps(message),
            "attributes": {"ApproximateReceiveCount": str(receives)},
        }
        return not handler({"Records": [record]}, context)["batchItemFailures"]

    def arrivals(self) -> None:
        """Bring the files that have arrived, and nothing that comes of them."""
        for url, message in [each for each in self.waiting() if "Records" in each[1]]:
            assert self.bring(url, message), message

    def all(self, dice: random.Random | None = None) -> None:
        """Bring messages until none waits; with dice, in any order, and some of them twice."""
        while waiting := self.waiting():
            if dice:
                waiting = [each for each in waiting for _ in range(dice.choice((1, 1, 2)))]
                dice.shuffle(waiting)
            for url, message in waiting:
                assert self.bring(url, message), message


def csv_file(rows: Iterable[Sequence[Any]], service: str, delimiter: str = ",") -> bytes:
    """A CSV of these rows under the template's header."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([column.name for column in FILES[service].columns])
    writer.writerows(rows)
    return text.getvalue().encode()


def send(client: Client, service: str, name: str, content: bytes, **fields: str) -> Answer:
    """Send a file in a form."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="archivo"; filename="{name}"\r\n\r\n'
    body = b"".join(parts) + head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return client.post(LOADS[service].id, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})


def upload(client: Client, service: str, name: str, content: bytes, **fields: str) -> Answer:
    """Upload a file, of any size, to the address that the service gives for it."""
    answer = client.post(LOADS[service].id, {"fileName": name, **fields})
    key = answer.body["upload"]["fields"]["key"]
    aws("s3").put_object(Bucket=os.environ["BUCKET_NAME"], Key=key, Body=content)
    return answer


def load(client: Client, service: str, content: bytes, name: str = "archivo.csv", **fields: str) -> dict[str, Any]:
    """Load a file to its end, however it must be sent; the ticket as it is shown then."""
    take = send if len(content) <= bulk().maximum_body_bytes else upload
    answer = take(client, service, name, content, **fields)
    assert answer.status == 202, answer.text
    Deliveries().all()
    return ticket(client, answer.body["ticket"])


def ticket(client: Client, number: str) -> dict[str, Any]:
    """A ticket as it is shown."""
    answer = client.post("getTicket", {"ticket": number})
    assert answer.status == 200, answer.text
    shown: dict[str, Any] = answer.body["data"]
    return shown


def download(url: str) -> bytes:
    """What a link leads to."""
    key = unquote(urlsplit(url).path).removeprefix("/").removeprefix(f"{os.environ['BUCKET_NAME']}/")
    content: bytes = aws("s3").get_object(Bucket=os.environ["BUCKET_NAME"], Key=key)["Body"].read()
    return content


def results(shown: dict[str, Any], kind: str = "csv", delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a result file of this kind."""
    return list(csv.DictReader(io.StringIO(download(shown["results"][kind]).decode("utf-8-sig")), delimiter=delimiter))
