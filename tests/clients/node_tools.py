"""TypeScript's compiler and Node.js for tests: installed once a machine, from a lock that names hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

LOCKED = Path(__file__).parent / "node"
FILES = ("package.json", "package-lock.json", ".npmrc")


@cache
def modules() -> Path:
    """The folder `node_modules` with what the lock names."""
    digest = sha256(b"".join((LOCKED / name).read_bytes() for name in FILES)).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"actionlang-node-{os.getuid()}-{digest}"
    if not kept.is_dir():
        with tempfile.TemporaryDirectory(prefix="actionlang-node-") as made:
            for name in FILES:
                shutil.copy(LOCKED / name, made)
            subprocess.run(["npm", "ci"], cwd=made, check=True, capture_output=True, text=True)
            # Whoever is first puts it there; others that were at it at the same time take that.
            new = kept.with_name(f"{kept.name}.{os.getpid()}")
            shutil.move(Path(made), new)
            Path(made).mkdir()
            try:
                new.rename(kept)
            except OSError:
                shutil.rmtree(new)
    return kept / "node_modules"


def tsc(folder: Path, *options: str) -> list[str]:
    """What the compiler says of a package, a line each; nothing where all is well."""
    compiler = modules() / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        ["node", compiler, "-p", folder, "--pretty", "false", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert not done.stderr, done.stderr
    assert (done.returncode == 0) == (not done.stdout), done
    return done.stdout.splitlines()


def node(program: Path, *arguments: str) -> str:
    """What a program prints."""
    done = subprocess.run(
        ["node", program, *arguments], check=False, capture_output=True, text=True, cwd=program.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
