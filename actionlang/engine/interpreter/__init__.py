"""The interpreter: a plan bound once to a store, as plain closures, then run row by row. The reference
meaning.

`bind` is the way in. Every step becomes an `Execute`, every expression an `Evaluate`; both take the frame of
the verb that runs: a list with the unit, the outputs and the verb's locals, each in a place known when the
plan was bound.
"""
