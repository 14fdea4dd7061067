"""`python -m envd`, and the command `envd`: a signal that ends the process ends it as that signal does."""

import os
import signal
import sys
from typing import NoReturn

# A Ctrl-C while Python is still loading has nobody to catch it: it is to end the process without a traceback.
_LOADING = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _LOADING:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def enter() -> NoReturn:
    """Run the command line of this process, and end by the signal that cut it off: a loop of the shell's ends then, too."""
    from envd.cli.main import main
    from envd.core.errors import Ended

    if _LOADING:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        code = main()
    except Ended as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)
        raise
    sys.exit(code)


if __name__ == "__main__":
    enter()
