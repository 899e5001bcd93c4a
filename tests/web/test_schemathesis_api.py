"""The API's own description, turned into requests that it should and should not take."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("schemathesis", reason="schemathesis is missing: it is in the test group")
PATH = Path(__file__).parents[1] / "bench" / "api_cases.py"
CASES = 2_000


@pytest.mark.filterwarnings("ignore")
def test_no_generated_request_breaks_the_api_or_gets_in_where_the_table_says_no(tmp_path):
    spec = importlib.util.spec_from_file_location("api_cases", PATH)
    api_cases = sys.modules["api_cases"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(api_cases)
    store, landlord, app = api_cases.desk_of(tmp_path)
    try:
        found = api_cases.run(store, landlord, app, cases=CASES, seed_of=1)
    finally:
        store.close()
    assert found.faults == []
    assert found.sent >= CASES
    assert found.statuses[200] > 50, "some requests must be good, or nothing was tried"
    assert found.statuses[401] > 50
    assert found.statuses[403] > 50
    assert found.statuses[422] > 50
