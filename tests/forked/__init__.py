"""`actionlang` in a process of its own that begins quickly: forked from one that has loaded what the command would load first.

A thousand commands are run by the tests, and each would spend most of its time on loading the same libraries. What is forked is a
process like any other, with its own folder, environment, streams, signals and exit code. Tests of how a process starts, and those
that set what Python itself reads when it starts, have a new one.
"""
