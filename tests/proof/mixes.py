"""What may befall a call to the table, by name, and plans that let it befall calls by chance, seeded."""

import json
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests import fault_proxy
from tests.fault_proxy import Fault

WRITE = "TransactWriteItems"
PATIENCE = 3.0  # seconds that the functions wait for an answer


def lose_request(_: random.Random) -> Fault:
    """It never reaches the table."""
    return fault_proxy.drop_request


def lose_answer(_: random.Random) -> Fault:
    """The table does it, and nobody hears so."""
    return fault_proxy.drop_answer


def break_off(_: random.Random) -> Fault:
    """The table does it, and the connection breaks in the middle of the answer."""

    def fault(handler: Any, _target: str, body: bytes) -> None:
        status, answer = handler.forward(body)
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer[: len(answer) // 2])
        handler.hang_up()

    return fault


def lose_answer_and_memory(_: random.Random) -> Fault:
    """The table does it, nobody hears so, and it does not know the next attempt for the same."""

    def fault(handler: Any, _target: str, body: bytes) -> None:
        call = json.loads(body)
        call.pop("ClientRequestToken", None)
        handler.forward(json.dumps(call).encode())
        handler.hang_up()

    return fault


def delay(chance: random.Random) -> Fault:
    """It takes a while on its way, or its answer does."""
    before, after = chance.choice([(0, 1), (1, 0), (0.5, 0.5)])
    seconds = chance.expovariate(1 / 0.008)
    return _delayed(before * seconds, after * seconds)


def slower_than(patience: float) -> Callable[[random.Random], Fault]:
    """It reaches the table, or its answer the caller, when the caller no longer waits; its patience is in seconds."""

    def come_too_late(chance: random.Random) -> Fault:
        late = patience * chance.uniform(1.05, 1.5)
        return _delayed(*chance.choice([(late, 0), (0, late)]))

    return come_too_late


def fail(chance: random.Random) -> Fault:
    """The table fails with 500, or is not there."""
    return chance.choice(
        [fault_proxy.error(500, "InternalServerError"), fault_proxy.error(503, "ServiceUnavailable")],
    )


def throttle(chance: random.Random) -> Fault:
    """The table refuses the call for the time being."""
    code = chance.choice(["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"])
    return fault_proxy.error(400, code)


def throttle_one(chance: random.Random) -> Fault:
    """The table refuses one write of the transaction for the time being."""
    return _cancelled(chance, "ThrottlingError")


def conflict(chance: random.Random) -> Fault:
    """Another transaction has one of the rows; conditions of others may fail at the same time."""
    return _cancelled(chance, "TransactionConflict")


def in_progress(_: random.Random) -> Fault:
    """The table is still at an earlier attempt of the same transaction."""
    return fault_proxy.error(400, "TransactionInProgressException")


def nothing(_: random.Random) -> Fault:
    """No fault."""
    return fault_proxy.answer_truly


# Name of a mix -> its faults and their weights.
MIXES: Mapping[str, Mapping[Any, float]] = {
    "request lost": {lose_request: 1},
    "answer lost": {lose_answer: 2, lose_answer_and_memory: 2, break_off: 1},
    "delay": {delay: 1, slower_than(PATIENCE): 0.005},
    "500": {fail: 1},
    "throttling": {throttle: 1, throttle_one: 1},
    "conflict": {conflict: 1},
    "in progress": {in_progress: 1},
}
MIXES = {
    **MIXES,
    "all mixed": {fault: weight for mix in MIXES.values() for fault, weight in mix.items()},
}
ONLY_WRITES = (conflict, in_progress, throttle_one)


class Chance:
    """A plan for the proxy: a call meets a fault of the mix with probability `rate`, and now and then many in a row."""

    def __init__(self, seed: str, mix: Mapping[Any, float], rate: float, outage: int = 0) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._mix = mix
        self._rate = rate
        self._outage = outage
        self._left = 0
        self.met = 0

    def __call__(self, target: str) -> Fault | None:
        """What befalls the next call to this target."""
        with self._lock:
            if self._outage and self._random.random() < self._rate / self._outage / 4:
                self._left = self._outage
            self._left = max(0, self._left - 1)
            if not self._left and self._random.random() >= self._rate:
                return None
            fault = self._random.choices([*self._mix], [*self._mix.values()])[0]
            if target != WRITE and fault in ONLY_WRITES:
                return None
            self.met += 1
            return fault(self._random)


def _delayed(before: float, after: float) -> Fault:
    def fault(handler: Any, _target: str, body: bytes) -> None:
        threading.Event().wait(before)
        answer = handler.forward(body)
        threading.Event().wait(after)
        handler.reply(*answer)

    return fault


def _cancelled(chance: random.Random, code: str) -> Fault:
    dice = chance.random()

    def fault(handler: Any, _target: str, body: bytes) -> None:
        others = ["None" if dice < 0.5 else "ConditionalCheckFailed"]
        reasons = others * len(json.loads(body).get("TransactItems", "-"))
        reasons[int(dice * 1000) % len(reasons)] = code
        fault_proxy.cancelled(*reasons)(handler, "", body)

    return fault
