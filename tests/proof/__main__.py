"""`make prove`: the proof in full. `make prove SEED=7 ONLY=histories` repeats a part; ONLY is how a job's name begins.

What is called, and what befalls it, follows from the seed; which of two threads comes first does not.
"""

import multiprocessing
import os
import queue
import secrets
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.queues import Queue

from tests.proof import jobs, worker
from tests.proof.display import Display, say

PROCESSES = 2
POLL = 0.5  # seconds from one look at the jobs to the next


def main() -> int:
    """Run the jobs and give the exit status."""
    seed = os.environ.get("SEED") or str(secrets.randbelow(10**6))
    only = os.environ.get("ONLY") or ""
    names = [name for name in jobs.JOBS if name.startswith(only)]
    if not names:
        say(f"ONLY={only}: there is none such among {', '.join(jobs.JOBS)}")
        return 2
    say(f"SEED={seed}")
    context = multiprocessing.get_context("spawn")
    progress: Queue[tuple[str, int]] = context.Queue()
    display = Display({name: jobs.JOBS[name].goal for name in names})
    with ProcessPoolExecutor(PROCESSES, context, worker.keep, (progress,)) as pool:
        running = {pool.submit(worker.run, name, seed): name for name in names}
        results = _results(running, progress, display)
    say(display.summary(results))
    failed = sorted(name for name, result in results.items() if result.wrong)
    for name in failed:
        say(f"Again: make prove SEED={seed} ONLY={name}")
    return 1 if failed else 0


def _results(
    running: dict[Future[jobs.Result], str], progress: "Queue[tuple[str, int]]", display: Display
) -> dict[str, jobs.Result]:
    results: dict[str, jobs.Result] = {}
    while len(results) < len(running):
        try:
            name, count = progress.get(timeout=POLL)
            display.progress(name, count)
        except queue.Empty:
            pass
        for future, name in running.items():
            if future.done() and name not in results:
                results[name] = future.result()
                display.ended(name, results[name])
    return results


if __name__ == "__main__":
    sys.exit(main())
