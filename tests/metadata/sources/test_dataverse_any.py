"""Any document at all: what it becomes is a script that checks and says the same."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.syntax.tokens import KEYWORDS
from tests.metadata.sources.documents import document, imported
from tests.metadata.sources.test_dataverse import as_written

ODD = """
id Id ID team user text date größe 2nd _x_value x _X_value account account_2 x_account x_team now count result x_base
ownerid _ownerid_value
""".split()
NAMES = st.sampled_from(["Order Details", *ODD, *sorted(KEYWORDS)]) | st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"), exclude_characters="`."), min_size=1, max_size=6
)
PRIMITIVES = (
    "Guid Guid Guid String Int32 Int64 Boolean Decimal Decimal Double Date DateTimeOffset Duration TimeOfDay Binary Geography"
).split()
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30)


def tag(name: str, *inner: str, **attributes: str | None) -> str:
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{''.join(inner)}</{name}>"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A document of a few types that refer to one another."""
    entities = draw(st.lists(NAMES, unique=True, max_size=5))
    enums = [name for name in draw(st.lists(NAMES, unique=True, max_size=2)) if name not in entities]
    complexes = [name for name in draw(st.lists(NAMES, unique=True, max_size=2)) if name not in (*entities, *enums)]
    own = [f"mscrm.{name}" for name in (*entities, *enums, *complexes, "missing")]
    used = st.sampled_from([f"Edm.{name}" for name in PRIMITIVES] + own)
    types = used | used.map(lambda name: f"Collection({name})")
    few = st.lists(NAMES, unique=True, max_size=4)
    flags = st.sampled_from(["true", "false", None])

    def said() -> str:
        terms = draw(
            st.lists(st.sampled_from(["Description", "Computed", "Immutable", "OptionalParameter"]), max_size=2)
        )
        text = draw(TEXTS)
        return "".join(tag("Annotation", Term=f"Org.OData.Core.V1.{term}", String=text) for term in terms)

    def properties(name: str, names: list[str]) -> list[str]:
        return [
            tag(
                name,
                said(),
                Name=each,
                Type=draw(types),
                Nullable=draw(flags),
                MaxLength=draw(st.sampled_from([None, "max", "0", "20"])),
                Precision=draw(st.sampled_from([None, "0", "9", "99"])),
                Scale=draw(st.sampled_from([None, "variable", "2", "10"])),
            )
            for each in names
        ]

    def entity(number: int, name: str) -> str:
        base = draw(st.sampled_from([None, *own[:number]])) if number else None
        names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=8))
        key = tag(
            "Key", *(tag("PropertyRef", Name=each) for each in draw(st.lists(st.sampled_from(names), unique=True)))
        )
        navigations = [
            tag(
                "NavigationProperty",
                *(
                    tag("ReferentialConstraint", Property=draw(st.sampled_from(names)), ReferencedProperty="id")
                    for _ in range(draw(st.integers(0, 2)))
                ),
                Name=each,
                Type=draw(st.sampled_from([*own[: len(entities)], "Collection(mscrm.missing)"])),
                Partner=draw(st.none() | NAMES),
            )
            for each in draw(st.lists(NAMES, unique=True, max_size=4))
        ]
        return tag(
            "EntityType",
            key,
            *properties("Property", names),
            *navigations,
            said(),
            Name=name,
            BaseType=base,
            Abstract=draw(flags),
        )

    def operation(kind: str) -> str:
        returns = draw(types | st.none())
        answer = () if returns is None else (tag("ReturnType", Type=returns, Nullable=draw(flags)),)
        return tag(kind, *properties("Parameter", draw(few)), *answer, said(), Name=draw(NAMES), IsBound=draw(flags))

    return document(
        tag("EntityType", tag("Property", Name="p", Type="Edm.Int32"), Name="at least one"),
        *(entity(number, name) for number, name in enumerate(entities)),
        *(
            tag(
                "EnumType",
                *(
                    tag("Member", Name=each, Value=draw(st.none() | st.integers(-3, 3).map(str)))
                    for each in draw(st.lists(NAMES, max_size=4))
                ),
                said(),
                Name=name,
                IsFlags=draw(flags),
            )
            for name in enums
        ),
        *(tag("ComplexType", *properties("Property", draw(few)), Name=name) for name in complexes),
        *(operation(kind) for kind in draw(st.lists(st.sampled_from(["Action", "Function"]), max_size=5))),
    )


@settings(max_examples=100, deadline=None)
@given(documents())
def test_the_script_checks_and_says_the_same(data: bytes) -> None:
    as_written(imported(data))
