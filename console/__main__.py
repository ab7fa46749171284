"""`python -m console`: reads a command, does it and leaves with 0 (done), 1 (refused) or 2 (not understood)."""

import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException

from console import failures, inputs, registry
from console.commands import OutputError
from console.registry import RegistryError
from console.spanish import argparse_in_spanish
from console.syntax import PROGRAM, parser
from shared.rejection import Rejection


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; the exit code. --help and bad usage leave at once, as argparse does (SystemExit)."""
    with argparse_in_spanish():
        typed = parser().parse_args(arguments)
    unready = inputs.wrong_in_environment()
    if unready:
        return _leave(2, f"{unready}. Vea `{PROGRAM} --help`.")
    try:
        registry.check_environment()
        typed.run(typed)
    except (RegistryError, OutputError) as error:
        return _leave(1, str(error))
    except (PynamoDBException, BotoCoreError) as error:
        return _leave(1, failures.explanation(error))
    except Rejection:
        return _leave(1, failures.UNAVAILABLE)
    except KeyboardInterrupt:
        return _leave(1, f"Interrumpido. {typed.interrupted}")
    return 0


def _leave(code: int, why: str) -> int:
    print(f"{PROGRAM}: {why}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
