"""`python -m envd`, and the command `envd`: a signal that ends the process ends it as that signal does."""

# `signal` is what lies on top of `_signal`, and takes 10 ms to load: a Ctrl-C until then would be a traceback.
import _signal as signal  # type: ignore[import-not-found]  # it has no stubs
import os
import sys

_LOADING = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _LOADING:
    # While the rest is loading there is nobody to catch it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def enter() -> None:
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
