"""The rows of a report, from the books to the cells of its two files."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared import contract, names
from shared.contract import reports
from shared.reporting.books import Act, Books, Liquidation, Payment
from shared.reporting.cells import Cells, Part
from shared.reporting.figures import Figures
from shared.reporting.gathering import Criteria


class Rows:
    """One row per payment; a liquidation without payments, and an act without liquidations, have one each.

    Where payments are chosen, only those have rows. `figures` is what the rows come to that have been read.
    """

    def __init__(self, books: Books, criteria: Criteria, territorial: str, deadline: float) -> None:
        self._books, self._criteria, self._territorial, self._deadline = books, criteria, territorial, deadline
        self._entities = names.of_entities({*criteria.entities, territorial}, deadline)
        self._stamps: dict[int, Mapping[str, str]] = {}
        self._states = reports.declared().states
        self.figures = Figures()
        columns, first, parts = reports.declared().columns, 0, []
        for each in columns.values():
            parts.append(Part(each, first))
            first += len(each)
        self._act, self._liquidation, self._payment, self._sums = parts

    @property
    def entities(self) -> Iterator[tuple[str, str]]:
        """NIT and name of the entities that the report is about."""
        return ((nit, self._entities[nit]) for nit in self._criteria.entities)

    def __iter__(self) -> Iterator[tuple[Cells, ...]]:
        """The rows' cells; an act's value, and a liquidation's, is to be summed in the first of its rows."""
        last_act = last_liquidation = None
        for act, liquidation, payment in self._chosen():
            sums: dict[str, Any] = {}
            if act is not last_act:
                sums["actSum"] = value = int(act.facts["generatorFactValue"])
                self.figures.count(act.entity, "acts", value)
                last_act, act_cells = act, self._act.cells(self._told_of_act(act))
            payment_cells = self._payment.blank
            if liquidation is None:
                last_liquidation, liquidation_cells = None, self._liquidation.blank
            elif liquidation is not last_liquidation:
                sums |= self._count(act.entity, "liquidation", liquidation)
                last_liquidation = liquidation
                liquidation_cells = self._liquidation.cells(self._told_of_liquidation(liquidation))
            if payment is not None:
                sums |= self._count(act.entity, "payment", payment)
                payment_cells = self._payment.cells(self._told_of_payment(payment))
            self.figures.rows += 1
            yield act_cells, liquidation_cells, payment_cells, self._sums.cells(sums)

    def _chosen(self) -> Iterator[tuple[Act, Liquidation | None, Payment | None]]:
        """Each payment with what it is of, and what has no children, unless payments alone are chosen."""
        payments_alone, radicados = self._criteria.by_payment, self._criteria.payments
        for act in self._books.acts(*self._criteria.acts):
            has_liquidations = False
            for liquidation in self._books.liquidations(act):
                has_liquidations, has_payments = True, False
                for payment in self._books.payments(liquidation, *radicados):
                    has_payments = True
                    yield act, liquidation, payment
                if not has_payments and not payments_alone:
                    yield act, liquidation, None
            if not has_liquidations and not payments_alone:
                yield act, None, None

    def _count(self, entity: int, what: str, row: Liquidation | Payment) -> dict[str, int]:
        """Count a liquidation or payment, and give what is to be summed of it: nothing, if it is annulled."""
        value = int(row.value)
        if row.annulled_by is not None:
            self.figures.count(entity, f"annulled{what.title()}s", value)
            return {}
        self.figures.count(entity, f"{what}s", value)
        return {f"{what}Sum": value}

    def _told_of_act(self, act: Act) -> Mapping[str, Any]:
        facts, nit = act.facts, self._criteria.entities[act.entity]
        value, liquidated = int(facts["generatorFactValue"]), self._books.liquidated(act)
        decentralised = nit if nit != self._territorial else None
        return {
            "territorialNit": self._territorial,
            "territorialName": self._entities[self._territorial],
            "decentralisedNit": decentralised,
            "decentralisedName": decentralised and self._entities[decentralised],
            "code": act.code,
            "platform": _named("Platform", facts["platform"]),
            "kind": _named("ActDocumentKind", facts["parametricActDocumentCodeType"]),
            "procedure": _named("Procedure", facts["parametricprocedureCode"]),
            "taxpayerDocumentKind": _named("TaxpayerDocumentKind", facts["payerDocumentParametricTypeCode"]),
            "taxpayerDocumentNumber": act.taxpayer,
            "taxpayerName": facts["taxpayerName"],
            "start": facts["generatorFactStartDate"],
            "end": facts["generatorFactEndDate"],
            "actValue": value,
            "firstValue": int(facts["firstGeneratorFactValue"]),
            "liquidated": liquidated,
            "unliquidated": value - liquidated,
            "actRadicado": facts["radicado"],
            "actRegisteredAt": facts["registeredAt"],
            "amendedBy": facts.get("amendedBy"),
            "amendedAt": facts.get("amendedAt"),
        }

    def _told_of_liquidation(self, liquidation: Liquidation) -> Mapping[str, Any]:
        value, paid = int(liquidation.value), self._books.paid(liquidation)
        live, annulled = self._states["liquidation"]
        is_annulled = liquidation.annulled_by is not None
        return {
            "liquidationId": liquidation.id,
            "stampNumber": liquidation.stamp,
            "stampName": self._stamp_names(liquidation.entity).get(liquidation.stamp),
            "liquidationValue": value,
            "liquidationState": annulled if is_annulled else live,
            "paid": paid,
            "unpaid": 0 if is_annulled else value - paid,
            "liquidationRadicado": liquidation.radicado,
            "liquidationRegisteredAt": liquidation.registered,
            "liquidationAnnulledBy": liquidation.annulled_by,
            "liquidationAnnulledAt": liquidation.annulled_at,
        }

    def _told_of_payment(self, payment: Payment) -> Mapping[str, Any]:
        live, annulled = self._states["payment"]
        return {
            "paymentId": payment.id,
            "paymentDate": payment.day,
            "paymentValue": int(payment.value),
            "paymentState": live if payment.annulled_by is None else annulled,
            "paymentRadicado": payment.radicado,
            "paymentRegisteredAt": payment.registered,
            "paymentAnnulledBy": payment.annulled_by,
            "paymentAnnulledAt": payment.annulled_at,
        }

    def _stamp_names(self, entity: int) -> Mapping[str, str]:
        """The names of the stamps that an entity uses, read when the first is needed."""
        if entity not in self._stamps:
            owners = dict.fromkeys((self._criteria.entities[entity], self._territorial))
            self._stamps[entity] = names.of_stamps(owners, self._deadline)
        return self._stamps[entity]


def _named(schema: str, code: str) -> str:
    return contract.code_names(schema)[code]
