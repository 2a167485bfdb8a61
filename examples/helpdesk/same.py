"""Shows that a command left the rows of a database as they were: python same.py DATABASE_FILE COMMAND...

Takes a picture of every row but the audit records, runs the command, and compares. Ends with the command's own exit code, or 1 when a
row differs.
"""

import sqlite3
import subprocess
import sys


def picture(file: str) -> dict[str, set[tuple[object, ...]]]:
    """All rows of all tables, but those of the audit."""
    database = sqlite3.connect(file)
    names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    rows = {
        name: set(database.execute(f'SELECT * FROM "{name}"')) for name in names if not name.startswith("actionlang_")
    }
    database.close()
    return rows


def main() -> int:
    """Compare before and after."""
    file, *command = sys.argv[1:]
    before = picture(file)
    code = subprocess.run(command, stderr=subprocess.STDOUT, check=False).returncode
    after = picture(file)
    count = sum(map(len, after.values()))
    print(f"\nAll {count} rows are as they were." if after == before else "\nRows were changed.", flush=True)
    return code if after == before else 1


if __name__ == "__main__":
    sys.exit(main())
