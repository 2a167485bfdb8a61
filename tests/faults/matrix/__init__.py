"""Faults: a run, an activation, a delivery, a sealing of records, each met by each kind of fault at each of its statements.

    python -m tests.faults.matrix --all

prints the table in docs/explanation/reliability.md. `test_matrix.py` tries a part of it.
"""
