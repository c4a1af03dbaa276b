"""For pytest, by bench/diagnosis: counts the faults of the tests of the diagnosis, those that it named rightly and first, and how long that
took. The counts go into the file COUNT_CAUSES."""
import json
import os
import time

import faults

NAMED, MISSED = [], []
ask_for = faults.expect_cause


def expect_cause(pod, cause, *arguments, **more):
    began = time.monotonic()
    try:
        found = ask_for(pod, cause, *arguments, **more)
    except BaseException:
        MISSED.append(cause)
        raise
    NAMED.append((cause, time.monotonic() - began))
    return found


# Before the tests import it.
faults.expect_cause = expect_cause


def pytest_sessionfinish():
    with open(os.environ["COUNT_CAUSES"], "w", encoding="ascii") as file:
        json.dump({"named": NAMED, "missed": MISSED}, file)
