"""A TypeScript client, whole: a small package without dependencies, some of whose modules are the same for all clients."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from actionlang.clients.contract import MADE_BY, Contract
from actionlang.clients.typescript.client import client
from actionlang.clients.typescript.model import model
from actionlang.clients.typescript.names import TypeScriptNames
from actionlang.clients.typescript.types import TypeScriptTypes

SAME = ("started.ts", "transport.ts", "values.ts")
"""Modules that are as they are in `actionlang/clients/typescript/runtime`."""

FRONT = """\
export { Client } from "./client.js";
export * from "./model.js";
export { Started } from "./started.js";
export type { StartedOutcome, WaitOptions } from "./started.js";
export { ActionLangError } from "./transport.js";
export type { ActionOptions, CallOptions, ClientOptions, ErrorDetail, ListOptions, Rows, StartOptions } from "./transport.js";
export { UnexpectedAnswer } from "./values.js";
export type { Day, Decimal, Duration, Id, Integer, Json, Moment, Row } from "./values.js";
"""

TSCONFIG = {
    "compilerOptions": {
        "target": "ES2022",
        "module": "NodeNext",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "rootDir": "src",
        "outDir": "dist",
        "declaration": True,
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noImplicitOverride": True,
        "noImplicitReturns": True,
        "noUncheckedIndexedAccess": True,
        "isolatedModules": True,
        "verbatimModuleSyntax": True,
    },
    "include": ["src"],
}


def typescript_client(contract: Contract) -> dict[str, str]:
    """The modules of a package that calls a contract's verbs, by name."""
    names = TypeScriptNames.of(contract)
    types = TypeScriptTypes(contract, names)
    head = f"// {MADE_BY}{contract.origin}: what is changed here is lost when it is made anew.\n\n"
    made = {
        "client.ts": client(types),
        "index.ts": FRONT,
        "model.ts": model(types),
        **{name: files("actionlang.clients.typescript").joinpath("runtime", name).read_text("utf-8") for name in SAME},
    }
    return {f"src/{name}": head + text for name, text in sorted(made.items())}


def package_files(name: str) -> dict[str, str]:
    """What makes a package of the modules, for whoever has none yet; `name` is what it is to be called."""
    plain = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "client"
    package = {
        "name": plain,
        "version": "0.1.0",
        "private": True,
        "type": "module",
        "exports": {".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"}},
        "files": ["dist"],
        "scripts": {"build": "tsc"},
        "engines": {"node": ">=20.3"},
        "devDependencies": {"typescript": ">=5.5"},
    }
    return {"package.json": _json(package), "tsconfig.json": _json(TSCONFIG)}


def _json(data: object) -> str:
    return json.dumps(data, indent=2) + "\n"
