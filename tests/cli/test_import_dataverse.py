"""`actionlang import dataverse`, as its users call it."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import COMMAND, actionlang, environment
from tests.metadata.sources.documents import CLOSING, OPENING, ORGANISATION, document, entity

SMALL = document(entity("incident", '<Property Name="title" Type="Edm.String"/>'), entity("account"))
SCRIPT = """table account <
  accountid id primary;
>

table incident <
  incidentid id primary;
  title text;
>
"""


def test_a_file_is_written_and_checks(tmp_path: Path) -> None:
    (tmp_path / "metadata.xml").write_bytes(ORGANISATION.read_bytes())
    done = actionlang(tmp_path, "import", "dataverse", "metadata.xml", "-o", "tables.act")
    assert done.fine() == (
        "Wrote tables.act: 12 tables, 3 choices, 6 actions, 3 functions.\n"
        "32 comments in it tell what the document has and the script can not say.\n"
    )
    assert actionlang(tmp_path, "check").fine() == "1 script checked: no problems found.\n"
    made = actionlang(tmp_path, "tables", "create", "--db", "cases.db").fine().splitlines()
    assert {"created  user", "created  team", "created  dataverse_team", "created  incident"} <= set(made)


def test_without_a_file_the_script_goes_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "metadata.xml").write_bytes(SMALL)
    done = actionlang(tmp_path, "import", "dataverse", "metadata.xml")
    assert (done.status, done.error) == (0, "2 tables, 0 choices, 0 actions, 0 functions.\n")
    assert done.out.endswith(f"\n\n{SCRIPT}")
    assert list(tmp_path.iterdir()) == [tmp_path / "metadata.xml"]


@pytest.mark.parametrize("data", [SMALL, gzip.compress(SMALL)], ids=["plain", "gzip"])
def test_standard_input(tmp_path: Path, data: bytes) -> None:
    command = [*COMMAND, "import", "dataverse", "-", "-o", "tables.act"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), input=data, capture_output=True, check=True, timeout=120
    )
    assert done.stdout == b"Wrote tables.act: 2 tables, 0 choices, 0 actions, 0 functions.\n"
    script = (tmp_path / "tables.act").read_text("utf-8")
    assert script.startswith("# From <stdin>, a $metadata document of Dataverse.\n")
    assert script.endswith(SCRIPT)


def test_what_is_not_asked_for_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "metadata.xml").write_bytes(ORGANISATION.read_bytes())
    done = actionlang(
        tmp_path, "import", "dataverse", "metadata.xml", "--tables", "list", "--tables", "acc*", "-o", "a.act"
    )
    assert done.fine().splitlines()[:2] == [
        "Wrote a.act: 2 tables, 3 choices, 1 action, 0 functions.",
        "8 operations left out: they are not on the tables asked for.",
    ]
    assert actionlang(tmp_path, "check").fine() == "1 script checked: no problems found.\n"


def test_a_script_that_is_there_is_written_over_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "metadata.xml").write_bytes(SMALL)
    (tmp_path / "tables.act").write_text("# mine\n")
    done = actionlang(tmp_path, "import", "dataverse", "metadata.xml", "-o", "tables.act")
    assert (done.status, done.error.splitlines()[0]) == (1, "error[E0908]: tables.act is there already.")
    assert (tmp_path / "tables.act").read_text() == "# mine\n"
    actionlang(tmp_path, "import", "dataverse", "metadata.xml", "-o", "tables.act", "--force").fine()
    assert (tmp_path / "tables.act").read_text().endswith(SCRIPT)


WIDE = (
    OPENING.encode()
    + b"".join(
        f'<EntityType Name="t{number}_{"x" * 4200}"><Property Name="p" Type="Edm.String"/></EntityType>'.encode()
        for number in range(4500)
    )
    + CLOSING.encode()
)

WRONG: dict[str, tuple[bytes | None, tuple[str, ...], int, str]] = {
    "no such file": (None, (), 2, "error[E0901]: There is no file metadata.xml."),
    "no XML": (b"no", (), 1, "error[E0431]: metadata.xml is not well-formed XML: line 1, column 1: syntax error."),
    "another root": (
        b"<a/>",
        (),
        1,
        "error[E0432]: metadata.xml is no $metadata document: line 1, column 1: it begins with",
    ),
    "no entity types": (document(), (), 1, "error[E0917]: metadata.xml has no entity types."),
    "none fits": (SMALL, ("--tables", "foo*"), 1, "error[E0917]: No entity type of metadata.xml has a name like foo*."),
    "no such folder": (SMALL, ("-o", "no/such.act"), 1, "error[E0908]: no/such.act can not be written:"),
    "too large a script": (WIDE, (), 1, "error[E0112]: The script would have"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_coded_error(tmp_path: Path, case: str) -> None:
    data, options, status, said = WRONG[case]
    if data is not None:
        (tmp_path / "metadata.xml").write_bytes(data)
    options = options if "-o" in options else (*options, "-o", "tables.act")
    done = actionlang(tmp_path, "import", "dataverse", "metadata.xml", *options)
    assert (done.status, done.out, said in done.error) == (status, "", True), done
    assert done.error.count("error[") == 1
    assert not (tmp_path / "tables.act").exists()


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    done = actionlang(tmp_path, "import", "dataverse", ".")
    assert (done.status, done.error) == (2, "error[E0901]: . can not be read: Is a directory.\n")
