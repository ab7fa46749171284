"""The rows of the one table. Amounts are integer centavos; attribute names are the wire names of the manual.

    ENTITY#<nit>                        PROFILE, STAMP#<stampNumber>
    ENTITY#<nit>#ACT#<code>             CODE, TAXPAYER#<document>, VERSION#<radicado>
    ENTITY#<nit>#LIQUIDATION#<id>       LIQUIDATION, ANNULMENT
    ENTITY#<nit>#PAYMENT#<id>           PAYMENT, ANNULMENT
    ENTITY#<nit>#LOG#<yyyy-mm>#<shard>  <radicado>
    ENTITY#<nit>#IDEMPOTENCY#<key>      IDEMPOTENCY
    TOKEN#<sha256>                      TOKEN
    CERTIFICATE#<code>                  CERTIFICATE
    FACTS#<sha256>                      CERTIFICATE
    TABLE#ENVIRONMENT                   ENVIRONMENT

The index `groups` finds some of them under another key as well, `group` and `place`, a moment after they are written:

    ENTITY#<nit>#ACTS#<shard>           <folded code>%<radicado>           act documents, by their code
    ENTITY#<nit>#ACT#<code>             <taxpayer's document>%<radicado>   liquidations of an act document
    ENTITY#<nit>#LIQUIDATION#<id>       <radicado>                         payments of a liquidation
    ENTITY#<nit>#MEMBERS                <nit>                              decentralised entities of a territorial one
    TAXPAYER#<document>                 CONTRATO#<year>#<code>             log entries of creations, for the public
    TAXPAYER#<document>                 TRAMITE#<radicado>

(% is AFTER_TEXT.) What a client chose stands last in its key, so no value can be mistaken for another row's key.
"""

import threading
from collections.abc import Mapping
from typing import Any, Self

from botocore.config import Config
from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from shared import retry, settings, taxpayer

LOG_SHARDS = 4
ACT_SHARDS = 4
AFTER_TEXT = "\x1f"
"""Sorted before everything that a code may have in it."""
PROFILE = "PROFILE"
CODE = "CODE"
LIQUIDATION = "LIQUIDATION"
PAYMENT = "PAYMENT"
ANNULMENT = "ANNULMENT"
IDEMPOTENCY = "IDEMPOTENCY"
TOKEN = "TOKEN"  # noqa: S105 - a sort key
CERTIFICATE = "CERTIFICATE"
STAMP_PREFIX = "STAMP#"
TABLE = "TABLE#ENVIRONMENT"
ENVIRONMENT = "ENVIRONMENT"

_connecting = threading.Lock()


class Groups(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """Finds rows under another key than their own; what it answers may lag."""

    class Meta:
        """Keys alone: what is shown is read from the table itself."""

        index_name = "groups"
        projection = KeysOnlyProjection()

    group = UnicodeAttribute(hash_key=True)
    place = UnicodeAttribute(range_key=True)


class Row(Model):
    """Any row: its key, and the one under which the index `groups` finds it, if it does.

    All rows share one connection, and so one client.
    """

    class Meta:
        """One attempt per call, with short time-outs: the retries, under one deadline, are ours (shared/retry.py)."""

        table_name = ""
        connect_timeout_seconds = 1
        read_timeout_seconds = 3
        max_retry_attempts = 0
        max_pool_connections = 64

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    group = UnicodeAttribute(null=True)
    place = UnicodeAttribute(null=True)
    groups = Groups()

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """The shared connection, made when first needed so that importing reads no environment.

        Threads whose first calls come at once wait for the one that makes it, and its client.
        """
        with _connecting:
            Row.Meta.table_name = settings.table_name()
            known = Row._connection
            connection = super(Row, Row)._get_connection()
            if connection is not known:
                session = connection.connection.session
                # Given, the user agent is composed once; left to botocore, twice in each call.
                session.set_default_client_config(Config(user_agent=session.user_agent()))
                connection.connection.client.meta.events.register("before-parse.dynamodb", retry.refuse_broken_answer)
            return connection

    @classmethod
    def connection(cls) -> Connection:
        """The shared connection, for transactions."""
        return cls._get_connection().connection

    @classmethod
    def of(cls, pk: str, sk: str, values: Mapping[str, Any], **attributes: Any) -> Self:
        """A row with this key that takes from `values` whatever it stores under the same wire name."""
        taken = {
            name: values[attribute.attr_name]
            for name, attribute in cls.get_attributes().items()
            if attribute.attr_name in values
        }
        return cls(pk, sk, **taken, **attributes)

    def wire(self) -> dict[str, Any]:
        """The row's values by their wire names."""
        return {attribute.attr_name: getattr(self, name) for name, attribute in self.get_attributes().items()}


class Registered(Row):
    """A row that one request wrote: its receipt, and the request that wrote it."""

    radicado = UnicodeAttribute()
    registered_at = UnicodeAttribute(attr_name="registeredAt")
    request_id = UnicodeAttribute(attr_name="requestId")


class ActDocument(Registered):
    """An act document of one taxpayer, with its balance.

    `value`, `end` are today's; `first_value`, `first_end` those of its creation.
    `remaining` = `value` - `liquidated` at all times (centavos); negative only where the ceiling is off.
    `liquidations`: how many were ever registered on it, annulled ones too, and are found by the index.
    `amended_by`, `amended_at`: the radicado of the last amendment, and when.
    """

    act_document_code = UnicodeAttribute(attr_name="actDocumentCode")
    platform = UnicodeAttribute()
    value = NumberAttribute(attr_name="generatorFactValue")
    start = UnicodeAttribute(attr_name="generatorFactStartDate")
    end = UnicodeAttribute(attr_name="generatorFactEndDate")
    kind = UnicodeAttribute(attr_name="parametricActDocumentCodeType")
    procedure = UnicodeAttribute(attr_name="parametricprocedureCode")
    taxpayer_document_kind = UnicodeAttribute(attr_name="payerDocumentParametricTypeCode")
    taxpayer_document_number = UnicodeAttribute(attr_name="taxpayerDocumentNumber")
    taxpayer_name = UnicodeAttribute(attr_name="taxpayerName")
    first_value = NumberAttribute(attr_name="firstGeneratorFactValue")
    first_end = UnicodeAttribute(attr_name="firstGeneratorFactEndDate")
    liquidated = NumberAttribute(default=0)
    liquidations = NumberAttribute(default=0)
    remaining = NumberAttribute()
    amended_by = UnicodeAttribute(attr_name="amendedBy", null=True)
    amended_at = UnicodeAttribute(attr_name="amendedAt", null=True)


class ActCode(Row):
    """A code of act documents: how many have it, one per taxpayer, and whose was the first. Neither ever goes back."""

    acts = NumberAttribute()
    first_taxpayer = UnicodeAttribute(attr_name="firstTaxpayerDocumentNumber")


class ActVersion(Registered):
    """An amendment: the value and the end date that replaced the ones before (use case 7)."""

    taxpayer_document_number = UnicodeAttribute(attr_name="taxpayerDocumentNumber")
    value = NumberAttribute(attr_name="generatorFactValue")
    end = UnicodeAttribute(attr_name="generatorFactEndDate")


class Annullable(Registered):
    """A row that can be annulled: by which radicado and when, once it is."""

    annulled_by = UnicodeAttribute(attr_name="annulledBy", null=True)
    annulled_at = UnicodeAttribute(attr_name="annulledAt", null=True)


class Liquidation(Annullable):
    """A stamp assessed on an act document. `remaining` = value less live payments (centavos).

    `payments`: how many were ever registered, annulled ones too, and are found by the index.
    """

    act_document_code = UnicodeAttribute(attr_name="actDocumentCode")
    liquidated_value_id = UnicodeAttribute(attr_name="liquidatedValueId")
    stamp_number = UnicodeAttribute(attr_name="stampNumber")
    value = NumberAttribute(attr_name="liquidatedValue")
    taxpayer_document_number = UnicodeAttribute(attr_name="taxpayerDocumentNumber")
    taxpayer_document_kind = UnicodeAttribute(attr_name="payerDocumentParametricTypeCode", null=True)
    remaining = NumberAttribute()
    live_payments = NumberAttribute(attr_name="livePayments", default=0)
    payments = NumberAttribute(default=0)

    @property
    def missing(self) -> int:
        """What is still owed, in centavos; nothing once it is annulled."""
        return int(self.remaining) if self.annulled_by is None else 0


class Payment(Annullable):
    """One payment of a liquidation."""

    liquidated_value_id = UnicodeAttribute(attr_name="liquidatedValueId")
    paid_value_id = UnicodeAttribute(attr_name="paidValueId")
    value = NumberAttribute(attr_name="valuePaid")
    date = UnicodeAttribute(attr_name="paymentDate")


class Annulment(Registered):
    """The annulment of a liquidation or payment, under the same pk as what it annuls."""


class LogEntry(Registered):
    """One registration in an entity's log: what was reported, in normal form, and how it came."""

    operation = UnicodeAttribute()
    record = JSONAttribute()
    x_road = JSONAttribute(attr_name="xRoad", null=True)
    ticket = UnicodeAttribute(null=True)


class IdempotencyRow(Row):
    """The first success under an Idempotency-Key. `expires` in epoch seconds."""

    operation = UnicodeAttribute()
    body_sha256 = UnicodeAttribute(attr_name="bodySha256")
    answer = UnicodeAttribute()
    expires = NumberAttribute()


class TableEnvironment(Row):
    """Which environment the table is of, preprod or prod: one row, there since the first entity, and never changed."""

    environment = UnicodeAttribute()


class Entity(Row):
    """A territorial or decentralised entity. `territorial` is its territorial entity's NIT: its own, if it is one."""

    nit = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    territorial = UnicodeAttribute()
    token_sha256 = UnicodeAttribute(attr_name="tokenSha256", null=True)


class Stamp(Row):
    """A stamp that an entity may liquidate."""

    stamp_number = UnicodeAttribute(attr_name="stampNumber")
    name = UnicodeAttribute()


class Token(Row):
    """What a token, known only by its SHA-256, stands for. Kept when revoked, so that history is only added to."""

    nit = UnicodeAttribute()
    territorial = UnicodeAttribute()
    issued_at = UnicodeAttribute(attr_name="issuedAt")
    revoked_at = UnicodeAttribute(attr_name="revokedAt", null=True)


class Certificate(Row):
    """A certificate that was issued: about which act document, and all that it states, in its signature (a JWS)."""

    nit = UnicodeAttribute()
    act_document_code = UnicodeAttribute(attr_name="actDocumentCode")
    taxpayer_document_number = UnicodeAttribute(attr_name="taxpayerDocumentNumber")
    signature = UnicodeAttribute()


class CertifiedFacts(Row):
    """The certificate that stated these facts last. `expires` in epoch seconds: until then it is given again."""

    code = UnicodeAttribute()
    expires = NumberAttribute()


def entity_key(nit: str) -> str:
    """pk of an entity's profile and stamps."""
    return f"ENTITY#{nit}"


def act_key(nit: str, code: str) -> str:
    """pk of the act documents with a code: the code itself, its taxpayers and versions."""
    return f"ENTITY#{nit}#ACT#{code}"


def liquidation_key(nit: str, liquidated_value_id: str) -> str:
    """pk of a liquidation and its annulment."""
    return f"ENTITY#{nit}#LIQUIDATION#{liquidated_value_id}"


def payment_key(nit: str, paid_value_id: str) -> str:
    """pk of a payment and its annulment."""
    return f"ENTITY#{nit}#PAYMENT#{paid_value_id}"


def idempotency_key(nit: str, key: str) -> str:
    """pk of what an entity registered under an Idempotency-Key."""
    return f"ENTITY#{nit}#IDEMPOTENCY#{key}"


def log_key(nit: str, registered_at: str, radicado: str) -> str:
    """pk of a log entry: the month, and a shard so that an entity in a hurry does not fill one partition."""
    return log_partition(nit, registered_at[:7], int(radicado[-1], 36) % LOG_SHARDS)


def log_partition(nit: str, month: str, shard: int) -> str:
    """pk of a shard of an entity's log of a month (yyyy-mm, UTC)."""
    return f"ENTITY#{nit}#LOG#{month}#{shard}"


def acts_group(nit: str, shard: int) -> str:
    """group of an entity's act documents, in shards like its log."""
    return f"ENTITY#{nit}#ACTS#{shard}"


def members_group(territorial: str) -> str:
    """group of the decentralised entities of a territorial one."""
    return f"ENTITY#{territorial}#MEMBERS"


def liquidations_of(taxpayer_document: str) -> str:
    """How the places of the liquidations of one of the act documents with a code begin."""
    return f"{taxpayer_document}{AFTER_TEXT}"


def public_group(document: str) -> str:
    """group of the creations of a taxpayer's act documents, whichever entity they are of."""
    return f"TAXPAYER#{taxpayer.canonical(document)}"


def public_contract(year: str, code: str) -> str:
    """place of a contract."""
    return f"CONTRATO#{year}#{code}"


def public_procedure(radicado: str) -> str:
    """place of what is no contract; without a radicado, how all of those begin."""
    return f"TRAMITE#{radicado}"


def taxpayer_key(document: str) -> str:
    """sk of an act document."""
    return f"TAXPAYER#{document}"


def version_key(receipt: str) -> str:
    """sk of an amendment: by its radicado, or by what is the same each time that a file is loaded."""
    return f"VERSION#{receipt}"


def stamp_key(stamp_number: str) -> str:
    """sk of a stamp."""
    return f"{STAMP_PREFIX}{stamp_number}"


def certificate_key(code: str) -> str:
    """pk of a certificate."""
    return f"CERTIFICATE#{code}"


def facts_key(sha256: str) -> str:
    """pk of the last certificate of some facts."""
    return f"FACTS#{sha256}"


def token_key(sha256: str) -> str:
    """pk of a token."""
    return f"TOKEN#{sha256}"
