-- What real SQLite databases have: odd names, odd keys, odd types, and what the language can not say.

CREATE TABLE country (
    code CHAR(2) NOT NULL PRIMARY KEY,
    "name" VARCHAR(80) NOT NULL UNIQUE,
    calling_code INTEGER UNIQUE
);

CREATE TABLE "Order Details" (
    "Order No" INTEGER NOT NULL,
    "Line" INTEGER NOT NULL,
    "2nd text" TEXT,
    "größe" NUMERIC(8, 3) NOT NULL DEFAULT 1.5,
    "unique" TEXT NOT NULL UNIQUE,
    "select" INTEGER NOT NULL DEFAULT -1,
    "a.b" TEXT,
    "say ""hi""" TEXT,
    "tick`" TEXT,
    PRIMARY KEY ("Order No", "Line")
);

CREATE TABLE "date" (
    id INTEGER PRIMARY KEY,
    "date" DATE NOT NULL DEFAULT CURRENT_DATE,
    datetime DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    stamp TIMESTAMP DEFAULT (datetime('now'))
);

CREATE TABLE person (
    person_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(100) NOT NULL DEFAULT 'nobody said "who"',
    boss_id INTEGER REFERENCES person,
    country_code CHAR(2) NOT NULL REFERENCES country (code),
    calling INTEGER REFERENCES country (calling_code),
    country TEXT,
    status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'in use', 'gone')),
    rank INTEGER CHECK (rank IN (10, 20, 30)) DEFAULT 20,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    flag INTEGER NOT NULL DEFAULT 0 CHECK (flag IN (0, 1)),
    short TEXT CHECK (length(short) <= 5),
    age INTEGER CHECK (age >= 0),
    full_name TEXT GENERATED ALWAYS AS (name || ' of ' || country_code) STORED,
    token TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
    born DATE DEFAULT '1970-01-01',
    weight REAL,
    score DOUBLE NOT NULL DEFAULT 0.5,
    picture BLOB,
    guid UUID NOT NULL UNIQUE,
    anything,
    data JSON DEFAULT '{}',
    big NUMERIC(60, 2),
    any_number NUMERIC,
    UNIQUE (name, country_code)
);

CREATE INDEX person_name ON person (name);
CREATE UNIQUE INDEX person_boss ON person (boss_id) WHERE active;
CREATE UNIQUE INDEX person_token ON person (token);

-- The person's own key is this one's, too.
CREATE TABLE employee (
    person_id INTEGER NOT NULL PRIMARY KEY REFERENCES person (person_id),
    salary DECIMAL(19, 4)
);

-- A lookup to a key of two columns, which is a part of this table's own key.
CREATE TABLE parcel (
    order_no INTEGER NOT NULL,
    line INTEGER NOT NULL,
    number INTEGER NOT NULL,
    replaces_order INTEGER,
    replaces_line INTEGER,
    replaces_number INTEGER,
    tenant INTEGER NOT NULL,
    packer INTEGER,
    PRIMARY KEY (order_no, line, number),
    FOREIGN KEY (order_no, line) REFERENCES "Order Details" ("Order No", "Line"),
    FOREIGN KEY (replaces_order, replaces_line, replaces_number) REFERENCES parcel,
    FOREIGN KEY (packer, tenant) REFERENCES assignment (person, tenant)
);

CREATE TABLE assignment (
    tenant INTEGER NOT NULL,
    person INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role = 'boss' OR role = 'hand'),
    PRIMARY KEY (tenant, person)
);

-- No primary key, but a column that is as good as one.
CREATE TABLE setting (
    name TEXT NOT NULL UNIQUE,
    value TEXT
);

CREATE TABLE log_line (
    written DATETIME,
    line TEXT
);

CREATE TABLE measured (
    at REAL PRIMARY KEY,
    value REAL
);

-- Keys that refer to each other.
CREATE TABLE chicken (egg INTEGER NOT NULL PRIMARY KEY REFERENCES egg (chicken));
CREATE TABLE egg (chicken INTEGER NOT NULL PRIMARY KEY REFERENCES chicken (egg));

CREATE VIEW grown_up AS SELECT * FROM person WHERE age >= 18;

CREATE TABLE actionlang_run (id TEXT PRIMARY KEY);
