"""The rules of reading and changing rows as PostgreSQL's row security, for whoever asks the database itself.

The policies ask the roles that the database has at the moment, so they stay as they are when roles change. Who asks is in the
setting `actionlang.caller`, as the id of a user: `Policy(row_security=True)` sets it for the time of each run. They hold for
everyone but superusers and roles with BYPASSRLS, owners of tables included. A verb that runs as the system needs such a role.
https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.access.needs import depths_of
from actionlang.access.people import MEMBERSHIPS, TEAMS, USERS
from actionlang.access.rights import PERSONAL, Depth
from actionlang.access.tables import GRANTS, MEMBERS
from actionlang.diagnostics.catalogue.access import NO_ROW_SECURITY
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import quoted
from actionlang.metadata.tables import Table

POLICY = "actionlang_"
CALLER = "nullif(current_setting('actionlang.caller', true), '')"

WORDS = {"read": "SELECT", "create": "INSERT", "delete": "DELETE"}
CHANGES = ("update", "assign", "move")
"""Words that are one command of SQL: a row that may be changed in one of these ways may be changed in all of them by it."""


def see_that_it_is_possible(dialect: str) -> None:
    """See that a database has row security. Raises ActionLangError."""
    if dialect != "postgresql":
        message = f"Row security is PostgreSQL's; {dialect} has none."
        hint = "runs are held to the rules on every database; this is only for other ways to the rows"
        raise ActionLangError(Diagnostic(NO_ROW_SECURITY, message, hint=hint))


def policies_of(schema: Schema) -> tuple[str, ...]:
    """The statements that make the policies of all tables, in the place of earlier ones."""
    found = [*_functions()]
    for table in _tables(schema):
        name = _stored(table)
        found += _dropped(name)
        found.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        found.append(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
        for word, command in WORDS.items():
            rule = _rule(table, word)
            clause = f"WITH CHECK ({rule})" if command == "INSERT" else f"USING ({rule})"
            found.append(f"CREATE POLICY {POLICY}{word} ON {name} FOR {command} {clause}")
        changing = " OR ".join(f"({_rule(table, word)})" for word in CHANGES)
        found.append(f"CREATE POLICY {POLICY}update ON {name} FOR UPDATE USING ({changing}) WITH CHECK (true)")
    return tuple(found)


def dropping(schema: Schema) -> tuple[str, ...]:
    """The statements that take row security off all these tables."""
    found: list[str] = []
    for table in _tables(schema):
        name = _stored(table)
        found += _dropped(name)
        found.append(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY")
        found.append(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY")
    return tuple(found)


def _tables(schema: Schema) -> list[Table]:
    return [table for _, table in sorted(schema.tables.items())]


def _dropped(name: str) -> Iterator[str]:
    for word in (*WORDS, "update"):
        yield f"DROP POLICY IF EXISTS {POLICY}{word} ON {name}"


def _functions() -> Iterator[str]:
    """What the policies ask. They run with their maker's rights, for the tables of people have row security, too."""
    users, memberships = _stored(USERS), _stored(MEMBERSHIPS)
    yield (
        "CREATE OR REPLACE FUNCTION actionlang_user(email text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path FROM CURRENT AS $$ SELECT u.id::text FROM {users} u WHERE u.email = $1 $$"
    )
    yield (
        "CREATE OR REPLACE FUNCTION actionlang_teams() RETURNS TABLE(id text) LANGUAGE sql STABLE SECURITY DEFINER "
        f'SET search_path FROM CURRENT AS $$ SELECT m.team::text FROM {memberships} m WHERE m."user"::text = {CALLER} $$'
    )
    yield (
        "CREATE OR REPLACE FUNCTION actionlang_mates() RETURNS TABLE(id text) LANGUAGE sql STABLE SECURITY DEFINER "
        f'SET search_path FROM CURRENT AS $$ SELECT m."user"::text FROM {memberships} m '
        "WHERE m.team::text IN (SELECT actionlang_teams()) $$"
    )
    depth = "CASE g.depth WHEN 'all' THEN 3 WHEN 'team' THEN 2 ELSE 1 END"
    yield (
        "CREATE OR REPLACE FUNCTION actionlang_depth(word text, subject text) RETURNS integer LANGUAGE sql STABLE "
        f"SECURITY DEFINER SET search_path FROM CURRENT AS $$ SELECT coalesce(max({depth}), 0) FROM {GRANTS.name} g "
        f"JOIN {MEMBERS.name} h ON h.role = g.role JOIN {users} u ON u.id::text = {CALLER} AND u.active "
        "WHERE g.word = $1 AND (g.subject IN ('*', $2) OR ($2 LIKE replace(left(g.subject, -1), '_', '\\_') || '%' "
        "AND right(g.subject, 2) = '.*')) "
        f"AND (h.member = {CALLER} OR h.member IN (SELECT actionlang_teams())) $$"
    )


def _rule(table: Table, word: str) -> str:
    """The condition that a row of a table is within reach."""
    depth = f"(SELECT actionlang_depth('{word}', '{table.name}'))"
    ways = [f"{depth} >= {int(Depth.ALL)}"]
    if depths_of(word, table):
        own, team = _personal(table) if table.name in PERSONAL else _owned(table)
        if table.name == MEMBERSHIPS.name:
            # The rules themselves ask who is in the caller's teams.
            own = f"{own} OR {team}"
        floor = own if word == "read" and table.name in PERSONAL else f"({depth} >= {int(Depth.OWN)} AND {own})"
        ways += [floor, f"({depth} >= {int(Depth.TEAM)} AND ({team}))"]
    rule = " OR ".join(ways)
    return rule if word in ("read", "create") else f"({rule}) AND ({_rule(table, 'read')})"


def _owned(table: Table) -> tuple[str, str]:
    """The conditions that a row is the caller's own, or one of the caller's teams."""
    assert table.owner is not None
    user, team = (quoted(f"{table.owner.stored}_{word}") for word in ("user", "team"))
    own = f"{user}::text = {CALLER}"
    return own, f"{team}::text IN (SELECT actionlang_teams()) OR {user}::text IN (SELECT actionlang_mates())"


def _personal(table: Table) -> tuple[str, str]:
    if table.name == USERS.name:
        return f"id::text = {CALLER}", "id::text IN (SELECT actionlang_mates())"
    if table.name == TEAMS.name:
        return "id::text IN (SELECT actionlang_teams())", "id::text IN (SELECT actionlang_teams())"
    return f'"user"::text = {CALLER}', "team::text IN (SELECT actionlang_teams())"


def _stored(table: Table) -> str:
    return ".".join(quoted(part) for part in table.stored.split("."))
