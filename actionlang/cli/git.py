"""The scripts that a git repository has at some commit. Nothing is checked out: git hands out their texts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs

from actionlang.compile.project import FILE_NAME
from actionlang.diagnostics.catalogue import comparing as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

BLOB = "blob"
OF_HOOKS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})


@attrs.frozen
class Repository:
    """A git repository: the folder of its work tree, and the program that reads it."""

    root: Path
    program: str

    def commit(self, ref: str) -> str | None:
        """The commit that a ref (a branch, a tag, `HEAD~3`, a hash) stands for; None when it stands for none."""
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def write_scripts(self, commit: str, folder: Path) -> None:
        """Write the scripts and project files of a commit into a folder, each where it was in the repository.

        Raises ActionLangError when git fails.
        """
        found = list(self._scripts(commit))
        asked = b"".join(f"{digest}\n".encode() for digest, _ in found)
        data = self._needed("cat-file", "--batch", given=asked)
        position = 0
        for _, name in found:
            head_end = data.index(b"\n", position)
            head = data[position:head_end].split()
            if len(head) < 3:
                raise failed("cat-file", f"the text of {name} is missing from the repository".encode())
            size = int(head[2])
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data[head_end + 1 : head_end + 1 + size])
            position = head_end + size + 2

    def _scripts(self, commit: str) -> Iterator[tuple[str, str]]:
        """The hash and the name of each script and project file. Links are left out: they may lead anywhere."""
        listing = self._needed("ls-tree", "-r", "-z", "--full-tree", commit)
        for line in os.fsdecode(listing).split("\0")[:-1]:
            about, _, name = line.partition("\t")
            mode, kind, digest = about.split()
            is_ours = name.endswith(".act") or name.rpartition("/")[2] == FILE_NAME
            if is_ours and kind == BLOB and mode != "120000" and ".." not in name.split("/"):
                yield digest, name

    def _needed(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self._run(*arguments, given=given)
        if done.returncode != 0:
            raise failed(arguments[0], done.stderr)
        return done.stdout

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return run_git(self.program, self.root, *arguments, given=given)


def run_git(program: str, folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, and wait for it."""
    command = [program, "-C", str(folder), *arguments]
    # Inside a git hook these say which repository the hook is of, and where in it; here the folder says that.
    environment = {name: value for name, value in os.environ.items() if name not in OF_HOOKS}
    environment["LC_ALL"] = "C"
    return subprocess.run(  # noqa: S603
        command, input=given, capture_output=True, check=False, env=environment
    )


def failed(what: str, told: bytes) -> ActionLangError:
    """What is said where git does not do what it was asked."""
    lines = told.decode(errors="replace").strip().splitlines()
    message = f"git {what} failed: {lines[0] if lines else 'it does not say why'}"
    hint = "Run git status in the project, and see what it says."
    return ActionLangError(Diagnostic(codes.GIT_FAILED, f"{message.rstrip('.')}.", hint=hint))


def repository_of(folder: Path) -> Repository | None:
    """The git repository that a folder is in; None when it is in none.

    Raises ActionLangError when there is no git on this machine, or when it refuses.
    """
    import shutil

    program = shutil.which("git")
    if program is None:
        message = "git is not installed, or not on the PATH: a branch, tag or commit can not be looked up."
        hint = "Install it, or compare with a folder: actionlang breaking --against FOLDER"
        raise ActionLangError(Diagnostic(codes.NO_GIT, message, hint=hint))
    done = run_git(program, folder, "rev-parse", "--show-toplevel")
    if done.returncode == 0:
        return Repository(Path(os.fsdecode(done.stdout).rstrip("\n")), program)
    if b"not a git repository" in done.stderr:
        return None
    raise failed("rev-parse", done.stderr)
