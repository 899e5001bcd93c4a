"""The notebook runs from top to bottom, is stripped of outputs and is the same as its text form."""

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NAME = "01_train_a_candidate"


@pytest.fixture(scope="module")
def folder(request):
    return request.config.rootpath / "notebooks"


def test_the_notebook_runs(folder, monkeypatch):
    monkeypatch.setenv("TRIAGE_NOTEBOOK_CONTACTS", "200")
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    printed = "".join(output["text"] for output in notebook.cells[-1].outputs if output["output_type"] == "stream")
    assert "in use:" in printed


def test_the_notebook_holds_no_outputs(folder):
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    assert all(
        not cell.get("outputs") and cell.get("execution_count") is None
        for cell in notebook.cells
        if cell.cell_type == "code"
    )


def test_both_forms_of_the_notebook_say_the_same(folder):
    paired = jupytext.read(folder / f"{NAME}.ipynb").cells
    plain = jupytext.read(folder / f"{NAME}.py").cells
    assert [(cell.cell_type, cell.source) for cell in paired] == [(cell.cell_type, cell.source) for cell in plain]
