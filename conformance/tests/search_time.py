#!/usr/bin/env python3
"""How much processor time the doctor's longest search takes: a signature over a text that no mistake explains.

The server's own time is counted, so that a busy machine does not matter. Usage: search_time.py PROGRAM [TIMES]
"""

import http.client
import os
import pathlib
import subprocess
import sys

TICKS = os.sysconf("SC_CLK_TCK")
REQUEST = pathlib.Path(__file__).parents[2] / "mock-server/tests/it/corpus/token.http"
EXTRA = {
    "usual": "",
    "twenty short parameters": "".join(f"&p{number:02}=x" for number in range(20)),
    "eighty short parameters": "".join(f"&p{number:02}=x" for number in range(80)),
    "eighty long parameters": "".join(f"&p{number:02}={'x' * 600}" for number in range(80)),
    "one parameter of 60 kB": "&p=" + "x" * 60_000,
}


def processor_time(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def ask(address, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(address)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def main():
    program, times = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    head, form = REQUEST.read_text().strip().split("\n\n")
    # a code that was not signed
    form = form.replace("code=19fb", "code=18fb")
    header = next(line.split(": ", 1)[1] for line in head.split("\n") if line.startswith("Authorization: "))
    headers = {"Authorization": header, "Content-Type": "application/x-www-form-urlencoded"}
    arguments = [program, "serve", "--http", "127.0.0.1:0", "--log", "off"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            address = server.stdout.readline().strip().split("//")[1]
            number = 0
            for name, extra in EXTRA.items():
                before = processor_time(server)
                for _ in range(times):
                    number += 1
                    ask(address, "POST", "/com/v3/token", form + extra, {**headers, "Host": "127.0.0.1:5156"})
                    # whoever reads the journal waits for the search
                    assert b"but another text" in ask(address, "GET", f"/_mock/exchanges/{number}"), name
                print(f"{name}: {(processor_time(server) - before) * 1000 / times:.0f} ms a search")
        finally:
            server.kill()


main()
