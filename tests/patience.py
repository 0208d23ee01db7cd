"""
How long tests wait for what must come.

A busy machine is slow, not wrong: waiting is generous, and costs nothing where things come at once. The seconds a goal
allows are asked for where the machine is left to the test (`SLOW=1`, and the drills); beside others they are wider.
"""

import os

WAIT_S = 45.0
WAIT_MS = WAIT_S * 1000
BUSY = 1.0 if os.environ.get("SLOW") else 6.0  # limits are that much wider where the whole suite runs beside
