"""Talks to `welkin wire`: JSON lines in, JSON lines out."""

import json
import subprocess
import threading


class Driver:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def batch(self, commands):
        """Sends all commands and gives their answers, in order."""
        lines = [json.dumps(command).encode() + b"\n" for command in commands]
        writer = threading.Thread(target=self._write, args=(b"".join(lines),))
        writer.start()
        answers = []
        for number in range(len(lines)):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"welkin wire ended at command {lines[number][:2000]!r}")
            answers.append(json.loads(line))
        writer.join()
        return answers

    def _write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        if self.process.wait(timeout=10) != 0:
            raise RuntimeError("welkin wire failed")
