"""What users install: the wheel, a wheel built from the sdist and an editable install all carry the language's data.

Each is installed into a virtual environment of its own. Building needs setuptools, which the test lock holds, and no
network.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
PARTS = (
    "actionlang",
    "grammar",
    "stdlib",
    "docs/errors",
    "docs/lints",
    "docs/breaking",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
SCHEMA = "actionlang.plan-1.schema.json"
FORMS = ("wheel", "sdist", "editable")

# What every install must answer: where the package is, and which data files it finds through importlib.resources.
PROBE = f"""
import importlib.resources as resources, json, actionlang
def names(package):
    return sorted(each.name for each in resources.files(package).iterdir() if not each.name.startswith("__"))
print(json.dumps({{
    "home": actionlang.__path__[0],
    "grammar": resources.files("actionlang.grammar").joinpath("actionlang.lark").read_text("utf-8"),
    "stdlib": [each for each in names("actionlang.stdlib") if each.endswith(".act")],
    "pages": [each for each in names("actionlang.error_pages") if each.endswith(".md")],
    "schema": resources.files("actionlang.plan").joinpath("{SCHEMA}").read_text("utf-8"),
    "typed": resources.files("actionlang").joinpath("py.typed").is_file(),
}}))
"""


def call(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(hook: str, source: Path, target: Path) -> Path:
    """Call a hook of the build backend as pip does (PEP 517, PEP 660); the file it makes."""
    target.mkdir()
    program = f"import setuptools.build_meta as backend, sys; backend.{hook}(sys.argv[1])"
    call(sys.executable, "-c", program, target, folder=source)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the package is built from, so that building leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, copy / part)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_wheel", source, tmp_path_factory.mktemp("wheel") / "dist")


@pytest.fixture(scope="module")
def wheel_of_sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    archive = build("build_sdist", source, folder / "dist")
    shutil.unpack_archive(archive, folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return build("build_wheel", unpacked, folder / "wheel")


@pytest.fixture(scope="module")
def editable(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("build_editable", source, tmp_path_factory.mktemp("editable") / "dist")


@pytest.fixture(scope="module")
def installed(
    wheel: Path, wheel_of_sdist: Path, editable: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The folder of the programs of a fresh environment that the package was installed into in this form."""
    made: dict[str, Path] = {}
    files = dict(zip(FORMS, (wheel, wheel_of_sdist, editable), strict=True))

    def install(form: str) -> Path:
        if form not in made:
            made[form] = environment(tmp_path_factory.mktemp(f"env_{form}"), files[form])
        return made[form]

    return install


def environment(folder: Path, package: Path) -> Path:
    """Make a virtual environment with the package; what it depends on is lent by the one that runs the tests."""
    call(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--quiet", "--disable-pip-version-check"]
    call(*pip, "install", "--no-index", "--no-deps", package, folder=folder)
    paths = json.loads(
        call(python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()))", folder=folder)
    )
    # A path that a .pth file adds is searched last, and .pth files there (an editable ActionLang) are not read.
    Path(paths["purelib"], "lent.pth").write_text(sysconfig.get_paths()["purelib"], "utf-8")
    return python.parent


def listing(folder: Path, pattern: str) -> list[str]:
    return sorted(each.name for each in folder.glob(pattern))


@pytest.mark.parametrize("form", FORMS)
def test_an_install_finds_grammar_standard_library_error_pages_and_schema(
    form: str, installed: Callable[[str], Path], source: Path
) -> None:
    found = json.loads(call(installed(form) / "python", "-I", "-c", PROBE, folder=source.parent))
    home = source / "actionlang" if form == "editable" else installed(form).parent
    assert Path(found["home"]).is_relative_to(home)
    assert found["grammar"] == (ROOT / "grammar" / "actionlang.lark").read_text("utf-8")
    assert found["stdlib"] == listing(ROOT / "stdlib", "*.act")
    assert found["pages"] == listing(ROOT / "docs" / "errors", "*.md")
    assert found["schema"] == (ROOT / "actionlang" / "plan" / SCHEMA).read_text("utf-8")
    assert found["typed"]


@pytest.mark.parametrize("form", FORMS)
def test_an_install_has_the_command(form: str, installed: Callable[[str], Path], source: Path) -> None:
    assert "Usage: actionlang" in call(installed(form) / "actionlang", "--help", folder=source.parent)


def test_every_file_of_every_package_folder_is_in_the_wheel(wheel: Path) -> None:
    folder = ROOT / "actionlang"
    files = (each.relative_to(ROOT) for each in folder.rglob("*") if each.is_file())
    expected = {each.as_posix() for each in files if not any(part.startswith((".", "__pyc")) for part in each.parts)}
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_every_package_folder_is_listed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    folders = {each.parent.relative_to(ROOT) for each in (ROOT / "actionlang").rglob("*.py")}
    expected = {".".join(each.parts) for each in folders} | {f"actionlang.{name}" for name in ("grammar", "stdlib")}
    assert set(listed) == expected | {"actionlang.error_pages", "actionlang.lint_pages", "actionlang.breaking_pages"}


def test_sdist_and_checkout_give_the_same_wheel(wheel: Path, wheel_of_sdist: Path) -> None:
    first, second = zipfile.ZipFile(wheel), zipfile.ZipFile(wheel_of_sdist)
    assert sorted(first.namelist()) == sorted(second.namelist())
    modules = [name for name in first.namelist() if ".dist-info/" not in name]
    assert [name for name in modules if first.read(name) != second.read(name)] == []


def test_tests_do_not_ship(wheel: Path) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if "tests/" in name] == []


def test_locks_hold_hashes_and_name_no_place() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock
        pins = text.count("==") - text.count("python_version ==")
        assert 0 < pins <= text.count("--hash=sha256:"), lock
