"""The project file, `actionlang.toml`: where the scripts are, which database, which time zone.

sources = ["verbs"]              # folders or files, relative to the project file; the default is the folder itself
database = "sqlite:///data.db"   # an SQLAlchemy URL; a relative SQLite path is relative to the project file
time_zone = "Europe/Berlin"      # what today() goes by; the default is UTC
layers = ["acme", "customer"]    # modules that override the same verbs, each above those before it
plugins = ["acme.plugins"]       # Python modules with plug-ins, for commands that run verbs; looked for here, too

[lints]                          # how much a lint weighs: "off", "warn" (the default), or "deny", an error for check
magic-id = "deny"                # all = "..." stands for every lint that is not named

[breaking]                       # which changes actionlang breaking and activate tell of
use = ["source"]                 # categories or rules; source, the default, has all
except = ["effect-widened"]      # categories or rules that are let pass

[server]                         # settings of actionlang serve, which reads them itself
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import attrs

from actionlang.contracts.choosing import Chosen
from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.lint.levels import ALL, LEVELS, Levels

FILE_NAME = "actionlang.toml"
KEYS = ("sources", "database", "time_zone", "layers", "plugins", "lints", "breaking", "server")
SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist"})


@attrs.frozen
class Project:
    """A folder of scripts. `root` is absolute; module names are relative to it. `lints` are levels of lints, by name;
    `breaking` says which changes of contracts are told; `layers` are modules in the order of their overrides, the topmost
    last; `plugins` are Python modules; `server` is the table of that name, as it was written."""

    root: Path
    sources: tuple[Path, ...]
    database: str | None = None
    time_zone: str = "UTC"
    lints: Levels = ()
    breaking: Chosen = attrs.field(factory=Chosen)
    layers: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    server: Mapping[str, object] = attrs.field(factory=dict, eq=False)

    def scripts(self) -> tuple[Path, ...]:
        """All `.act` files of the project, sorted by path.

        Raises ActionLangError when one of its sources is not there.
        """
        found: set[Path] = set()
        for source in self.sources:
            if not source.exists():
                name = display_name(source, self.root)
                raise _wrong(self.root / FILE_NAME, f"lists {name} under sources, but there is no such file or folder")
            found.update(scripts_under(source))
        return tuple(sorted(found))


def scripts_under(path: Path, shown_as: Path | None = None) -> list[Path]:
    """The `.act` files in a folder and below it, or the file itself, sorted. Hidden folders are left out.

    Raises ActionLangError when there is nothing at `path`; it names the path as `shown_as`.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        hint = "See how the path is written, and from which folder."
        raise ActionLangError(
            Diagnostic(codes.NO_SUCH_FILE, f"There is no file or folder {shown_as or path}.", hint=hint)
        )
    found: list[Path] = []
    for folder, inside, files in os.walk(path):
        inside[:] = [name for name in inside if not name.startswith(".") and name not in SKIPPED]
        found += [Path(folder, name) for name in files if name.endswith(".act")]
    return sorted(file for file in found if file.is_file())


def find_project(start: Path) -> Project:
    """The project that a folder is in: that of the nearest `actionlang.toml` upwards, or the folder itself without one.

    Raises ActionLangError when the project file can not be used.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return read_project(folder / FILE_NAME)
    return Project(start, (start,))


def read_project(file: Path) -> Project:
    """Read a project file. Raises ActionLangError naming what is wrong in it."""
    import tomllib
    import zoneinfo

    try:
        text = file.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(file, f"can not be read: {error}") from None
    for key in data:
        if key not in KEYS:
            raise _wrong(file, f"has the unknown key {key}", f"The keys are {', '.join(KEYS)}.")
    sources = data.get("sources", ["."])
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise _wrong(file, "must list folders under sources", 'For example sources = ["verbs"].')
    for key in ("database", "time_zone"):
        if not isinstance(data.get(key, ""), str):
            raise _wrong(file, f"must give {key} as a text in quotes")
    root = file.parent.resolve()
    zone = data.get("time_zone", "UTC")
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise _wrong(file, f"names the time zone {zone}, which does not exist", "For example Europe/Berlin.") from None
    places = tuple((root / source).resolve() for source in sources)
    lints, layers = _lints(file, data.get("lints", {})), _layers(file, data.get("layers", []))
    plugins = data.get("plugins", [])
    if not isinstance(plugins, list) or not all(isinstance(name, str) for name in plugins):
        raise _wrong(file, "must list Python modules under plugins", 'For example plugins = ["acme.plugins"].')
    server = data.get("server", {})
    if not isinstance(server, dict):
        raise _wrong(
            file, "must have the server's settings in a table", "[server] and below it, for example, port = 8080."
        )
    breaking = _breaking(file, data)
    return Project(root, places, _database(root, data), zone, lints, breaking, layers, tuple(plugins), server)


def _layers(file: Path, data: object) -> tuple[str, ...]:
    """The order of layers. Raises ActionLangError naming what is wrong with it."""
    if not isinstance(data, list) or not all(isinstance(name, str) for name in data):
        raise _wrong(file, "must list modules under layers", 'For example layers = ["acme", "customer"].')
    for number, name in enumerate(data):
        if name in data[:number]:
            raise _wrong(file, f"lists {name} twice under layers", "Leave one of the two out.")
        if not any((file.parent / f"{path}.act").is_file() for path in (name, name.replace(".", "/"))):
            hint = "A module is named by its file below the project file, with dots, without the suffix: acme.customer."
            raise _wrong(file, f"lists {name} under layers, but there is no such module", hint)
    return tuple(data)


def _lints(file: Path, data: object) -> Levels:
    """The levels of lints. Raises ActionLangError naming what is wrong with them."""
    from actionlang.diagnostics.catalogue import all_codes

    if not isinstance(data, dict):
        raise _wrong(file, "must list lints in a table", '[lints] and below it, for example, magic-id = "deny".')
    names = {ALL, *(code.id for code in all_codes() if code.is_lint)} if data else set()
    for name, level in data.items():
        if name not in names:
            raise _wrong(file, f"names the unknown lint {name}", "actionlang check --lints lists them.")
        if level not in LEVELS:
            raise _wrong(file, f"gives the lint {name} no level", f"The levels are {', '.join(LEVELS)}.")
    return tuple(data.items())


def _breaking(file: Path, data: dict[str, object]) -> Chosen:
    """The rules of compatibility that count. Raises ActionLangError naming what is wrong with them."""
    written = data.get("breaking", {})
    if not isinstance(written, dict):
        raise _wrong(file, "must list rules in a table", '[breaking] and below it, for example, use = ["call"].')
    if not written:
        return Chosen()
    from actionlang.contracts.rules import WORDS

    for key, words in written.items():
        if key not in ("use", "except"):
            raise _wrong(file, f"has the unknown key {key} in [breaking]", "The keys are use and except.")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise _wrong(
                file, f"must list rules or categories under {key} in [breaking]", 'For example use = ["call"].'
            )
        for word in words:
            if word not in WORDS:
                raise _wrong(file, f"names the unknown rule {word}", "actionlang breaking --rules lists them.")
    return Chosen(tuple(written.get("use", Chosen().use)), tuple(written.get("except", ())))


def _database(root: Path, data: dict[str, object]) -> str | None:
    """The database URL, a relative SQLite path made absolute."""
    url = data.get("database")
    if not isinstance(url, str):
        return None
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/") and len(url) > len(prefix):
        return f"{prefix}{root / url[len(prefix) :]}"
    return url


def _wrong(file: Path, what: str, hint: str | None = None) -> ActionLangError:
    return ActionLangError(Diagnostic(codes.BAD_PROJECT_FILE, f"{file} {what}.", hint=hint))


def display_name(path: Path, root: Path) -> str:
    """How a file is shown: relative to the project where it is inside it, with forward slashes."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def module_name(path: Path, root: Path) -> str:
    """A script's module name: its path below the project's root, dotted, without suffix."""
    try:
        parts = path.relative_to(root).with_suffix("").parts
    except ValueError:
        parts = (path.stem,)
    return ".".join(parts)
