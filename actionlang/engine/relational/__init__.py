"""The relational engine: a plan compiled to a few SQL statements over a set of rows.

`expressions.translate` is the way in for one expression: typed plan expressions become SQL in a `Scope`, which says what
a local is, spelt by the `Spelling` of a database. What can not be proved to mean the same raises `NotRelational`, and
whoever asked keeps to the interpreter.
"""
