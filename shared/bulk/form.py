"""Takes a file out of a multipart/form-data body."""

import logging
import re

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header

from shared import validation
from shared.call import Upload
from shared.contract import Operation, loads
from shared.intake import Intake
from shared.rejection import Finding, Rejection
from shared.validation.body import LONGEST_NAME_SHOWN

FORM = "multipart/form-data"
FILE = "archivo"
AROUND_THE_FILE = 16_384  # bytes: boundaries, headers and the other parts

logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it would log what was sent, if a client errs


class FormIntake(Intake):
    """Also reads a form with a file in it; its other parts are the parameters of the JSON body."""

    def largest(self, operation: Operation, media_type: str | None) -> tuple[int, Finding]:
        """A form may be as large as the largest file that is taken this way; it is the file that makes it larger."""
        if media_type == FORM:
            return loads.bulk().maximum_body_bytes + AROUND_THE_FILE, _too_large()
        return super().largest(operation, media_type)

    def read(
        self, operation: Operation, media_type: str, content_type: str, body: bytes
    ) -> tuple[validation.Record, Upload | None]:
        """The parameters and the file. Raises Rejection."""
        if media_type != FORM:
            return super().read(operation, media_type, content_type, body)
        members, files = _parts(content_type, body)
        if len(files) != 1:
            raise Rejection([Finding("file-required", FILE)])
        if len(files[0].content) > loads.bulk().maximum_body_bytes:
            raise Rejection([_too_large()])
        name = re.split(r"[/\\]", files[0].name)[-1]  # some browsers send the whole path
        record = validation.read_members(operation, {**members, "fileName": name})
        return record, Upload(record.text("fileName"), files[0].content)


def _too_large() -> Finding:
    return Finding("file-too-large", FILE, {"maximum": loads.megabytes(loads.bulk().maximum_body_bytes)})


def _parts(content_type: str, body: bytes) -> tuple[dict[str, str], list[Upload]]:
    """The text parts, and the files in the part of that name. Raises Rejection.

    A body without its closing boundary was cut short, and what is missing may be what changes the meaning of the rest.
    """
    members: dict[str, str] = {}
    files: list[Upload] = []
    ends: list[bool] = []

    def on_field(field: Field) -> None:
        name = (field.field_name or b"").decode()
        if name in members:
            raise Rejection([Finding("parameter-repeated", name[:LONGEST_NAME_SHOWN])])
        members[name] = (field.value or b"").decode()

    def on_file(file: File) -> None:
        if file.field_name == FILE.encode():
            file.file_object.seek(0)
            files.append(Upload((file.file_name or b"").decode(), file.file_object.read()))

    boundary = parse_options_header(content_type.encode("latin-1"))[1].get(b"boundary")
    config = {"MAX_MEMORY_FILE_SIZE": len(body), "UPLOAD_ERROR_ON_BAD_CTE": True}
    try:
        FormParser(FORM, on_field, on_file, lambda: ends.append(True), boundary, config=config).write(body)
    except (FormParserError, ValueError):
        ends.clear()
    if not ends:
        raise Rejection([Finding("multipart-invalid")])
    return members, files
