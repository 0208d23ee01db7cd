"""The worker knows every job: it opens the rooms, and never imports their routes."""

import json
import subprocess
import sys

from kit import jobs
from tests.house import pages

AS_THE_WORKER = """
import json
from kit import jobs
from mobileapi import app
for room in app.ROOMS:
    app._running(room)
app.wiring.connect()
print(json.dumps(sorted(jobs._entries)))
"""


def test_the_worker_knows_every_job_there_is() -> None:
    said = subprocess.run(
        [sys.executable, "-c", AS_THE_WORKER], capture_output=True, text=True, check=True, cwd=pages.ROOT
    )
    known = set(json.loads(said.stdout.splitlines()[-1]))
    list(pages.modules())
    written = {name for name in jobs._entries if name.split(".")[0] in pages.PACKAGES}
    assert len(written) > 20
    assert written - known == set(), "import it in the room's lifespan.py"
