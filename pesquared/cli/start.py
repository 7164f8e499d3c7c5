"""The first moments of the program, in which the rest of it is imported: Ctrl-C must end these quietly, too."""

import os
import sys

INTERRUPTED = 130
_STDERR = 2


def start() -> None:
    """Runs the command line and exits with its code."""
    try:
        from pesquared.cli.outputs import open_missing_streams

        open_missing_streams()
        from pesquared.cli.main import main

        main()
    except KeyboardInterrupt:
        os.write(_STDERR, b"interrupted\n")
        sys.exit(INTERRUPTED)
