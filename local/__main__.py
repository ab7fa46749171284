"""`python -m local` serves until Ctrl-C; `python -m local reset` deletes what the services stored here."""

import signal
import sys

from local import CannotRunError, say, server


def main(arguments: list[str]) -> int:
    """Run a command and give its exit status."""
    # Set explicitly: a process started in the background may have inherited both as ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        match arguments:
            case []:
                server.serve()
            case ["reset"]:
                server.reset()
            case _:
                say("Uso: python -m local [reset]", error=True)
                return 2
    except CannotRunError as error:
        say(str(error), error=True)
        return 1
    except KeyboardInterrupt:
        say("Detenido.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
