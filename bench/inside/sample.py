"""One process, one sample: CPU from interpreter start to first answer, CPU per later call, and the memory's peak.

    python -S -m sample <module>:<attribute> <event file> <warm calls>

Prints one line of JSON to standard error; the function's log lines go to standard output.
"""

import importlib
import json
import sys
import time
from pathlib import Path

from unique import fresh

SETTLING = 10  # calls after the first that are not counted as warm


def main() -> None:
    """Measure and print."""
    _, handler_name, event_file, calls = sys.argv
    module, _, attribute = handler_name.partition(":")
    handler = getattr(importlib.import_module(module), attribute)
    template = Path(event_file).read_text(encoding="utf-8")
    _call(handler, _event(template))
    cold = time.process_time()
    for _ in range(SETTLING):
        _call(handler, _event(template))
    events = [_event(template) for _ in range(int(calls))]
    before = time.process_time()
    for event in events:
        _call(handler, event)
    warm = (time.process_time() - before) / len(events)
    print(json.dumps({"cold": cold * 1000, "warm": warm * 1000, "peak": _peak()}), file=sys.stderr)  # noqa: T201 - its output


def _event(template):  # noqa: ANN001, ANN202 - types would cost the sample an import
    return json.loads(fresh(template))


def _call(handler, event) -> None:  # noqa: ANN001
    answer = handler(event, None)
    if answer["statusCode"] != 200:
        raise SystemExit(f"the call was refused: {answer}")


def _peak() -> float:
    """MiB. Of this program alone: getrusage would count the process that it was started from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


main()
