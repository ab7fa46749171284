"""Schemathesis on a run of the services of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile import services
from tests.hostile.watch import leaks
from tests.test_local_run import ROOT, running

CONFIG = Path(__file__).with_name("schemathesis.toml")
BIG_ACT = {
    "actDocumentCode": services.CODE,
    "platform": 4,
    "generatorFactValue": "999999999999999999.99",
    "generatorFactStartDate": "0001-01-01 00:00:00",
    "generatorFactEndDate": "9999-12-31 23:59:59",
    "parametricActDocumentCodeType": "AD4",
    "payerDocumentParametricTypeCode": "CC",
    "taxpayerDocumentNumber": services.TAXPAYER,
    "taxpayerName": "Sujeto Hostil",
}
BIG_LIQUIDATION = {
    "actDocumentCode": services.CODE,
    "liquidatedValueId": services.LIQUIDATION,
    "stampNumber": services.STAMP,
    "liquidatedValue": "9" * 17,
    "type": 1,
}


@dataclass(frozen=True)
class Outcome:
    """How a run of Schemathesis ended: what it printed, its report, and what stood in the log that must not."""

    status: int
    printed: str
    report: dict[str, Any]
    leaked: set[str]

    @property
    def cases(self) -> int:
        """The requests that it generated and checked."""
        return int(self.report["test_cases"]["generated"])

    @property
    def accepted(self) -> int:
        """Those of right data that were registered."""
        rates = self.report["valid_rates"].values()
        return sum(phase["accepted"] for phases in rates for phase in phases.values())


def run(folder: Path, seed: int, phases: str, examples: int, *, shown: bool = False) -> Outcome:
    """Send `examples` bodies per operation when fuzzing, and what other phases make; same seed, same cases."""
    report = folder / "report.json"
    with running(folder / "local", PUBLIC_STEP_MILLISECONDS="0") as services_run:
        for operation, body in (("registerActDocument", BIG_ACT), ("registerLiquidation", BIG_LIQUIDATION)):
            assert services_run.post(operation, body)[0] == 200
        command = [
            *(Path(sys.executable).with_name("st"), "--config-file", CONFIG, "run"),
            *(services_run.demo["baseUrl"] + "/openapi.json", "--seed", seed, "--phases", phases),
            *("--max-examples", examples, "--report", "json", "--report-json-path", report),
        ]
        done = subprocess.run(
            [str(each) for each in command],
            cwd=ROOT,
            env=os.environ | {"SIGEC_TOKEN": services_run.tokens()[1], "SCHEMATHESIS_HOOKS": "tests.hostile.services"},
            stdout=None if shown else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log = (folder / "local" / "log.jsonl").read_text() + (folder / "local" / "engine.log").read_text()
        leaked = leaks(log, [*services_run.tokens(), services.TAXPAYER, "Sujeto Hostil"])
        assert services_run.post("registerActDocument", BIG_ACT)[1]["existing"]["identical"]
    return Outcome(done.returncode, done.stdout or "", json.loads(report.read_text()), leaked)
