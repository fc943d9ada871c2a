"""The driver protocol of myinfo-conformance for Python: a JSON object a line on stdin, answers behind `@mdp ` on stdout."""

import json
import sys

VERBS = ("hello", "configure", "start", "callback", "reset", "bye")


def serve(driver):
    """Answers each message by the method of the driver that its type names, until `bye` was answered."""
    verbs = {name: getattr(driver, name) for name in VERBS}
    for line in sys.stdin.buffer:
        message = json.loads(line)
        verb = verbs.get(message["type"])
        answer = verb(message) if verb else {"unsupported": True}
        print("@mdp " + json.dumps({"id": message["id"], **answer}), flush=True)
        if message["type"] == "bye":
            break
