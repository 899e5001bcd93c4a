"""A short run of the campaign that kills the server among decisions; `tests/bench/desk_kill.py` is the long one."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench" / "desk_kill.py"


def test_decisions_that_were_acknowledged_survive_kills_of_the_server_and_are_there_once():
    command = [sys.executable, str(BENCH), "--decisions", "60", "--people", "4", "--seed", "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False)
    result = json.loads(done.stdout)
    assert result["faults"] == []
    assert result["acknowledged"] >= 60
    assert result["kills"] >= 2
    assert done.returncode == 0
