"""kill -9 under load, of the engine and of the serving process: what was acknowledged is there, nothing by halves."""

import itertools
import random
import shlex
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import engine as dynoxide
from local import folder as local_folder
from tests.proof.found import Found
from tests.proof.rows import Books, read
from tests.proof.site import Site
from tests.proof.stories import Crowd, Done, lost, verify
from tests.proof.world import CAPITAL, INSTITUTE, at_once, memory, world
from tests.test_local_run import running

CLIENTS = 6
DEADLINE = 0.2  # seconds: some calls end as 503 before the engine is back
BETWEEN = (20, 120)  # writes acknowledged from one kill to the next


@dataclass
class Figures:
    """What the kills amounted to."""

    kills: int
    writes: int
    unanswered: int


def prove_engine(seed: str, kills: int, progress: Callable[[int], None]) -> Figures:
    """Kill the engine so many times under load, each time starting another on the same file. Raises Found."""
    chance = random.Random(seed)
    with world(deadline=DEADLINE) as here, ExitStack() as engines, at_once(CLIENTS) as pool:
        crowd = Crowd(lambda call: here.clients[call.entity].post(call.operation, call.body(), call.headers()))
        with _telling(seed, crowd, pool) as stories:
            for number in range(kills):
                crowd.wait_for(len(crowd.done) + chance.randint(*BETWEEN))
                here.engine.process.kill()
                here.engine.process.wait()
                acknowledged = list(crowd.done)
                here.engine = engines.enter_context(dynoxide.running(here.folder))
                # Nobody reaches it yet.
                _look(seed, acknowledged, Books(read(here.engine.endpoint, here.table)))
                here.proxy.engine = here.engine.endpoint
                progress(number + 1)
            crowd.wait_for(len(crowd.done) + BETWEEN[0])
            crowd.stop()
            _finish(stories)
        crowd.wrong += here.failures
        verify(seed, crowd, here.books())
        return Figures(kills, len(crowd.done), crowd.unanswered)


def prove_server(seed: str, kills: int, progress: Callable[[int], None]) -> Figures:
    """Kill `python -m local` so many times under load, its engine with it, and start it again. Raises Found."""
    chance = random.Random(seed)
    port = _free_port()
    site = Site(port)
    crowd = Crowd(site.post)
    with memory() as folder, at_once(CLIENTS) as pool, ExitStack() as told:
        told.callback(site.close)
        for number in range(kills):
            acknowledged = list(crowd.done)
            with running(folder, PORT=str(port)) as run:  # and killed in the end, whatever it is at
                # Nobody reaches it yet.
                _look(seed, acknowledged, _books(folder))
                site.open({entity["nit"]: entity["token"] for entity in run.demo["entities"]})
                if not number:
                    stories = told.enter_context(_telling(seed, crowd, pool))
                crowd.wait_for(len(crowd.done) + chance.randint(*BETWEEN))
            progress(number + 1)
        with running(folder, PORT=str(port)) as run:
            _look(seed, list(crowd.done), _books(folder))
            site.open({entity["nit"]: entity["token"] for entity in run.demo["entities"]})
            crowd.wait_for(len(crowd.done) + BETWEEN[0])
            crowd.stop()
            _finish(stories)
            verify(seed, crowd, _books(folder))
        return Figures(kills, len(crowd.done), crowd.unanswered)


@contextmanager
def _telling(seed: str, crowd: Crowd, pool: ThreadPoolExecutor) -> Iterator[list[Future[None]]]:
    """Clients at once that go on until they are stopped, as they are in any case at the end."""
    entities = (CAPITAL, INSTITUTE)
    for entity in entities:
        pool.submit(crowd.share, entity).result()
    try:
        yield [
            pool.submit(crowd.tell, f"{seed}/{number}", entity, str(number))
            for number, entity in zip(range(CLIENTS), itertools.cycle(entities), strict=False)
        ]
    finally:
        crowd.stop()


def _finish(stories: Iterable[Future[None]]) -> None:
    for each in stories:
        each.result()


def _look(seed: str, acknowledged: list[Done], books: Books) -> None:
    """What a kill left. Raises Found."""
    if wrong := [*books.problems(), *lost(acknowledged, books)]:
        raise Found(seed, f"lost or half-written by a kill after {len(acknowledged)} writes", wrong)


def _books(folder: Path) -> Books:
    """The table of a local run, from what it wrote for shells to source."""
    words = (
        word for line in (folder / local_folder.ENVIRONMENT).read_text().splitlines() for word in shlex.split(line)
    )
    environment = dict(word.split("=", 1) for word in words if "=" in word)
    return Books(read(environment["AWS_ENDPOINT_URL_DYNAMODB"], environment["TABLE_NAME"]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
