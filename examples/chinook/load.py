"""Makes chinook.db anew, as it comes from its authors: python load.py"""

import gzip
import sqlite3
from pathlib import Path

HERE = Path(__file__).parent
DATABASE = HERE / "chinook.db"


def main() -> None:
    """Run the authors' script."""
    DATABASE.unlink(missing_ok=True)
    script = gzip.decompress((HERE / "data" / "Chinook_Sqlite.sql.gz").read_bytes()).decode("utf-8-sig")
    connection = sqlite3.connect(DATABASE)
    connection.executescript(f"BEGIN;{script};COMMIT;")
    tracks, lines = (
        connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("Track", "InvoiceLine")
    )
    connection.close()
    print(f"Made {DATABASE.name}: {tracks} tracks, {lines} lines on invoices.")


if __name__ == "__main__":
    main()
