"""Results as JUnit XML, as CI servers read it: a test suite a script."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from actionlang.diagnostics.display import safe
from actionlang.diagnostics.render import render
from actionlang.testing.results import CaseResult, Results


def to_junit(results: Results) -> bytes:
    """The results as an XML document in UTF-8. Characters that XML can not hold are written as `<U+001B>`."""
    root = ET.Element("testsuites", {"name": "actionlang", **_counts(results.tests), "time": f"{results.seconds:.6f}"})
    for file, tests in results.by_file():
        seconds = sum(test.outcome.seconds for test in tests)
        suite = ET.SubElement(
            root, "testsuite", {"name": safe(file), **_counts(tests), "skipped": "0", "time": f"{seconds:.6f}"}
        )
        for test in tests:
            _add(suite, test)
    ET.indent(root)
    document: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return document + b"\n"


def _counts(tests: list[CaseResult] | tuple[CaseResult, ...]) -> dict[str, str]:
    failed = sum(not test.outcome.passed for test in tests)
    return {"tests": str(len(tests)), "failures": str(failed), "errors": "0"}


def _add(suite: ET.Element, test: CaseResult) -> None:
    case, diagnostic = test.case, test.outcome.diagnostic
    places = {"classname": case.module, "name": safe(case.title), "file": safe(case.file), "line": str(case.line)}
    element = ET.SubElement(suite, "testcase", {**places, "time": f"{test.outcome.seconds:.6f}"})
    if diagnostic is not None:
        said = {"message": safe(diagnostic.message), "type": diagnostic.code.id}
        ET.SubElement(element, "failure", said).text = render(diagnostic)
