"""Names on the wire: short where they can be, unique, read back, the same whatever the order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.metadata.wire_names import WireNames, plural, read, written

MODULES = st.sampled_from(["helpdesk", "core", "verbs.desk", "größe", "a_b", "a"])
SHORT = st.sampled_from(
    ["case", "Case", "cases", "cas", "b_case", "a_b", "_x0041_", "2nd", "über", "_owner_value", " "]
)
ANY = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="`."), min_size=1, max_size=9)
FULL = st.builds("{}.{}".format, MODULES, SHORT | ANY)
SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@given(st.sets(FULL, max_size=8), st.sets(FULL, max_size=5), st.sets(FULL, max_size=8), st.randoms())
def test_names_are_unique_and_read_back(tables: set[str], choices: set[str], verbs: set[str], random) -> None:
    names = WireNames.of(tables, choices, verbs)
    in_schema = [*names.types.values(), *names.enums.values(), *names.verbs.values(), *names.responses.values()]
    in_container = [*names.sets.values(), *names.verbs.values()]
    for all_of_a_place in (in_schema, in_container):
        assert len(set(all_of_a_place)) == len(all_of_a_place)
        assert all(SIMPLE.fullmatch(each) for each in all_of_a_place)
    for table in tables:
        assert names.table_of_type(names.entity_type(table)) == table
        assert names.table_of_set(names.entity_set(table)) == table
    assert all(names.choice_of(names.enum(choice)) == choice for choice in choices)
    assert all(names.verb_of(names.verb(verb)) == verb for verb in verbs)
    shuffled = [random.sample(sorted(each), len(each)) for each in (tables, choices, verbs)]
    assert WireNames.of(*shuffled) == names


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.from_regex(r"_?x?[0-9A-F_x]{1,9}_?(value)?\Z")
)
def test_any_name_can_be_written_and_read(name: str) -> None:
    assert SIMPLE.fullmatch(written(name))
    assert read(written(name)) == name
    assert not (written(name).startswith("_") and written(name).endswith("_value"))


def test_names_are_short_where_they_are_unique() -> None:
    names = WireNames.of(
        ["helpdesk.case", "core.user", "sales.Case"],
        ["helpdesk.case.status", "helpdesk.Priority"],
        ["helpdesk.user", "a.Go"],
    )
    assert dict(names.types) == {
        "core.user": "user",
        "helpdesk.case": "helpdesk_case",
        "sales.Case": "sales_Case",
    }
    assert names.entity_set("helpdesk.case") == "helpdesk_cases"
    assert dict(names.enums) == {"helpdesk.Priority": "Priority", "helpdesk.case.status": "case_status"}
    assert dict(names.verbs) == {"a.Go": "Go", "helpdesk.user": "helpdesk_user"}
    assert names.qualified(names.response("a.Go")) == "Microsoft.Dynamics.CRM.GoResponse"


def test_a_table_that_is_a_plural_and_one_that_is_not() -> None:
    names = WireNames.of(["shop.detail", "shop.Details", "shop.orders"])
    assert dict(names.sets) == {"shop.Details": "Details", "shop.detail": "details_2", "shop.orders": "orders"}
    assert names.table_of_set("details_2") == "shop.detail"
    assert names.entity_type("shop.orders") == names.entity_set("shop.orders")


def test_lookups_to_several_tables_have_a_navigation_property_each() -> None:
    names = WireNames.of(["core.user", "core.team"])
    assert names.key_property("owner") == "_owner_value"
    assert names.navigation("owner", "core.user") == "owner_user"
    assert names.navigation("owner", "core.user", ["owner", "owner_user"]) == "owner_x005F_user"


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("case", "cases"),
        ("company", "companies"),
        ("day", "days"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("y", "ys"),
        ("Details", "Details"),
        ("ORDERS", "ORDERS"),
        ("order_lines", "order_lines"),
        ("address", "addresses"),
        ("status", "statuses"),
        ("basis", "basises"),
        ("s", "ses"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many
