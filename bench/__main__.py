"""Every benchmark, one after the other: `make bench`. Each prints ratios to a floor or limit taken in the same run."""

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    here = Path(__file__).parent
    benches = sorted(f.stem for f in here.glob("*.py") if f.stem in {"chat", "limits", "matching", "payments", "reads"})
    for name in benches:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True, cwd=here.parent)
