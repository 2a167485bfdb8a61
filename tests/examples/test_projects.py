"""Every example checks without a word, and its own tests pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.projects import EXAMPLES, NAMES, Project

pytestmark = pytest.mark.process


def test_all_are_there() -> None:
    assert NAMES == ["approval", "chinook", "embedding", "helpdesk", "plugins", "sales", "wholesale"]
    for name in NAMES:
        assert (EXAMPLES / name / "README.md").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_it_checks(name: str, tmp_path: Path) -> None:
    printed = Project.copy(name, tmp_path).fine("actionlang", "check")
    assert "warning" not in printed


@pytest.mark.parametrize("name", NAMES)
def test_its_tests_pass(name: str, tmp_path: Path) -> None:
    example = Project.copy(name, tmp_path)
    example.fine("actionlang", "test")


def test_a_sale(tmp_path: Path) -> None:
    example = Project.copy("sales", tmp_path)
    example.fine("actionlang", "tables", "create")
    example.fine("actionlang", "run", "Seed")
    example.fine("actionlang", "run", "Convert", "--on", "lead L-2042", "closes=2099-01-29")
    printed = example.fine("actionlang", "run", "OfferRoof", "--on", "opportunity L-2042", "number=Q-311", "panels=220")
    # 220 panels at 289 less 5 per cent, 19 inverters at 1,140, 220 times 95
    assert "102961" in printed.replace(",", "")


def test_an_approval(tmp_path: Path) -> None:
    example = Project.copy("approval", tmp_path)
    example.fine("actionlang", "tables", "create")
    example.fine("actionlang", "run", "Seed")
    asked = ("number=P-2041", "requester=bram@rijnhoeve.example", "subject=Ultrasound scanner", "amount=41500")
    example.fine("actionlang", "run", "RequestPurchase", *asked)
    example.fine("actionlang", "run", "Approve", "--on", "request P-2041", "by=saskia@rijnhoeve.example")
    refused = example.run("actionlang", "run", "Approve", "--on", "request P-2041", "by=willemijn@rijnhoeve.example")
    assert refused.returncode == 3
    assert "Willemijn Bakker is not the one whom request P-2041 waits for." in refused.stdout


def test_the_shop(tmp_path: Path) -> None:
    example = Project.copy("embedding", tmp_path)
    example.fine("actionlang", "compile", "-o", "build")
    printed = example.fine("python", "-W", "error", "shop.py")
    readme = (example.folder / "README.md").read_text("utf-8")
    assert printed in readme


def test_the_freight_desk(tmp_path: Path) -> None:
    example = Project.copy("plugins", tmp_path)
    example.fine("actionlang", "compile", "-o", "build")
    readme = (example.folder / "README.md").read_text("utf-8")
    assert example.fine("python", "-W", "error", "freight.py") in readme
    assert example.fine("actionlang", "plugins") in readme


def test_an_order_of_a_wholesaler(tmp_path: Path) -> None:
    example = Project.copy("wholesale", tmp_path)
    example.fine("actionlang", "tables", "create")
    example.fine("actionlang", "run", "Open")
    order = ("lines=01 000001 0001 05", "lines=02 000002 0002 15", "line_count=2", "all_local=false")
    # A key of three parts, two of them those of the district that is in it.
    assert "985.32" in example.fine("actionlang", "run", "NewOrder", "--on", "1,1,1", *order)
    assert example.run("actionlang", "run", "NewOrder", "--on", "1,1", *order).returncode == 2
    example.fine("actionlang", "run", "Deliver", "--on", "1", "carrier=7")
    printed = example.fine("actionlang", "run", "order_status", "customer=1, 1, 1")
    assert "977.5" in printed
    assert "open_lines  0" in printed
