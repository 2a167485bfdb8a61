"""From scripts to a published version: check, test, compile, compare, publish."""
