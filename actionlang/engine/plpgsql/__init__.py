"""A plan as one PL/pgSQL function, with the interpreter's meaning: run by the database itself, in one round trip.

Steps become statements in the order they are written; whatever may fail is worked out in a statement of its own, so that the
failure that counts is the same one. Expressions are translated by `engine.relational`; here is what only a procedure can do: rows
kept in variables, failures with their code and message, branches, loops, attempts.

`script` writes a function for any client of the database, `session_function` the one that a session's runs call.
"""
